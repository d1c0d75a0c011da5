//! What opens the page for those who are not known otherwise.

use crate::server::ServerError;
use crate::store;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use std::path::Path;
use std::str::FromStr;

/// Fewest characters of a token: fewer could be guessed.
const MIN_CHARACTERS: usize = 16;
/// Bytes of chance in one that is made here.
const BYTES: usize = 24;

/// What opens the page for those who are not known otherwise.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// A text that cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has {MIN_CHARACTERS} characters or more, of letters, digits, `-`, `_` and `.`")]
pub struct NoToken;

impl FromStr for Token {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        // These stand in an address as they are, a form's too.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let good = text.len() >= MIN_CHARACTERS && text.bytes().all(plain);
        if good { Ok(Self(text.to_owned())) } else { Err(NoToken) }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// The token of a home folder, which is made there if there is none, or none that only its user can read.
    ///
    /// # Errors
    /// It can neither be read nor written; the system has no randomness.
    pub fn of_home(home: &Path) -> Result<Self, ServerError> {
        if let Some(token) = store::read_token(home)?.and_then(|text| text.trim().parse().ok()) {
            return Ok(token);
        }
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|e| std::io::Error::other(e.to_string()))?;
        let token = Self(hexadecimal(&bytes));
        store::write_token(home, &token.0)?;
        Ok(token)
    }

    /// The text of an address that opens the page.
    pub(in crate::server) fn text(&self) -> &str {
        &self.0
    }

    /// Whether somebody showed it.
    pub(in crate::server) fn is(&self, shown: &str) -> bool {
        // By their hashes, so that the time it takes says nothing about how much of it was right.
        Sha256::digest(&self.0) == Sha256::digest(shown)
    }

    /// What a browser keeps that has shown it: proof of the token, but not the token.
    pub(in crate::server) fn proof(&self) -> String {
        hexadecimal(&Sha256::digest(format!("tunemask cookie {}", self.0)))
    }

    /// Whether a browser showed [`Token::proof`].
    pub(in crate::server) fn is_proved_by(&self, cookie: &str) -> bool {
        Sha256::digest(self.proof()) == Sha256::digest(cookie)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_keeps_its_token() {
        let home = tempfile::tempdir().unwrap();
        let token = Token::of_home(home.path()).unwrap();
        assert_eq!(Token::of_home(home.path()).unwrap(), token);
        assert_eq!(token.text().len(), 2 * BYTES);
        let file = home.path().join("token");
        // Half written, or not by us: a new one.
        std::fs::write(&file, "short").unwrap();
        assert_ne!(Token::of_home(home.path()).unwrap(), token);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(Token::of_home(other.path()).unwrap(), token);
        assert!(!format!("{token:?}").contains(token.text()));
    }

    #[cfg(unix)]
    #[test]
    fn a_token_that_others_could_read_is_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let token = Token::of_home(home.path()).unwrap();
        let file = home.path().join("token");
        let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        assert_ne!(Token::of_home(home.path()).unwrap(), token);
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn it_is_shown_whole_or_not_at_all() {
        let token: Token = "abcdefghijklmnop".parse().unwrap();
        assert!(token.is("abcdefghijklmnop") && token.is_proved_by(&token.proof()));
        for wrong in ["", "abcdefghijklmno", "abcdefghijklmnop ", &token.proof()] {
            assert!(!token.is(wrong), "{wrong}");
        }
        assert!(!token.is_proved_by("abcdefghijklmnop"));
        for wrong in ["", "abcdefghijklmno", "abcdefghijklmnop&", "abcdefghijklmno p", "ábcdefghijklmnop"] {
            assert!(wrong.parse::<Token>().is_err(), "{wrong}");
        }
    }
}

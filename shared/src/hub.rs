//! Names of repositories on the Hugging Face hub: `hf:OWNER/NAME[@REVISION]`.
//!
//! A name is checked as far as it goes without the hub, because it becomes a part of paths and addresses: whatever is read
//! here cannot lead out of the cache's folder.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a name of the hub begins with.
pub const HUB_PREFIX: &str = "hf:";

/// Longest name of a repository, in bytes.
const MAX_REPOSITORY: usize = 96;
/// Longest name of a revision, in bytes.
const MAX_REVISION: usize = 200;
/// Digits of a commit.
const COMMIT_DIGITS: usize = 40;

/// What a repository holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryKind {
    /// A model.
    Model,
    /// A data set.
    Dataset,
}

impl RepositoryKind {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            RepositoryKind::Model => "model",
            RepositoryKind::Dataset => "data set",
        }
    }
}

/// A repository of the hub, and which state of it is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HubName {
    repository: String,
    revision: Option<String>,
}

/// How far the server is with a download that a page has asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Download {
    /// It has not begun, or the program has been started anew since.
    None,
    /// It goes on.
    Runs {
        /// Bytes that are here.
        bytes: u64,
        /// Bytes in all; 0 until that is known.
        of: u64,
    },
    /// All is here.
    Done,
    /// It ended.
    Failed {
        /// What was wrong and what to do.
        reason: String,
    },
}

/// Why a text is not the name of a repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubNameError {
    /// It does not begin with [`HUB_PREFIX`].
    #[error("`{0}` does not begin with {HUB_PREFIX}; write it as {HUB_PREFIX}OWNER/NAME")]
    Prefix(String),
    /// The repository.
    #[error(
        "`{0}` is not a repository of the hub; write it as {HUB_PREFIX}OWNER/NAME, such as {HUB_PREFIX}google-bert/bert-base-uncased"
    )]
    Repository(String),
    /// The revision.
    #[error("`{0}` is not a revision; name a branch, a tag or a commit behind the @")]
    Revision(String),
}

impl HubName {
    /// Whether a model or data folder is named as one of the hub.
    pub fn is_meant(text: &str) -> bool {
        text.trim_start().starts_with(HUB_PREFIX)
    }

    /// `OWNER/NAME`; only old repositories have no owner.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// A branch, a tag or a commit, if one is named.
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// The commit, if that is what is named.
    pub fn commit(&self) -> Option<&str> {
        self.revision().filter(|revision| is_commit(revision))
    }

    /// The same repository at another revision.
    ///
    /// # Errors
    /// It is not a revision.
    pub fn at(&self, revision: &str) -> Result<Self, HubNameError> {
        if !is_revision(revision) {
            return Err(HubNameError::Revision(revision.to_owned()));
        }
        Ok(Self { repository: self.repository.clone(), revision: Some(revision.to_owned()) })
    }
}

impl FromStr for HubName {
    type Err = HubNameError;
    fn from_str(text: &str) -> Result<Self, HubNameError> {
        let text = text.trim();
        let name = text.strip_prefix(HUB_PREFIX).ok_or_else(|| HubNameError::Prefix(text.to_owned()))?;
        let (repository, revision) = match name.split_once('@') {
            Some((repository, revision)) => (repository, Some(revision)),
            None => (name, None),
        };
        let parts: Vec<&str> = repository.split('/').collect();
        let fits = repository.len() <= MAX_REPOSITORY && parts.len() <= 2;
        if !(fits && parts.iter().all(|part| is_part(part))) {
            return Err(HubNameError::Repository(repository.to_owned()));
        }
        let plain = Self { repository: repository.to_owned(), revision: None };
        revision.map_or(Ok(plain.clone()), |revision| plain.at(revision))
    }
}

impl fmt::Display for HubName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HUB_PREFIX}{}", self.repository)?;
        self.revision().map_or(Ok(()), |revision| write!(f, "@{revision}"))
    }
}

/// Whether a text is a whole commit: 40 hexadecimal digits in lower case.
pub fn is_commit(text: &str) -> bool {
    text.len() == COMMIT_DIGITS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// An owner or a name, as the hub allows them: `--` stands for `/` in the cache, so no name has it.
fn is_part(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let edge = |c: char| c == '.' || c == '-';
    !text.is_empty()
        && text.chars().all(inner)
        && !text.starts_with(edge)
        && !text.ends_with(edge)
        && !text.contains("--")
        && !text.contains("..")
}

/// A branch, a tag or a commit; a branch may have parts, as `refs/convert/parquet` does.
fn is_revision(text: &str) -> bool {
    let part = |part: &str| {
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'));
        plain && !part.is_empty() && !part.starts_with('.') && !part.contains("..")
    };
    text.len() <= MAX_REVISION && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let commit = "86b5e0934494bd15c9632b12f734a8a67f723594";
        let pinned = format!("hf:google-bert/bert-base-uncased@{commit}");
        for text in [
            "hf:google-bert/bert-base-uncased",
            "hf:bert-base-uncased",
            "hf:nyu-mll/glue@main",
            "hf:eriktks/conll2003@refs/convert/parquet",
            "hf:o/n@v1.0+cpu",
            &pinned,
        ] {
            assert_eq!(text.parse::<HubName>().unwrap().to_string(), text);
        }
        let name: HubName = " hf:nyu-mll/glue ".parse().unwrap();
        assert_eq!((name.repository(), name.revision(), name.commit()), ("nyu-mll/glue", None, None));
        assert_eq!(name.at(commit).unwrap().commit(), Some(commit));
        assert_eq!(name.at("main").unwrap().commit(), None);
        assert!(HubName::is_meant(" hf:x") && !HubName::is_meant("models/hf:x"));
    }

    /// A name becomes a part of a path and of an address.
    #[test]
    fn no_name_leads_elsewhere() {
        for text in [
            "hf:",
            "hf:/",
            "hf:a/",
            "hf:/b",
            "hf:a/b/c",
            "hf:../b",
            "hf:a/..",
            "hf:.a/b",
            "hf:a/b-",
            "hf:a--b/c",
            "hf:a b/c",
            "hf:a/b?x",
            "hf:a/b%2F",
            "hf:ä/b",
            "hf:a\\b",
        ] {
            let error = text.parse::<HubName>().unwrap_err().to_string();
            assert!(error.contains("write it as hf:OWNER/NAME"), "{error}");
        }
        for revision in ["", "..", "a/../b", "/a", "a/", "a b", ".git", "a?b", "a#b", "a@b", "a\nb"] {
            let error = format!("hf:a/b@{revision}").parse::<HubName>().unwrap_err().to_string();
            assert!(error.contains("behind the @"), "{error}");
        }
        assert!(
            "google-bert/bert-base-uncased"
                .parse::<HubName>()
                .unwrap_err()
                .to_string()
                .contains("begin with hf:")
        );
        assert!(format!("hf:{}", "a".repeat(97)).parse::<HubName>().is_err());
    }
}

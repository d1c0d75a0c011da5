//! Texts of users on a terminal: names, paths, words of a file.
//!
//! What a terminal would obey instead of showing it (escapes, line breaks, turned directions of writing) is shown as an
//! escape of Rust's: `\u{1b}`, `\n`. All else stays as it is.

use std::borrow::Cow;

/// A text of one line.
pub fn line(text: &str) -> Cow<'_, str> {
    shown(text, is_obeyed)
}

/// A text whose line breaks are meant.
pub fn lines(text: &str) -> Cow<'_, str> {
    shown(text, |c| c != '\n' && is_obeyed(c))
}

/// JSON, in which a character has another escape.
pub fn json(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed, |c| format!("\\u{:04x}", u32::from(c)))
}

fn shown(text: &str, obeyed: impl Fn(char) -> bool) -> Cow<'_, str> {
    escaped(text, obeyed, |c| c.escape_default().to_string())
}

fn escaped(text: &str, obeyed: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if obeyed(c) { out.push_str(&escape(c)) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Control characters of both sets, Unicode's line ends, marks and overrides of direction.
fn is_obeyed(c: char) -> bool {
    let turns =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(line("β “x” 🙂 \\n"), "β “x” 🙂 \\n");
        assert_eq!(line("a\u{1b}[2J\r\n\u{9b}31mb\u{202e}"), r"a\u{1b}[2J\r\n\u{9b}31mb\u{202e}");
        assert_eq!(lines("a\nb\u{7}"), "a\nb\\u{7}");
    }

    #[test]
    fn json_stays_what_it_was() {
        let text = serde_json::to_string("a\u{1b}\n\u{9b}\u{2028}\u{202e}").unwrap();
        let shown = json(&text);
        assert!(shown.chars().all(|c| !is_obeyed(c)), "{shown}");
        assert_eq!(
            serde_json::from_str::<String>(&shown).unwrap(),
            serde_json::from_str::<String>(&text).unwrap()
        );
    }
}

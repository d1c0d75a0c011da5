//! Words in an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded of a value: all but letters, digits and what addresses have no other use for.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');

/// A word as it was before it was percent-encoded.
pub(super) fn decoded(word: &str) -> String {
    percent_decode_str(word).decode_utf8_lossy().into_owned()
}

/// A word, percent-encoded.
pub(super) fn encoded(word: &str) -> String {
    utf8_percent_encode(word, ENCODED).to_string()
}

/// Words apart by commas, each percent-encoded.
pub(super) fn encoded_list(words: &[String]) -> String {
    words.iter().map(|word| encoded(word)).collect::<Vec<_>>().join(",")
}

//! How messages travel: short ones as the text that they are, long ones as zlib data in a binary frame.
//!
//! Neither axum nor tungstenite compresses frames (permessage-deflate), so it is done here, for what the server says; pages
//! say little. JSON of runs is of one text over and over: the part of a large experiment becomes a twentieth.

use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use std::io::{Read, Result};

/// Texts of so many bytes are compressed; shorter ones fit into a few packets as they are.
pub const LONG_BYTES: usize = 4096;

/// A text as zlib data (RFC 1950).
///
/// # Errors
/// None today: memory is read and written.
pub fn compress(text: &str) -> Result<Vec<u8>> {
    let mut data = Vec::with_capacity(text.len() / 8);
    // Higher levels take several times as long for a tenth less.
    ZlibEncoder::new(text.as_bytes(), Compression::fast()).read_to_end(&mut data)?;
    Ok(data)
}

/// The bytes of the text that became this data.
///
/// # Errors
/// It is no zlib data, or not all of it.
pub fn expand(data: &[u8]) -> Result<Vec<u8>> {
    let mut text = Vec::with_capacity(data.len() * 8);
    ZlibDecoder::new(data).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_and_a_piece_of_one_does_not() {
        for text in ["", "ä", &"{\"mask\":\"layernorms\",\"β\":1e-3}".repeat(1000)] {
            let data = compress(text).unwrap();
            assert_eq!(expand(&data).unwrap(), text.as_bytes());
            assert!(text.len() < 1000 || data.len() * 20 < text.len(), "{} of {}", data.len(), text.len());
            assert!(expand(&data[..data.len() - 1]).is_err());
        }
        assert!(expand(b"{}").is_err());
    }
}

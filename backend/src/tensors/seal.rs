//! Checksums that a file of tensors carries of itself.
//!
//! `sha256.NAME` is that of a tensor's type, dimensions and values, so that one tensor can be verified without the others;
//! `sha256` is that of all else that the file says, those checksums among it. So a flipped bit is seen wherever it is.

use safetensors::Dtype;
use sha2::{Digest, Sha256};
use tunemask_shared::run::hexadecimal;

/// Key of the checksum over all that the file says.
pub(super) const WHOLE: &str = "sha256";

const OF_TENSOR: &str = "sha256.";

/// Key of a tensor's checksum.
pub(super) fn key(tensor: &str) -> String {
    format!("{OF_TENSOR}{tensor}")
}

/// The tensor that a key speaks of, if it is one of [`key`]'s.
pub(super) fn tensor_of(key: &str) -> Option<&str> {
    key.strip_prefix(OF_TENSOR)
}

/// The checksum of a tensor.
pub(super) fn tensor(dtype: Dtype, dims: &[usize], bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{dtype:?} {dims:?} ").as_bytes());
    hash.update(bytes);
    hexadecimal(&hash.finalize())
}

/// The checksum of what a file says, but for itself.
pub(super) fn whole<'a>(metadata: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let mut metadata: Vec<_> = metadata.filter(|(key, _)| *key != WHOLE).collect();
    metadata.sort_unstable();
    let mut hash = Sha256::new();
    for (key, value) in metadata {
        // With their lengths, so that no text of a key and a value can be taken for another's.
        hash.update(format!("{} {key} {} {value}\n", key.len(), value.len()).as_bytes());
    }
    hexadecimal(&hash.finalize())
}

//! What scalars are recognised by, bit for bit.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// SHA-256 over the digests of pieces of some scalars, little-endian, on all threads.
pub(crate) fn digest(values: &[f32]) -> [u8; 32] {
    let piece = |values: &[f32]| -> [u8; 32] {
        let mut digest = Sha256::new();
        let mut bytes = Vec::new();
        for part in values.chunks(1 << 14) {
            bytes.clear();
            part.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
            digest.update(&bytes);
        }
        digest.finalize().into()
    };
    let pieces: Vec<[u8; 32]> = values.par_chunks(1 << 20).map(piece).collect();
    Sha256::digest(pieces.as_flattened()).into()
}

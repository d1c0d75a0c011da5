//! What a tensor's scalars are, and how they become f32.

use half::{bf16, f16};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};

/// Bytes that are read and converted at a time; a multiple of every scalar's.
const PART: usize = 1 << 20;

/// What a tensor's scalars are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::model) enum Scalar {
    F64,
    F32,
    F16,
    Bf16,
    /// Not floating-point numbers of these; by their name.
    Other(Cow<'static, str>),
}

impl Scalar {
    /// As it is called.
    pub(in crate::model) fn name(&self) -> &str {
        match self {
            Scalar::F64 => "F64",
            Scalar::F32 => "F32",
            Scalar::F16 => "F16",
            Scalar::Bf16 => "BF16",
            Scalar::Other(name) => name,
        }
    }

    /// Bytes of one; `None` if it cannot become a weight.
    pub(in crate::model) fn bytes(&self) -> Option<usize> {
        match self {
            Scalar::F64 => Some(8),
            Scalar::F32 => Some(4),
            Scalar::F16 | Scalar::Bf16 => Some(2),
            Scalar::Other(_) => None,
        }
    }

    /// Converts little-endian bytes, as many as fill `out`.
    pub(super) fn convert(&self, bytes: &[u8], out: &mut [f32]) {
        match self {
            Scalar::F64 => each(bytes, out, |b| f64::from_le_bytes(b) as f32),
            Scalar::F32 => each(bytes, out, f32::from_le_bytes),
            Scalar::F16 => each(bytes, out, |b| f16::from_le_bytes(b).to_f32()),
            Scalar::Bf16 => each(bytes, out, |b| bf16::from_le_bytes(b).to_f32()),
            Scalar::Other(_) => {}
        }
    }

    /// Reads what follows in a file, as much as fills `out`, without holding it all beside `out`.
    pub(super) fn read(&self, file: &mut File, out: &mut [f32]) -> io::Result<()> {
        let Some(size) = self.bytes() else { return Ok(()) };
        let mut bytes = vec![0; PART.min(out.len() * size)];
        for out in out.chunks_mut(PART / size) {
            let bytes = &mut bytes[..out.len() * size];
            file.read_exact(bytes)?;
            self.convert(bytes, out);
        }
        Ok(())
    }
}

fn each<const N: usize>(bytes: &[u8], out: &mut [f32], value: impl Fn([u8; N]) -> f32) {
    out.iter_mut().zip(bytes.as_chunks::<N>().0).for_each(|(out, &bytes)| *out = value(bytes));
}

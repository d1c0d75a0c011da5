//! A gang's frozen matrices in bf16, for a processor that multiplies them faster than f32.
//!
//! Each is packed when it is first read, once for each direction; a matrix that trains stays in f32.

use super::kernels::matmul::Into;
use crate::Precision;
use crate::plan::slots::Slot;
use std::ops::Range;

/// Which factor a product with a matrix `[outputs, columns]` has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// `y[rows, outputs] = x[rows, columns] Wᵀ`.
    Forward,
    /// `dx[rows, columns] = dy[rows, outputs] W`.
    Back,
}

#[cfg(feature = "onednn")]
pub use packed::Narrow;

/// Whether this processor can multiply in bf16.
///
/// # Errors
/// A sentence that says why not.
pub fn check() -> Result<(), String> {
    Narrow::check()
}

#[cfg(feature = "onednn")]
mod packed {
    use super::{Direction, Into, Precision, Range, Slot};
    use crate::cpu::kernels::bf16_matmul;
    use crate::cpu::kernels::onednn::Packed;
    use sha2::{Digest, Sha256};
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};

    type Key = (Slot, (usize, usize), Direction);
    type Kept = (Arc<Packed>, [u8; 32]);

    /// The matrices that were read so far.
    #[derive(Default)]
    pub struct Narrow {
        matrices: Mutex<BTreeMap<Key, Kept>>,
        failure: OnceLock<String>,
    }

    fn digest(packed: &Packed) -> [u8; 32] {
        Sha256::digest(packed.bytes()).into()
    }

    impl Narrow {
        /// For a gang with these numbers, if they want it.
        pub fn of(precision: Precision) -> Option<Self> {
            (precision == Precision::FrozenBf16).then(Self::default)
        }

        /// Whether this processor can.
        ///
        /// # Errors
        /// A sentence that says why not.
        pub fn check() -> Result<(), String> {
            #[cfg(target_arch = "x86_64")]
            if !std::arch::is_x86_feature_detected!("avx512bf16") {
                return Err("this processor has no bf16 products (AVX512-BF16 or AMX)".into());
            }
            let tried = Packed::new(&[0.0; 1024], (32, 32), true);
            tried.map(|_| ()).map_err(|why| format!("oneDNN has no bf16 products on this processor ({why})"))
        }

        /// A product of `rows` rows with rows `part` of a matrix whose values are `weight`, which nobody trains.
        pub fn product(
            &self,
            (slot, part): (Slot, &Range<usize>),
            direction: Direction,
            weight: &[f32],
            (rows, input): (usize, &[f32]),
            (output, into): (&mut [f32], Into),
        ) {
            let columns = weight.len() / part.len();
            let (n, k) = match direction {
                Direction::Forward => (part.len(), columns),
                Direction::Back => (columns, part.len()),
            };
            let packed = self.packed((slot, (part.start, part.end), direction), weight, (k, n));
            let done =
                packed.and_then(|packed| bf16_matmul::product(&packed, (rows, n, k), input, output, into));
            if let Err(why) = done {
                self.failure.get_or_init(|| format!("a product in bf16 failed: {why}"));
            }
        }

        fn packed(&self, key: Key, weight: &[f32], dims: (usize, usize)) -> Result<Arc<Packed>, String> {
            let mut all = self.matrices.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((packed, _)) = all.get(&key) {
                return Ok(packed.clone());
            }
            let packed = Arc::new(Packed::new(weight, dims, key.2 == Direction::Forward)?);
            all.insert(key, (packed.clone(), digest(&packed)));
            Ok(packed)
        }

        /// What went wrong in a product since the gang was made, after which nothing computed is of use.
        pub fn failure(&self) -> Option<&str> {
            self.failure.get().map(String::as_str)
        }

        /// Whether all matrices have the bits that they were packed with.
        pub fn unchanged(&self) -> bool {
            let all = self.matrices.lock().unwrap_or_else(PoisonError::into_inner);
            all.values().all(|(packed, before)| digest(packed) == *before)
        }
    }
}

/// In a build without oneDNN there is none.
#[cfg(not(feature = "onednn"))]
pub enum Narrow {}

#[cfg(not(feature = "onednn"))]
impl Narrow {
    /// There is none.
    pub fn of(_: Precision) -> Option<Self> {
        None
    }

    /// Says that this build cannot.
    ///
    /// # Errors
    /// Always.
    pub fn check() -> Result<(), String> {
        Err("this program was built without bf16 for the processor: install oneDNN (Debian's libdnnl-dev) and build \
             it with `cargo build --release --features onednn`"
            .into())
    }

    /// There is none.
    pub fn product(
        &self,
        _: (Slot, &Range<usize>),
        _: Direction,
        _: &[f32],
        _: (usize, &[f32]),
        _: (&mut [f32], Into),
    ) {
        match *self {}
    }

    /// There is none.
    pub fn failure(&self) -> Option<&str> {
        match *self {}
    }

    /// There is none.
    pub fn unchanged(&self) -> bool {
        match *self {}
    }
}

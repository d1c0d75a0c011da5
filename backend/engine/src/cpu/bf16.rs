//! A gang's frozen matrices in bf16, for a processor that multiplies them faster than f32.
//!
//! Each is packed when it is first read, once for each direction; a matrix that trains stays in f32.

use super::kernels::matmul::Accumulate;
use crate::Precision;
use crate::pass::MatrixPart;

/// Which factor a product with a matrix `[outputs, columns]` has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// `y[rows, outputs] = x[rows, columns] Wᵀ`.
    Forward,
    /// `d_x[rows, columns] = d_y[rows, outputs] W`.
    Backward,
}

/// A product of rows with some rows of a matrix.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "onednn"), expect(dead_code, reason = "only oneDNN multiplies"))]
pub(super) struct Bf16Product {
    /// The rows of the matrix.
    pub matrix: MatrixPart,
    /// Which factor it is.
    pub direction: Direction,
    /// Rows of the other factor.
    pub rows: usize,
    /// What happens to what stood in the result.
    pub accumulate: Accumulate,
}

#[cfg(feature = "onednn")]
pub(super) use packed::Bf16Weights;

/// Whether this processor can multiply in bf16.
///
/// # Errors
/// A sentence that says why not.
pub(crate) fn check() -> Result<(), String> {
    Bf16Weights::check()
}

#[cfg(feature = "onednn")]
mod packed {
    use super::{Bf16Product, Direction, Precision};
    use crate::cpu::kernels::bf16_matmul;
    use crate::cpu::kernels::onednn::{Packed, Transpose};
    use crate::pass::MatrixPart;
    use crate::plan::slots::Slot;
    use sha2::{Digest, Sha256};
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};

    /// Rows of a matrix, and the factor that they are packed for.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    struct PackedAs {
        slot: Slot,
        first: usize,
        outputs: usize,
        direction: Direction,
    }

    /// A packed matrix, and the digest of its bytes as they were packed.
    struct PackedMatrix {
        packed: Arc<Packed>,
        digest: [u8; 32],
    }

    /// The matrices that were read so far.
    #[derive(Default)]
    pub(crate) struct Bf16Weights {
        matrices: Mutex<BTreeMap<PackedAs, PackedMatrix>>,
        failure: OnceLock<String>,
    }

    fn digest(packed: &Packed) -> [u8; 32] {
        Sha256::digest(packed.bytes()).into()
    }

    impl Bf16Weights {
        /// For a gang with this precision, if it wants it.
        pub(crate) fn of(precision: Precision) -> Option<Self> {
            match precision {
                Precision::FrozenBf16 => Some(Self::default()),
                Precision::F32 | Precision::Tf32 | Precision::Bf16 => None,
            }
        }

        /// Whether this processor can.
        ///
        /// # Errors
        /// A sentence that says why not.
        pub(crate) fn check() -> Result<(), String> {
            #[cfg(target_arch = "x86_64")]
            if !std::arch::is_x86_feature_detected!("avx512bf16") {
                return Err("this processor has no bf16 products (AVX512-BF16 or AMX)".into());
            }
            let tried = Packed::new(&[0.0; 1024], 32, 32, Transpose::Yes);
            tried.map(|_| ()).map_err(|why| format!("oneDNN has no bf16 products on this processor ({why})"))
        }

        /// A product with a matrix whose values are `weight`, which nobody trains.
        pub(crate) fn product(
            &self,
            product: Bf16Product,
            weight: &[f32],
            input: &[f32],
            output: &mut [f32],
        ) {
            let done = self.packed(product, weight).and_then(|packed| {
                bf16_matmul::product(&packed, product.rows, input, output, product.accumulate)
            });
            if let Err(why) = done {
                self.failure.get_or_init(|| format!("a product in bf16 failed: {why}"));
            }
        }

        fn packed(&self, product: Bf16Product, weight: &[f32]) -> Result<Arc<Packed>, String> {
            let Bf16Product { matrix: MatrixPart { slot, first, outputs, columns, .. }, direction, .. } =
                product;
            let key = PackedAs { slot, first, outputs, direction };
            let mut all = self.matrices.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(PackedMatrix { packed, .. }) = all.get(&key) {
                return Ok(packed.clone());
            }
            let packed = Arc::new(match direction {
                Direction::Forward => Packed::new(weight, columns, outputs, Transpose::Yes)?,
                Direction::Backward => Packed::new(weight, outputs, columns, Transpose::No)?,
            });
            all.insert(key, PackedMatrix { packed: packed.clone(), digest: digest(&packed) });
            Ok(packed)
        }

        /// What went wrong in a product since the gang was made, after which nothing computed is of use.
        pub(crate) fn failure(&self) -> Option<&str> {
            self.failure.get().map(String::as_str)
        }

        /// Whether all matrices have the bits that they were packed with.
        pub(crate) fn unchanged(&self) -> bool {
            let all = self.matrices.lock().unwrap_or_else(PoisonError::into_inner);
            all.values().all(|matrix| digest(&matrix.packed) == matrix.digest)
        }
    }
}

/// In a build without oneDNN there is none.
#[cfg(not(feature = "onednn"))]
pub(crate) enum Bf16Weights {}

#[cfg(not(feature = "onednn"))]
impl Bf16Weights {
    /// There is none.
    pub(crate) fn of(_: Precision) -> Option<Self> {
        None
    }

    /// Says that this build cannot.
    ///
    /// # Errors
    /// Always.
    pub(crate) fn check() -> Result<(), String> {
        Err("this program was built without bf16 for the processor: install oneDNN (Debian's libdnnl-dev) and build \
             it with `cargo build --release --features onednn`"
            .into())
    }

    /// There is none.
    pub(crate) fn product(&self, _: Bf16Product, _: &[f32], _: &[f32], _: &mut [f32]) {
        match *self {}
    }

    /// There is none.
    pub(crate) fn failure(&self) -> Option<&str> {
        match *self {}
    }

    /// There is none.
    pub(crate) fn unchanged(&self) -> bool {
        match *self {}
    }
}

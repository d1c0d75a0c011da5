//! Whose bits a device computes.
//!
//! Row kernels, matrix products and oneDNN choose their instructions when the program runs, by the kind of processor, and
//! cuBLAS its kernels by the GPU. Another choice sums in another order, and rounds otherwise.

use tunemask_shared::run::{Arithmetic, Precision};

/// The processor's: which of the kernels' variants it runs.
pub(crate) fn of_processor(precision: Precision) -> Arithmetic {
    let level = level();
    // oneDNN takes other instructions where there are tiles.
    let tiles = precision == Precision::FrozenBf16 && has_tiles();
    Arithmetic(if tiles { format!("{level}, tiles") } else { level.into() })
}

/// The variants of the row kernels; the crate of the matrix products makes the same difference.
#[cfg(target_arch = "x86_64")]
fn level() -> &'static str {
    use std::arch::is_x86_feature_detected as has;
    let wide = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
    match (has!("avx2") && has!("fma"), wide) {
        (true, true) => "x86-64-v4",
        (true, false) => "x86-64-v3",
        (false, _) => "x86-64",
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn level() -> &'static str {
    std::env::consts::ARCH
}

/// Whether the processor has AMX's tiles, as Linux says it.
fn has_tiles() -> bool {
    std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| {
        let flags = text.lines().find(|line| line.starts_with("flags"));
        flags.is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "amx_bf16"))
    })
}

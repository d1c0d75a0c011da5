//! The names of all kernels.

use super::super::machine::{Precision, suffix};

/// Those that do not know of activations.
const PLAIN: [&str; 11] = [
    "collect",
    "round_all",
    "digest",
    "loss",
    "dense_forward",
    "head_gradient",
    "move_scalars",
    "add_up",
    "squares",
    "step_check",
    "adam",
];

/// Those that there are for each kind of activations.
const TYPED: [&str; 16] = [
    "embed",
    "table_gradient",
    "norm_forward",
    "norm_backward",
    "gelu_forward",
    "gelu_backward",
    "column_sums",
    "gather_rows",
    "add_rows",
    "head_forward",
    "head_backward",
    "dense_inputs",
    "dense_backward",
    "sparse_apply",
    "sparse_gradient",
    "sparse_table",
];

/// Those that there are for each kind of activations and for heads of different widths: lanes' columns.
const ATTENTION: ([&str; 3], [u32; 3]) = (["forward", "queries", "keys"], [1, 2, 4]);

/// All of them, as a device finds them.
pub(crate) fn names() -> Vec<String> {
    let mut all: Vec<String> = PLAIN.iter().map(|name| format!("tunemask_{name}")).collect();
    for kind in [Precision::F32, Precision::Bf16].map(suffix) {
        all.extend(TYPED.iter().map(|name| format!("tunemask_{name}_{kind}")));
        for name in ATTENTION.0 {
            all.extend(ATTENTION.1.map(|lanes| format!("tunemask_attention_{name}_{kind}_{lanes}")));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    /// A device that finds its kernels when it is opened must know of each that is launched.
    #[test]
    fn the_names_are_those_of_the_kernels_files() {
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        assert_eq!(sorted(super::names()), sorted(tunemask_emulator::kernels()));
    }
}

//! A run for tests.

use tunemask_shared::experiment::EpsilonPlace;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::run::RunSpec;
use tunemask_shared::task::Task;

/// A run of four epochs in batches of four.
pub(super) fn spec(task: Task, seed: u64) -> RunSpec {
    RunSpec {
        engine: 1,
        model: String::new(),
        task,
        data: String::new(),
        mask: Mask::LayerNorms,
        switches: MaskSwitches::default(),
        learning_rate: 0.5,
        seed,
        epochs: 4,
        batch_size: 4,
        max_length: 128,
        warmup_fraction: 0.0,
        dropout: None,
        adam: [0.9, 0.999, 1e-6],
        epsilon_place: EpsilonPlace::Pytorch,
        train_limit: None,
        eval_limit: None,
        precision: None,
        clip_predictions: false,
    }
}

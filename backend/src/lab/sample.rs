//! A run for tests.

use tunemask_shared::fixtures::run_spec;
use tunemask_shared::run::RunSpec;
use tunemask_shared::task::Task;

/// A run of four epochs in batches of four.
pub(super) fn spec(task: Task, seed: u64) -> RunSpec {
    RunSpec {
        model: String::new(),
        task,
        data: String::new(),
        learning_rate: 0.5,
        seed,
        epochs: 4,
        batch_size: 4,
        warmup_fraction: 0.0,
        ..run_spec()
    }
}

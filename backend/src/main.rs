//! Tunemask: fine-tune transformer encoders by their modules, and see which modules carry a task.

use std::process::ExitCode;
use tunemask::commands;

// A training step's buffers are large and short-lived; the system's allocator hands their pages back each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::main()
}

//! What is said of a user's own data.
#![no_main]

use tunemask_torture::fuzz::{entries, quiet};

libfuzzer_sys::fuzz_target!(init: quiet(), |input: &[u8]| entries::dataset_toml(input));

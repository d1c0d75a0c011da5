//! What a worker says of it.
#![no_main]

use tunemask_torture::fuzz::{entries, quiet};

libfuzzer_sys::fuzz_target!(init: quiet(), |input: &[u8]| entries::segment(input));

//! Tunemask.
fn main() {}

//! The bundler.
fn main() {}

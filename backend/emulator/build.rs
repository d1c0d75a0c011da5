//! Compiles the kernels with the host's C++ compiler.

use std::path::Path;

fn main() {
    let kernels = Path::new("../src/engine/kernels");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed={}", kernels.display());
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .opt_level(2)
        .define("TUNEMASK_EMULATOR", None)
        .include("src")
        .include(kernels)
        .flag_if_supported("-fno-strict-aliasing")
        // Pragmas of the device's compiler.
        .flag_if_supported("-Wno-unknown-pragmas")
        .flag_if_supported("-Wno-unused-function")
        .file("src/emulator.cpp")
        .compile("tunemask_emulator");
}

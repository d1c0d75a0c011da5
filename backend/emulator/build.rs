//! Compiles the kernels with the host's C++ compiler, and on Linux the pretended driver's two libraries.

use std::path::{Path, PathBuf};

fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").include("src").pic(true);
    build
}

fn main() {
    let kernels = Path::new("../engine/src/cuda/kernels");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed={}", kernels.display());
    let emulator = compiler()
        .opt_level(2)
        .define("TUNEMASK_EMULATOR", None)
        .include(kernels)
        .flag_if_supported("-fno-strict-aliasing")
        // Pragmas of the device's compiler.
        .flag_if_supported("-Wno-unknown-pragmas")
        .flag_if_supported("-Wno-unused-function")
        .file("src/emulator.cpp")
        .compile_intermediates();
    let mut archive = compiler();
    emulator.iter().for_each(|object| _ = archive.object(object));
    archive.compile("tunemask_emulator");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux")
        && let Err(reason) = pretend(&emulator)
    {
        println!("cargo::error=the pretended driver's libraries cannot be made: {reason}");
        std::process::exit(1);
    }
}

/// `libcuda.so` with the emulator in it, and `libcublas.so`, in a folder of their own.
fn pretend(emulator: &[PathBuf]) -> Result<(), String> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    // In the build's folder itself every program that a test starts would look for libraries, and find these.
    for library in ["libcuda.so", "libcublas.so"] {
        _ = std::fs::remove_file(out.join(library));
    }
    let out = out.join("pretended");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    // The products' loop is worth the compiler's pains.
    let objects = |files: &[String]| {
        compiler().opt_level(3).files(files).try_compile_intermediates().map_err(|e| e.to_string())
    };
    let driver = objects(&["gpu", "driver", "kernels", "control"].map(|name| format!("src/{name}.cpp")))?;
    link(&out.join("libcuda.so"), &[&driver[..], emulator].concat())?;
    let cublas = objects(&["src/cublas.cpp".to_owned()])?;
    link(&out.join("libcublas.so"), &[&cublas[..], &[out.join("libcuda.so")]].concat())?;
    println!("cargo::rustc-env=TUNEMASK_PRETENDED_DRIVER={}", out.display());
    Ok(())
}

/// A shared library that goes by its file's name, by which programs look for it.
fn link(library: &Path, objects: &[PathBuf]) -> Result<(), String> {
    let name = library.file_name().unwrap_or_default().to_string_lossy();
    let mut command = compiler().get_compiler().to_command();
    command
        .arg("-shared")
        .arg(format!("-Wl,-soname,{name}"))
        .arg("-pthread")
        .args(objects)
        .arg("-o")
        .arg(library);
    let done = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if done.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).replace('\n', " | "))
    }
}

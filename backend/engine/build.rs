//! Compiles the GPU's kernels with the feature `cuda`, and what reaches oneDNN with the feature `onednn`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// In the order in which they are one file.
const KERNELS: [&str; 9] =
    ["embedding", "layer_norm", "gelu", "attention", "head", "dense", "rows", "sparse", "adam"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "onednn")]
    onednn();
    if std::env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return;
    }
    if let Err(reason) = compile() {
        println!("cargo::error={reason}");
        std::process::exit(1);
    }
}

#[cfg(feature = "onednn")]
fn onednn() {
    let source = "src/cpu/kernels/onednn.cpp";
    println!("cargo::rerun-if-changed={source}");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").opt_level(2).file(source);
    if let Err(reason) = build.try_compile("tunemask_onednn") {
        let what = "the feature `onednn` needs oneDNN 2 or 3 with its headers, Debian's libdnnl-dev";
        println!("cargo::error={what}: {}", reason.to_string().trim().replace('\n', " | "));
        std::process::exit(1);
    }
    println!("cargo::rustc-link-lib=dnnl");
    // Debian's computes with OpenMP.
    println!("cargo::rustc-link-lib=gomp");
}

/// `kernels.fatbin` in the build's folder: machine code for compute capabilities 8.0 and 9.0, and PTX from which a
/// driver makes that of later ones.
fn compile() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=TUNEMASK_NO_NVCC");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let (source, image) = (out.join("kernels.cu"), out.join("kernels.fatbin"));
    if std::env::var_os("TUNEMASK_NO_NVCC").is_some_and(|value| value == "1") {
        return std::fs::write(&image, NO_KERNELS).map_err(|e| format!("{}: {e}", image.display()));
    }
    for name in ["CUDA_HOME", "CUDA_PATH", "PATH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let folder = Path::new("src/cuda/kernels");
    println!("cargo::rerun-if-changed={}", folder.display());
    let nvcc = nvcc().ok_or(
        "there is no nvcc, which the feature `cuda` needs: install the CUDA toolkit (12.8 to 13.0) and put nvcc on PATH, \
         or set CUDA_HOME to the toolkit's folder",
    )?;
    // A driver that is older than the toolkit takes neither its machine code nor its PTX.
    let toolkit = version(&nvcc).unwrap_or_else(|| "of an unknown version".into());
    println!("cargo::rustc-env=TUNEMASK_CUDA_TOOLKIT={toolkit}");
    if let Some(driver) = first_driver(&toolkit) {
        println!("cargo::rustc-env=TUNEMASK_CUDA_DRIVER={driver}");
    }
    let text: String = KERNELS.iter().map(|kernel| format!("#include \"{kernel}.cu\"\n")).collect();
    std::fs::write(&source, text).map_err(|e| format!("{}: {e}", source.display()))?;
    let mut command = Command::new(&nvcc);
    command.args(["-std=c++17", "-O3", "-fatbin", "--threads", "0"]);
    command.args(["-gencode", "arch=compute_80,code=[sm_80,compute_80]"]);
    command.args(["-gencode", "arch=compute_90,code=sm_90"]);
    command.arg("-I").arg(folder).arg("-o").arg(&image).arg(&source);
    let done = command.output().map_err(|e| format!("{}: {e}", nvcc.display()))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().replace('\n', " | ");
    Err(format!("{} cannot compile the kernels: {said}", nvcc.display()))
}

/// What stands for the kernels in a build for tests and lints, which have no nvcc: `TUNEMASK_NO_NVCC=1`.
const NO_KERNELS: &[u8] = b"no kernels: built without nvcc";

/// A toolkit's version, such as 13.0.
fn version(nvcc: &Path) -> Option<String> {
    let said = Command::new(nvcc).arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let (_, behind) = said.split_once("release ")?;
    Some(behind.split([',', '\n']).next()?.trim().to_owned())
}

/// The first driver that takes what a toolkit makes, as NVIDIA's release notes say it.
fn first_driver(toolkit: &str) -> Option<u32> {
    match toolkit {
        "12.8" => Some(570),
        "12.9" => Some(575),
        "13.0" => Some(580),
        _ => None,
    }
}

fn nvcc() -> Option<PathBuf> {
    let homes = ["CUDA_HOME", "CUDA_PATH"].into_iter().filter_map(std::env::var_os);
    let homes = homes.map(|home| PathBuf::from(home).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let usual = [PathBuf::from("/usr/local/cuda/bin")];
    let name = if cfg!(windows) { "nvcc.exe" } else { "nvcc" };
    homes.chain(path).chain(usual).map(|folder| folder.join(name)).find(|file| file.is_file())
}

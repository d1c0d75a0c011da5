//! Looks after the page that a release program holds; compiles the GPU's kernels with the feature `cuda`, and what
//! reaches oneDNN with the feature `onednn`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// In the order in which they are one file.
const KERNELS: [&str; 8] = ["embedding", "layer_norm", "gelu", "attention", "head", "rows", "sparse", "adam"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    page();
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

/// A release program is built again for a page that was. A dev build reads the page from its folder.
fn page() {
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let index = "../static/pkg/index.html";
    if release && Path::new(index).is_file() {
        println!("cargo::rerun-if-changed={index}");
    } else if release {
        // What is absent would be taken for changed each time; the folder above changes with the first page.
        println!("cargo::rerun-if-changed=../static");
    }
}

#[cfg(feature = "onednn")]
fn onednn() {
    let source = "src/engine/kernels/onednn.cpp";
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
    for name in ["CUDA_HOME", "CUDA_PATH", "PATH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let folder = Path::new("src/engine/kernels");
    println!("cargo::rerun-if-changed={}", folder.display());
    let nvcc = nvcc().ok_or(
        "there is no nvcc, which the feature `cuda` needs: install the CUDA toolkit (12.8 to 13.0) and put nvcc on PATH, \
         or set CUDA_HOME to the toolkit's folder",
    )?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let (source, image) = (out.join("kernels.cu"), out.join("kernels.fatbin"));
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

fn nvcc() -> Option<PathBuf> {
    let homes = ["CUDA_HOME", "CUDA_PATH"].into_iter().filter_map(std::env::var_os);
    let homes = homes.map(|home| PathBuf::from(home).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let usual = [PathBuf::from("/usr/local/cuda/bin")];
    let name = if cfg!(windows) { "nvcc.exe" } else { "nvcc" };
    homes.chain(path).chain(usual).map(|folder| folder.join(name)).find(|file| file.is_file())
}

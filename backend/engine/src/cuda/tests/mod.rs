//! Each kernel on the emulated device against its definition in f64, with f32 and with bf16 activations, and with
//! its threads in either order.

mod rig;
mod rows;
mod attention;
mod head;
mod scalars;
#[cfg(all(feature = "cuda", target_os = "linux"))]
mod driver;

use std::path::Path;

/// Where one of the lists lacks a file, its kernels are in no image for a GPU, or in no test.
#[test]
fn every_kernel_file_is_built_and_emulated() {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(engine.join(path)).unwrap();
    let (build, emulator) = (read("build.rs"), read("../emulator/src/emulator.cpp"));
    let list = build.split("const KERNELS").nth(1).and_then(|rest| rest.split(';').nth(1)).unwrap();
    let mut built: Vec<String> =
        list.split('"').skip(1).step_by(2).map(|name| format!("{name}.cu")).collect();
    let includes =
        emulator.lines().filter_map(|line| line.strip_prefix("#include \"")?.strip_suffix(".cu\""));
    let mut emulated: Vec<String> = includes.map(|name| format!("{name}.cu")).collect();
    assert_eq!(built, emulated, "both are one translation unit, in one order");
    let folder = std::fs::read_dir(engine.join("src/cuda/kernels")).unwrap();
    let mut there: Vec<String> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.retain(|name| name.ends_with(".cu"));
    for names in [&mut built, &mut emulated, &mut there] {
        names.sort();
    }
    assert_eq!(built, there, "KERNELS in build.rs");
    assert_eq!(emulated, there, "includes in emulator.cpp");
}

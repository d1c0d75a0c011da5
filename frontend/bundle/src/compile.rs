//! From the crate to wasm and its JavaScript glue.

use crate::machine::{DEBIAN_CARGO, DEBIAN_RUSTC, TARGET, plain};
use crate::toolchain::Toolchain;
use anyhow::{Context, Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

const PROFILE: &str = "wasm-release";

/// Views of one type instead of one each: leptos' `erase_components` makes the page smaller and is built faster.
const FLAGS: &str = "--cfg erase_components";

/// What the exports of classes are called that a dependency offers to JavaScript and that nothing here makes: the
/// streams of server functions.
const UNUSED_CLASSES: &str = "intounderlying";

/// The page before its files have names.
pub struct Compiled {
    /// The module.
    pub wasm: Vec<u8>,
    /// The glue, an ES module whose default export takes `{ module_or_path }`.
    pub js: String,
    /// JavaScript that dependencies bring, by the address under which the glue imports it.
    pub snippets: Vec<(String, String)>,
}

/// Where the page is built: apart from the program, as another compiler may build it.
pub fn target_folder(root: &Path) -> PathBuf {
    let base = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let base = if base.is_absolute() { base } else { root.join(base) };
    base.join("wasm")
}

/// Builds the crate and returns where its wasm lies.
pub fn wasm(root: &Path, toolchain: &Toolchain) -> Result<PathBuf> {
    let target_folder = target_folder(root);
    let mut command = match toolchain {
        Toolchain::Installed => Command::new("cargo"),
        Toolchain::Debian { .. } => Command::new(DEBIAN_CARGO),
    };
    plain(&mut command)
        .current_dir(root)
        .stdin(Stdio::null())
        .env("RUSTFLAGS", FLAGS)
        .args(["build", "--locked", "--package", "tunemask-page", "--lib"])
        .args(["--target", TARGET, "--profile", PROFILE, "--target-dir"])
        .arg(&target_folder);
    if let Toolchain::Debian { linker } = toolchain {
        command
            .env("RUSTC", DEBIAN_RUSTC)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
            // Building the standard library is unstable; the variable lets a stable compiler do it.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Z", "build-std=std,panic_abort"]);
    }
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("cargo could not build tunemask-page for {TARGET} (see above)");
    }
    Ok(target_folder.join(TARGET).join(PROFILE).join("tunemask_page.wasm"))
}

/// The glue, and the module that it expects.
///
/// Binaryen's optimiser has no part in it: it makes the module smaller on the disk and larger as it travels
/// (measured: -19 % raw, +10 % with brotli), as it breaks the repetitions that compression lives on.
pub fn bind(raw: &Path) -> Result<Compiled> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(raw).out_name("tunemask").typescript(false).omit_default_module_path(true);
    bindgen.remove_producers_section(true).remove_name_section(true);
    let mut output = bindgen.web(true)?.generate_output().context("wasm-bindgen")?;
    if !output.local_modules().is_empty() {
        bail!("a dependency of the page brings JavaScript files of its own, which the bundler does not hash");
    }
    let snippets = output.snippets().iter().flat_map(|(crate_name, texts)| {
        let address = move |i| format!("./snippets/{crate_name}/inline{i}.js");
        texts.iter().enumerate().map(move |(i, text)| (address(i), text.clone()))
    });
    let snippets = snippets.collect();
    let js = output.js().to_owned();
    let wasm = without_unused_classes(output.wasm_mut()).emit_wasm();
    Ok(Compiled { wasm, js, snippets })
}

/// Takes out what only unused classes need. The glue keeps their shells, which nobody calls.
fn without_unused_classes(module: &mut Module) -> &mut Module {
    let unused =
        module.exports.iter().filter(|export| export.name.contains(UNUSED_CLASSES)).map(|export| export.id());
    for export in unused.collect::<Vec<_>>() {
        module.exports.delete(export);
    }
    walrus::passes::gc::run(module);
    module
}

//! What this machine has of each compiler, and the two ways to get one.

use crate::toolchain::{Facts, Step, Toolchain, next};
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The target.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// `rustup target add` waits for ever where its server cannot be reached.
const ADD_TARGET_LIMIT: Duration = Duration::from_secs(120);
/// Where Debian puts its compiler, whatever else is on the path.
pub const DEBIAN_CARGO: &str = "/usr/bin/cargo";
/// See [`DEBIAN_CARGO`].
pub const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// The oldest compiler that builds the workspace.
const OLDEST: (u32, u32) = (1, 95);

/// A toolchain that can build the page; gets one if there is none.
pub fn toolchain(root: &Path) -> Result<Toolchain> {
    let mut tried = Tried::default();
    loop {
        let facts = facts(&tried);
        match next(&facts) {
            Step::Build(toolchain) => return Ok(toolchain),
            Step::AddTarget => {
                tried.adding_target = true;
                add_target();
            }
            Step::Install(packages) => {
                tried.installing = true;
                install(root, &packages)?;
            }
            Step::GiveUp => bail!(
                "no compiler for {TARGET}: run `rustup target add {TARGET}`, or on Debian as root \
                 `apt-get install rustc-web cargo-web rust-web-src lld-22`"
            ),
        }
    }
}

/// What was tried already: nothing is tried twice.
#[derive(Default)]
struct Tried {
    adding_target: bool,
    installing: bool,
}

fn facts(tried: &Tried) -> Facts {
    let sysroot = output("rustc", &["--print", "sysroot"]).map(PathBuf::from);
    let library = sysroot.as_ref().map(|s| s.join("lib/rustlib").join(TARGET).join("lib"));
    Facts {
        target_installed: library.is_some_and(|l| l.is_dir()),
        can_add_target: !tried.adding_target && on_path("rustup").is_some(),
        debian_missing: debian_missing(),
        linker: linker(sysroot.as_deref()),
        can_install: !tried.installing && on_path("apt-get").is_some(),
    }
}

fn debian_missing() -> Vec<&'static str> {
    let new_enough = output(DEBIAN_RUSTC, &["--version"]).as_deref().and_then(version) >= Some(OLDEST);
    let source = output(DEBIAN_RUSTC, &["--print", "sysroot"])
        .is_some_and(|s| Path::new(&s).join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file());
    [
        ("rustc-web", new_enough),
        ("cargo-web", new_enough && output(DEBIAN_CARGO, &["--version"]).is_some()),
        ("rust-web-src", new_enough && source),
    ]
    .into_iter()
    .filter_map(|(package, there)| (!there).then_some(package))
    .collect()
}

/// `rustc 1.96.0 (…)` as (1, 96).
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(1)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn linker(sysroot: Option<&Path>) -> Option<PathBuf> {
    if let Some(found) = ["wasm-ld-22", "wasm-ld"].iter().find_map(|name| on_path(name)) {
        return Some(found);
    }
    let hosts = std::fs::read_dir(sysroot?.join("lib/rustlib")).ok()?;
    hosts.flatten().map(|host| host.path().join("bin/rust-lld")).find(|path| path.is_file())
}

fn add_target() {
    let limit = ADD_TARGET_LIMIT.as_secs();
    println!("setup: rustup target add {TARGET} (for at most {limit} seconds)");
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]).stdin(Stdio::null());
    match ended_within(ADD_TARGET_LIMIT, &mut command) {
        Some(status) if status.success() => {}
        Some(_) => println!("setup: rustup could not add it"),
        None => println!("setup: rustup has not added it in time"),
    }
}

/// How a command ended; `None` if it does not start, or had to be stopped.
fn ended_within(limit: Duration, command: &mut Command) -> Option<ExitStatus> {
    let mut child = command.spawn().ok()?;
    let end = Instant::now() + limit;
    while Instant::now() < end {
        match child.try_wait() {
            Ok(None) => sleep(Duration::from_millis(100)),
            Ok(status) => return status,
            Err(_) => break,
        }
    }
    // A child that is already gone is what we want.
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn install(root: &Path, packages: &[&str]) -> Result<()> {
    let script = root.join("scripts/apt.sh");
    let status = Command::new(&script)
        .args(packages)
        .status()
        .with_context(|| format!("cannot run {}", script.display()))?;
    if !status.success() {
        bail!("no compiler for {TARGET}: installing {} failed", packages.join(" "));
    }
    Ok(())
}

/// Where a program lies on the path.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    let out = plain(&mut command).args(arguments).stdin(Stdio::null()).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Takes away what is meant for the native build: its flags, and what `cargo run` tells its child about its
/// own compiler, whose libraries Debian's must not load.
pub fn plain(command: &mut Command) -> &mut Command {
    ["LD_LIBRARY_PATH", "CARGO", "RUSTC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]
        .iter()
        .fold(command, |command, name| command.env_remove(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_command_that_does_not_answer_is_stopped() {
        let limit = Duration::from_millis(50);
        assert!(ended_within(limit, Command::new("sleep").arg("600")).is_none());
        assert!(
            ended_within(Duration::from_secs(60), &mut Command::new("true")).is_some_and(|s| s.success())
        );
        assert!(ended_within(limit, &mut Command::new("/none/such")).is_none());
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("rustc 1.96.0 (ac68faa20 2026-05-25)"), Some((1, 96)));
        assert!(version("rustc 1.100.0-nightly (x)") > Some(OLDEST));
        assert_eq!(version("rustc"), None);
        assert!(None < Some(OLDEST));
    }
}

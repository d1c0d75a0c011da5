//! Standard output and standard error that cannot be written: said in a sentence, never a panic.
#![cfg(unix)]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EXPERIMENT: &str = "name = 'Output'\ntasks = ['sentiment']\nmasks = ['frozen']\nlearning_rates = [1e-3]\n\
    seeds = [1]\nepochs = 1\ntrain_limit = 32\neval_limit = 16\n";

/// Every way in which a command writes: lines one by one, many at once, objects, what clap says.
fn commands(folder: &Path) -> Vec<Vec<String>> {
    let experiment = folder.join("experiment.toml");
    fs::write(&experiment, EXPERIMENT).unwrap();
    let home = folder.join("home");
    let (experiment, home) = (experiment.to_str().unwrap(), home.to_str().unwrap());
    [
        vec!["--help"],
        vec!["--version"],
        vec!["serve", "--help"],
        vec!["serve", "--port", "0", "--threads", "1", "--home", home],
        vec!["masks", "--model", "builtin:tiny"],
        vec!["masks", "--model", "builtin:tiny", "--list", "layernorms"],
        vec!["weights", "--model", "builtin:tiny", "--json"],
        vec!["run", experiment, "--threads", "1", "--home", home],
        vec!["run", experiment, "--threads", "1", "--home", home, "--json"],
        vec!["study", "table1", "--quick", "--plan", "--json", "--threads", "1", "--home", home],
    ]
    .map(|words| words.into_iter().map(str::to_owned).collect())
    .into()
}

fn ended(arguments: &[String], stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunemask"));
    let child = command.args(arguments).stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!printed.contains("panicked"), "{arguments:?}: {printed}");
    (output, printed)
}

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in commands(folder.path()) {
        let (output, printed) = ended(&arguments, full(), Stdio::piped());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {printed}");
        let last = printed.lines().last();
        let words = "tunemask: cannot write to standard output: there is no space left for it";
        assert_eq!(last, Some(words), "{arguments:?}");
    }
}

#[test]
fn a_reader_that_has_left_ends_it_quietly() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in commands(folder.path()) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (output, printed) = ended(&arguments, writer, Stdio::piped());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {printed}");
        assert!(!printed.contains("standard output"), "{arguments:?}: {printed}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn remarks_that_nobody_can_read_end_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in commands(folder.path()).into_iter().filter(|words| words[0] == "run") {
        let (output, _) = ended(&arguments, Stdio::piped(), full());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("frozen"), "{arguments:?}");
    }
    let (output, _) = ended(&["run".into(), "none.toml".into()], Stdio::piped(), full());
    assert_eq!(output.status.code(), Some(1));
}

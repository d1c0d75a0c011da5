//! The built program, run as a user runs it.
#![allow(dead_code, reason = "each test file uses some of it")]

/// Files of tensors.
pub mod tensors;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What the program wrote and how it ended.
pub struct Run {
    arguments: String,
    output: Output,
}

/// Runs the program to its end.
pub fn tunemask(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_tunemask")).args(arguments).output().unwrap();
    Run { arguments: arguments.join(" "), output }
}

/// Runs the program to its end with a text on standard input.
pub fn tunemask_reading(text: &str, arguments: &[&str]) -> Run {
    let piped = || Stdio::piped();
    let mut program = Command::new(env!("CARGO_BIN_EXE_tunemask"));
    let mut child = program.args(arguments).stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Run { arguments: arguments.join(" "), output: child.wait_with_output().unwrap() }
}

impl Run {
    /// What it wrote to standard output; it must have ended well.
    pub fn success(&self) -> String {
        let printed = self.errors();
        assert!(
            self.output.status.success(),
            "tunemask {}: {}\n{printed}",
            self.arguments,
            self.output.status
        );
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    /// What it wrote to standard error; it must have ended with this code.
    pub fn failure(&self, code: i32) -> String {
        let printed = self.errors();
        assert_eq!(self.output.status.code(), Some(code), "tunemask {}: {printed}", self.arguments);
        printed
    }

    /// What it wrote to standard error.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

/// A path of the real data beside the repository; `None`, and a word, where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if !found.exists() {
        tunemask_shared::fixtures::Requirement::Data.skip(format_args!("{} is not there", found.display()));
        return None;
    }
    Some(found)
}

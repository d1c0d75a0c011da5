//! What Slurm starts: the user's lines, then a worker in their place.

use super::SlurmSettings;
use std::ffi::OsStr;
use std::path::Path;

/// The script of a plan's tasks. Its argument is added to the task's number in its array.
///
/// The worker takes the shell's place: signals reach it, and nothing is left when it ends.
pub(super) fn script(settings: &SlurmSettings, program: &Path, plan: &Path, arguments: &[String]) -> String {
    let mut lines = vec!["#!/bin/sh".to_owned()];
    lines.extend(settings.setup.iter().cloned());
    let words = arguments.iter().map(|word| format!(" {}", quoted(OsStr::new(word)))).collect::<String>();
    lines.push(format!(
        "exec {} worker {}{words} \"$((${{SLURM_ARRAY_TASK_ID:-0}} + ${{1:-0}}))\"",
        quoted(program.as_os_str()),
        quoted(plan.as_os_str())
    ));
    lines.join("\n") + "\n"
}

/// A word that a shell takes as it is.
pub(in crate::cluster) fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:%,@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_what_was_meant() {
        let settings = SlurmSettings { setup: vec!["set -- 5".into()], ..SlurmSettings::default() };
        // In place of the worker: what it would be called with.
        let text = script(
            &settings,
            Path::new("/bin/echo"),
            Path::new("/a plan/it's"),
            &["--dtype".into(), "f32".into()],
        );
        let run =
            std::process::Command::new("sh").args(["-c", &text]).env("SLURM_ARRAY_TASK_ID", "7").output();
        assert_eq!(String::from_utf8(run.unwrap().stdout).unwrap(), "worker /a plan/it's --dtype f32 12\n");
    }
}

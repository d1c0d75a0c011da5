//! Slurm's programs: each may take a while, and none may take for ever.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long any of them may take: its controller answers within seconds, or not at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why Slurm does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum SlurmError {
    /// It is not here.
    #[error("{program} cannot be started: {cause}; submit where Slurm is, or use --dry-run")]
    Absent {
        /// Which of its programs.
        program: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It refuses.
    #[error("{program}: {why}")]
    Refused {
        /// Which of its programs.
        program: String,
        /// What it says.
        why: String,
    },
    /// It does not answer.
    #[error("{program} does not answer within {} s", PATIENCE.as_secs())]
    Late {
        /// Which of its programs.
        program: String,
    },
}

/// Runs a program to its end; gives what it wrote to its standard output.
///
/// # Errors
/// It cannot be started, does not end, or ends badly.
pub(super) fn answer(program: &str, arguments: &[String]) -> Result<String, SlurmError> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What a user likes to see by default is not what is read here.
    for name in ["SQUEUE_FORMAT", "SQUEUE_FORMAT2", "SQUEUE_STATES", "SQUEUE_SORT", "SLURM_TIME_FORMAT"] {
        command.env_remove(name);
    }
    let absent = |cause| SlurmError::Absent { program: program.into(), cause };
    let mut process = command.spawn().map_err(absent)?;
    let [out, err] = [
        process.stdout.take().map(|stream| gathered(Box::new(stream))),
        process.stderr.take().map(|stream| gathered(Box::new(stream))),
    ];
    let begin = Instant::now();
    let status = loop {
        match process.try_wait().map_err(absent)? {
            Some(status) => break status,
            None if begin.elapsed() > PATIENCE => {
                _ = process.kill();
                _ = process.wait();
                return Err(SlurmError::Late { program: program.into() });
            }
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    let text =
        |thread: Option<thread::JoinHandle<String>>| thread.and_then(|t| t.join().ok()).unwrap_or_default();
    let (out, err) = (text(out), text(err));
    if status.success() {
        return Ok(out);
    }
    let why = if err.trim().is_empty() { status.to_string() } else { err.trim().to_owned() };
    Err(SlurmError::Refused { program: program.into(), why })
}

/// All that a stream says, gathered beside: a full pipe would keep its program waiting.
fn gathered(mut stream: Box<dyn Read + Send>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read is what there is.
        _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_refusals_say_why() {
        let shell = |text: &str| answer("sh", &["-c".into(), text.into()]);
        assert_eq!(shell("echo a; echo b").unwrap(), "a\nb\n");
        // More than a pipe holds.
        assert_eq!(shell("head -c 1000000 /dev/zero").unwrap().len(), 1_000_000);
        assert_eq!(shell("echo why >&2; exit 3").unwrap_err().to_string(), "sh: why");
        assert!(matches!(answer("no-such-program-here", &[]), Err(SlurmError::Absent { .. })));
    }
}

//! The built program, started and ended.
//!
//! What it prints is read by threads of its own, so that neither side ever waits for the other. A program that is dropped
//! is killed.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a program may take for anything before that is a violation.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// How long the errors of a program that has ended may take to come.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The built program.
#[derive(Clone, Debug)]
pub struct Binary(pub PathBuf);

/// What a program may have of the system; all of it unless said otherwise.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// Files that it may have open.
    pub open_files: Option<u64>,
    /// Kibibytes of its longest file. A write beyond them fails.
    pub file_kib: Option<u64>,
    /// A clock of its own.
    pub clock: Option<Clock>,
}

/// A clock that jumps.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The library that stands before the system's.
    pub library: PathBuf,
    /// The file from which it reads how far the clock is off.
    pub offset: PathBuf,
}

/// How a program is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At once, without a word.
    Kill,
    /// By a signal that it may hear.
    Ask,
}

/// What a program prints to standard output.
#[derive(Debug)]
pub enum Heard {
    /// A line.
    Line(String),
    /// Nothing for as long as was waited.
    Nothing,
    /// It has closed its output.
    End,
}

impl Binary {
    /// The program that stands beside the one that runs.
    ///
    /// # Errors
    /// There is none.
    pub fn beside() -> Result<Self> {
        let own = std::env::current_exe()?;
        // A test stands a folder deeper.
        let found =
            own.ancestors().skip(1).take(2).map(|folder| folder.join("tunemask")).find(|p| p.is_file());
        found.map(Self).context(
            "there is no tunemask beside this program: build it (cargo build), or name it with --program",
        )
    }

    fn command(&self, means: &Means, arguments: &[&str], home: &Path) -> Command {
        let mut script = String::new();
        if let Some(kib) = means.file_kib {
            // The shell counts in blocks of 512 bytes or of a kibibyte: bash, in kibibytes.
            script += &format!("trap '' XFSZ; ulimit -f {kib}; ");
        }
        if let Some(files) = means.open_files {
            script += &format!("ulimit -n {files}; ");
        }
        let mut command = if script.is_empty() {
            Command::new(&self.0)
        } else {
            let mut shell = Command::new("bash");
            shell.arg("-c").arg(format!("{script}exec \"$0\" \"$@\"")).arg(&self.0);
            shell
        };
        command.args(arguments).arg("--home").arg(home);
        // Nothing of the hub is asked for, and no home but the one that is named.
        command.env("HF_HUB_OFFLINE", "1").env_remove("TUNEMASK_HOME").env("RUST_BACKTRACE", "1");
        if let Some(Clock { library, offset }) = &means.clock {
            command.env("LD_PRELOAD", library).env("TORTURE_CLOCK", offset);
        }
        command
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// It cannot be started, or does not end in time.
    pub fn ran(&self, means: &Means, arguments: &[&str], home: &Path) -> Result<Output> {
        let mut program = self.start(means, arguments, home)?;
        let mut stdout = String::new();
        let begin = Instant::now();
        loop {
            match program.hear(PATIENCE.saturating_sub(begin.elapsed())) {
                Heard::Line(line) => stdout = stdout + &line + "\n",
                Heard::Nothing => {
                    bail!("`{}` did not end within {} s", arguments.join(" "), PATIENCE.as_secs())
                }
                Heard::End => break,
            }
        }
        let status = program.ended(PATIENCE)?;
        Ok(Output { status, stdout: stdout.into_bytes(), stderr: program.errors().into_bytes() })
    }

    /// Starts it.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(&self, means: &Means, arguments: &[&str], home: &Path) -> Result<Program> {
        let mut command = self.command(means, arguments, home);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{} cannot be started", self.0.display()))?;
        let (said, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(stdout).lines().map_while(Result::ok);
                lines.map(|line| said.send(line)).take_while(Result::is_ok).count()
            });
        }
        let errors: Arc<Mutex<Vec<u8>>> = Arc::default();
        let reader = child.stderr.take().map(|mut stderr| {
            let errors = errors.clone();
            thread::spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(n @ 1..) = stderr.read(&mut piece) {
                    errors.lock().unwrap_or_else(PoisonError::into_inner).extend(&piece[..n]);
                }
            })
        });
        Ok(Program { child, lines, errors, reader })
    }

    /// Starts `serve` on a port of the system's choice.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn serve(&self, means: &Means, home: &Path) -> Result<Program> {
        self.start(means, &["serve", "--port", "0", "--device", "cpu", "--threads", "1"], home)
    }
}

/// A program that was started.
#[derive(Debug)]
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    errors: Arc<Mutex<Vec<u8>>>,
    /// Who reads them.
    reader: Option<JoinHandle<()>>,
}

impl Program {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it prints next, waited for at most so long.
    pub fn hear(&self, within: Duration) -> Heard {
        match self.lines.recv_timeout(within) {
            Ok(line) => Heard::Line(line),
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => Heard::End,
        }
    }

    /// Where it serves, as its first line says; `None` if it does not say so in time.
    ///
    /// # Errors
    /// It has ended, or says something else.
    pub fn address(&self, within: Duration) -> Result<Option<SocketAddr>> {
        match self.hear(within) {
            Heard::Nothing => Ok(None),
            Heard::End => bail!("it ended before it served: {}", self.errors()),
            Heard::Line(line) => {
                let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
                let address = address.and_then(|text| text.parse().ok());
                address.map(Some).with_context(|| format!("it says where it is, and not `{line}`"))
            }
        }
    }

    /// All that it printed to standard error so far.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.errors.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Ends it, waits until it has ended, and says how.
    ///
    /// # Errors
    /// It cannot be told, or does not end in time.
    pub fn end(&mut self, how: Ending) -> Result<ExitStatus> {
        match how {
            Ending::Kill => self.child.kill()?,
            Ending::Ask => ask(&self.child)?,
        }
        self.ended(PATIENCE)
    }

    /// How it ended, waited for at most so long.
    ///
    /// # Errors
    /// It has not ended by then.
    pub fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.read_last_words();
                return Ok(status);
            }
            if begin.elapsed() > within {
                bail!("it had not ended after {} s", within.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Reads what it said last before anyone looks at it. Workers that it leaves behind may hold its errors open for longer.
    fn read_last_words(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        let begin = Instant::now();
        while !reader.is_finished() && begin.elapsed() < LAST_WORDS {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Most kibibytes of memory that it had, where the system tells.
    pub fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_ascii_whitespace().nth(1)?.parse().ok()
    }

    /// What it said that a program never says: of a panic, or of an abort.
    pub fn cry(&self) -> Option<String> {
        cry(&self.errors())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The line of a text that only a broken program prints.
pub fn cry(errors: &str) -> Option<String> {
    let words =
        ["panicked at", "stack overflow", "memory allocation of", "internal error", "fatal runtime error"];
    errors.lines().find(|line| words.iter().any(|word| line.contains(word))).map(str::to_owned)
}

/// The numbers of the programs that a program has started, where the system tells.
pub fn children(parent: u32) -> Vec<u32> {
    let Ok(all) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.filter(|number| standing(*number).is_some_and(|(_, leader)| leader == parent)).collect()
}

/// Whether a program of this number runs, where the system tells; one that has ended and waits for somebody to ask does not.
pub fn is_running(number: u32) -> bool {
    standing(number).is_some_and(|(state, _)| state != "Z")
}

/// The state of a program, a letter, and the number of the one that has started it (`man 5 proc_pid_stat`).
fn standing(number: u32) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // `PID (NAME) STATE PARENT …`; a name may hold anything.
    let mut behind = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    Some((behind.next()?.to_owned(), behind.next()?.parse().ok()?))
}

/// Kills a program at once; one that has ended by itself is no error.
///
/// # Errors
/// It cannot be killed.
#[cfg(unix)]
pub fn kill(number: u32) -> Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let number = i32::try_from(number).ok().and_then(Pid::from_raw).context("no program has this number")?;
    match kill_process(number, Signal::KILL) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// As there are no signals here, nothing is killed.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn kill(_: u32) -> Result<()> {
    bail!("there are no signals here")
}

#[cfg(unix)]
fn ask(child: &Child) -> Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    match kill_process(Pid::from_child(child), Signal::TERM) {
        // It has ended by itself.
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn ask(_: &Child) -> Result<()> {
    bail!("there are no signals here")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_from_a_sentence() {
        assert_eq!(cry("tunemask: no room is left\n"), None);
        let panic = "a\nthread 'main' panicked at src/main.rs:1:2:\nb\n";
        assert_eq!(cry(panic).as_deref(), Some("thread 'main' panicked at src/main.rs:1:2:"));
    }
}

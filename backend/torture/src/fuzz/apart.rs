//! The same in a process of its own, which may abort, run out of memory or never end.

use super::{Target, drive};
use crate::report::{Order, Report};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Memory that the process may have.
const MAX_KIB: u64 = 6 << 20;
/// One input that takes so long never ends.
const NEVER: Duration = Duration::from_secs(60);
/// After so many aborts a target is given up.
const ABORTS: u64 = 5;
/// Inputs of a process.
const PART_INPUTS: u64 = 20_000;

/// Fuzzes a target.
///
/// # Errors
/// This program cannot start itself.
pub fn fuzz(target: Target, order: &Order) -> Result<Report> {
    let mut report = Report::new(format!("fuzz {}", target.name()), order.seed);
    let (mut from, mut aborts) = (0, 0);
    while order.goes_on(from) && aborts < ABORTS {
        let part = part(target, order, from..order.rounds.min(from + PART_INPUTS))?;
        report.highest(part.slowest, "ms at most for one");
        for (number, why) in part.wrong {
            let kept = keep(target, order.seed, number)?;
            report.violation(format!("input {number}, kept in {}: {why}", kept.display()));
        }
        report.count(part.end - from, "inputs");
        report.count(part.read, "past the first parser");
        report.count(part.taken, "taken");
        from = part.end;
        aborts += u64::from(part.died);
    }
    Ok(report.ended())
}

/// What a process did before it ended.
#[derive(Debug, Default)]
struct Part {
    /// Behind its last input.
    end: u64,
    /// How many came past the first parser.
    read: u64,
    taken: u64,
    slowest: u64,
    wrong: Vec<(u64, String)>,
    died: bool,
}

fn part(target: Target, order: &Order, numbers: std::ops::Range<u64>) -> Result<Part> {
    let folder = tempfile::tempdir()?;
    let progress = folder.path().join("progress");
    let mut command = process(target, order, &numbers, &progress)?;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let reader = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            stream.map(|mut stream| stream.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let stdout = reader(child.stdout.take().map(|stream| Box::new(stream) as _));
    let stderr = reader(child.stderr.take().map(|stream| Box::new(stream) as _));
    let (mut at, mut since, mut hangs) = (None, Instant::now(), false);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let now = number(&progress);
        if now != at {
            (at, since) = (now, Instant::now());
        } else if since.elapsed() > NEVER {
            hangs = true;
            child.kill()?;
        }
        thread::sleep(Duration::from_millis(20));
    };
    let printed = stdout.join().unwrap_or_default();
    let errors = stderr.join().unwrap_or_default();
    if status.success() {
        let part = read(&printed);
        return Ok(Part { end: numbers.start + part.end, ..part });
    }
    let Some(number) = number(&progress) else { bail!("it did not begin: {status}: {errors}") };
    let why =
        if hangs { format!("it did not end within {} s", NEVER.as_secs()) } else { death(status, &errors) };
    // What it had come to is not known.
    Ok(Part { end: number + 1, wrong: vec![(number, why)], died: true, ..Part::default() })
}

fn death(status: ExitStatus, errors: &str) -> String {
    let last = errors.lines().rev().find(|line| !line.trim().is_empty());
    format!("the process ended with {status}: {}", last.unwrap_or_default())
}

fn process(
    target: Target,
    order: &Order,
    numbers: &std::ops::Range<u64>,
    progress: &Path,
) -> Result<Command> {
    let own = std::env::current_exe()?;
    let mut command = Command::new("bash");
    // As much memory as there is address space, so that asking for too much is refused and not paid for.
    command.args(["-c", &format!("ulimit -v {MAX_KIB}; exec \"$0\" \"$@\"")]).arg(own);
    command.args(["inside", target.name(), "--seed", &order.seed.to_string()]);
    command.args(["--from", &numbers.start.to_string(), "--to", &numbers.end.to_string(), "--progress"]);
    command.arg(progress);
    if let Some(until) = order.until {
        let left = until.saturating_duration_since(Instant::now());
        command.args(["--secs", &left.as_secs_f64().to_string()]);
    }
    Ok(command)
}

fn number(progress: &Path) -> Option<u64> {
    fs::read(progress).ok()?.try_into().ok().map(u64::from_le_bytes)
}

fn read(printed: &str) -> Part {
    let mut part = Part::default();
    for line in printed.lines() {
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next().and_then(|word| word.parse().ok()), words.next()) {
            (Some("inputs"), Some(inputs), _) => part.end = inputs,
            (Some("read"), Some(inputs), _) => part.read = inputs,
            (Some("taken"), Some(inputs), _) => part.taken = inputs,
            (Some("slowest"), Some(millis), _) => part.slowest = millis,
            (Some("wrong"), Some(number), why) => {
                part.wrong.push((number, why.unwrap_or_default().to_owned()))
            }
            _ => {}
        }
    }
    part
}

/// Writes an input where it can be looked at.
fn keep(target: Target, seed: u64, number: u64) -> Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("tunemask-{}-{seed}-{number}", target.name()));
    let input = drive::input(target, &target.corpus()?, seed, number);
    fs::write(&path, input).with_context(|| path.display().to_string())?;
    Ok(path)
}

//! What a program has taken so far, as the system counts it.

use super::over;
use crate::program::Program;
use anyhow::{Context, Result};
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;
use tunemask_shared::overview::Overview;

/// The system's unit of processor time is a hundredth of a second, on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// A moment of a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Since all began.
    pub(super) at: Duration,
    /// Runs that are over.
    pub(super) over: u64,
    /// Lines of the log.
    pub(super) lines: u64,
    /// Processor time of all of its threads, not of its workers.
    cpu: Duration,
    /// Kibibytes of memory that it has now.
    resident_kib: u64,
}

/// What came between two moments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between<'a> {
    from: &'a Sample,
    to: &'a Sample,
}

impl Sample {
    /// Of this moment.
    ///
    /// # Errors
    /// The system does not say what a program takes, or it has ended.
    pub(super) fn take(program: &Program, overview: &Overview, begin: Instant) -> Result<Self> {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", program.id()));
        let (stat, status) = (read("stat")?, read("status")?);
        let cpu = ticks(&stat).context("/proc/PID/stat has another form")?;
        let resident_kib = kib(&status).context("/proc/PID/status has no VmRSS")?;
        let cpu = TICK * u32::try_from(cpu).unwrap_or(u32::MAX);
        Ok(Self { at: begin.elapsed(), over: over(overview), lines: overview.seq, cpu, resident_kib })
    }

    /// What came since.
    pub(super) fn since<'a>(&'a self, from: &'a Self) -> Between<'a> {
        Between { from, to: self }
    }
}

/// User and system time. The second field, a name in parentheses, may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

fn kib(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

impl fmt::Display for Between<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        let secs = to.at.saturating_sub(from.at).as_secs_f64();
        let lines = to.lines.saturating_sub(from.lines);
        let cpu = to.cpu.saturating_sub(from.cpu).as_secs_f64();
        write!(
            f,
            "{secs:.0} s, {lines} lines, {:.0} lines/s, {cpu:.1} s of the coordinator's processor time, {:.2} ms a line, {} MiB",
            lines as f64 / secs.max(1e-3),
            1000.0 * cpu / (lines as f64).max(1.0),
            to.resident_kib >> 10
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_and_memory_are_read_as_the_system_writes_them() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194560 900 0 3 0 71 29 5 6 20 0 9 0 12345 1000 200";
        assert_eq!(ticks(stat), Some(100));
        assert_eq!((ticks("42 (a) S"), ticks("")), (None, None));
        assert_eq!(kib("Name:\ta\nVmHWM:\t  90 kB\nVmRSS:\t   77 kB\n"), Some(77));
        let sample = |secs, lines, ticks| Sample {
            at: Duration::from_secs(secs),
            over: 0,
            lines,
            cpu: TICK * ticks,
            resident_kib: 3 << 10,
        };
        let text = sample(12, 150, 130).since(&sample(2, 50, 30)).to_string();
        assert_eq!(
            text,
            "10 s, 100 lines, 10 lines/s, 1.0 s of the coordinator's processor time, 10.00 ms a line, 3 MiB"
        );
    }
}

//! How busy the machine is, as pages ask that show it. What is read is kept for a moment, so that many pages cost what one does,
//! and nothing is read while none asks.
//!
//! A handful of small files of Linux says it all; a library for all systems would be thousands of lines for the same numbers, and
//! counts the threads and the memory of the machine where a container may use less. On other systems there is less to show.
//! In reading order:

/// What Linux says of its processor and its memory.
mod linux;
/// Who trains.
mod nodes;

use crate::artifacts::Artifacts;
use crate::files;
use crate::lab::Lab;
use linux::Ticks;
use nodes::Listener;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tunemask_shared::machine::{Machine, Processor};

/// How long an answer is as good as new.
const ANSWER_TTL: Duration = Duration::from_secs(2);

/// How long what runs left is not counted again: there may be thousands of files.
const FILE_COUNT_TTL: Duration = Duration::from_secs(10);

/// The span of a load where none was measured for long.
const DEFAULT_LOAD_SPAN: Duration = Duration::from_millis(250);

/// How long the beginning of a load's span may lie back.
const MAX_LOAD_SPAN: Duration = Duration::from_secs(20);

/// What was read last.
#[derive(Debug, Default)]
pub(super) struct Gauge(Mutex<Read>);

#[derive(Debug, Default)]
struct Read {
    machine: Option<(Instant, Machine)>,
    ticks: Option<(Instant, Ticks)>,
    runs: Option<(Instant, u64)>,
    nodes: Listener,
}

impl Gauge {
    /// How busy the machine is; may block for a moment.
    pub(super) fn read(&self, lab: &Lab) -> Machine {
        // Whole values go in and out; a panic elsewhere cannot leave one half made.
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, machine)) = &read.machine
            && at.elapsed() < ANSWER_TTL
        {
            return machine.clone();
        }
        let (memory, own_memory) = linux::memory();
        let machine = Machine {
            device: lab.device(),
            device_memory: lab.device_memory(),
            processor: processor(&mut read.ticks),
            memory,
            own_memory,
            disk: files::disk(lab.home()),
            runs: runs(&mut read.runs, lab),
            nodes: read.nodes.workers(lab),
        };
        read.machine = Some((Instant::now(), machine.clone()));
        machine
    }
}

/// The load since it was measured last, if that is not long ago.
fn processor(last: &mut Option<(Instant, Ticks)>) -> Option<Processor> {
    let before = match last.take().filter(|(at, _)| at.elapsed() < MAX_LOAD_SPAN) {
        Some((_, ticks)) => ticks,
        None => {
            let ticks = Ticks::read()?;
            std::thread::sleep(DEFAULT_LOAD_SPAN);
            ticks
        }
    };
    let now = Ticks::read()?;
    *last = Some((Instant::now(), now));
    Some(now.since(before).load())
}

/// Bytes of what runs have left.
fn runs(last: &mut Option<(Instant, u64)>, lab: &Lab) -> u64 {
    if let Some((at, bytes)) = last
        && at.elapsed() < FILE_COUNT_TTL
    {
        return *bytes;
    }
    let bytes = Artifacts::new(lab.home()).all_bytes();
    *last = Some((Instant::now(), bytes));
    bytes
}

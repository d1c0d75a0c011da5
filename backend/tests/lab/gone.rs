//! Workers that are killed before their first checkpoint: a run that trains each time goes on, whatever the log holds already.

use crate::support::{Listener, PATIENCE, long};
use crate::workers::{open_with, pid, segments, signal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tunemask::lab::OlderQueue;
use tunemask_shared::event::EventKind;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::RunStatus;

/// The last step of each line of points in a segment.
fn steps(segment: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(segment).unwrap_or_default();
    let last =
        |line: &str| line.split_once("\"step\":[")?.1.split_once(']')?.0.rsplit(',').next()?.parse().ok();
    text.lines().filter(|line| line.contains("\"points\"")).filter_map(last).collect()
}

/// A worker that was killed.
#[derive(Clone, Copy, Debug)]
struct Killed {
    pid: u32,
    /// The last step that it wrote.
    step: u64,
}

/// Kills the worker that trains when it has written so many lines of points, and has come to another step than the one before.
fn kill(home: &Path, killed: &[Killed], lines: usize) -> Killed {
    let begin = Instant::now();
    let before = killed.last().map(|killed| killed.step);
    let alive = |path: &PathBuf| pid(path).is_some_and(|pid| killed.iter().all(|killed| killed.pid != pid));
    loop {
        assert!(begin.elapsed() < PATIENCE, "no worker trains");
        for segment in segments(home).into_iter().filter(alive) {
            let Some(pid) = pid(&segment).filter(|_| steps(&segment).len() >= lines) else { continue };
            // What is read of one that stands still is what it leaves.
            signal(pid, "STOP");
            match steps(&segment).last() {
                Some(&step) if Some(step) != before => {
                    signal(pid, "KILL");
                    return Killed { pid, step };
                }
                _ => signal(pid, "CONT"),
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_run_whose_worker_is_killed_time_and_again_before_it_comes_further_trains_on() {
    let home = tempfile::tempdir().unwrap();
    let lab = open_with(home.path(), 1, OlderQueue::Continue);
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&Experiment { epochs: Some(60), ..long() }).unwrap();
    let run = lab.runs(id).unwrap()[0].clone();
    let mut killed = Vec::new();
    // The first comes far, so that the log holds all that the others take again.
    for lines in [12, 1, 1, 1, 1, 1] {
        let next = kill(home.path(), &killed, lines);
        killed.push(next);
    }
    listener.until_over(id);
    let ended = &listener.state.runs[&run];
    assert_eq!(ended.status, RunStatus::Finished, "{ended:?}");
    let again = killed[1..].iter().filter(|again| again.step < killed[0].step);
    // A machine that is so slow that it saved before the first kill may have nothing to take again.
    let saved = listener
        .events
        .iter()
        .any(|event| matches!(event.kind, EventKind::Checkpointed { step, .. } if step <= killed[0].step));
    assert!(again.count() >= 3 || saved, "they did not take steps again that the log holds: {killed:?}");
    let (_, points) = lab.series(&run).unwrap();
    assert!(points.step.iter().copied().eq(1..=ended.steps), "each step once: {:?}", points.step);
}

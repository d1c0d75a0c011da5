//! A log held against what was shown of it, and against what ought to come out.

use crate::log::{events, results};
use crate::study::Study;
use serde_json::Value;
use std::path::Path;
use tunemask_shared::event::{Event, EventKind};

/// A line of the log that somebody was shown.
#[derive(Clone, Debug)]
pub enum Shown {
    /// To a page.
    Event(Box<Event>),
    /// By `run --json`.
    Printed(Value),
}

impl Shown {
    /// To a page.
    pub fn of(event: Event) -> Self {
        Self::Event(Box::new(event))
    }
}

/// Whether a run may have been tried again from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// No: it went on where it was.
    Never,
    /// After it had failed, as on a full disk.
    AfterFailure,
}

/// What is wrong with the log of a home in which a study came to its end.
pub fn check(home: &Path, study: &Study, shown: &[Shown], again: Again) -> Vec<String> {
    let events = match events(home) {
        Ok(events) => events,
        Err(error) => return vec![format!("the log cannot be read: {error:#}")],
    };
    let mut wrong = missing(&events, shown);
    wrong.extend(backwards(&events));
    wrong.extend(endings(&events, study, again));
    let results = results(&events);
    for (run, want) in &study.reference {
        match results.get(run) {
            Some(got) if got == want => {}
            Some(got) => wrong.push(format!("run {} became another: {}", run.0, first_difference(got, want))),
            None => wrong.push(format!("run {} is not in the log", run.0)),
        }
    }
    wrong
}

/// Lines that were shown and are not in the log, or are others there.
pub fn missing(events: &[Event], shown: &[Shown]) -> Vec<String> {
    let held = |seq: u64| seq.checked_sub(1).and_then(|at| events.get(usize::try_from(at).ok()?));
    let wrong = shown.iter().filter_map(|line| match line {
        Shown::Event(event) => match held(event.seq) {
            // As text: not-a-number does not equal itself.
            Some(held) if format!("{held:?}") == format!("{event:?}") => None,
            Some(_) => Some(format!("line {} was shown and is another in the log", event.seq)),
            None => Some(format!("line {} was shown and is not in the log", event.seq)),
        },
        Shown::Printed(value) => {
            // A line of a run that an earlier program finished has no number.
            let seq = value.get("seq").and_then(Value::as_u64)?;
            match held(seq) {
                Some(held) if is_printed(held, value) => None,
                Some(_) => Some(format!("line {seq} was printed and is another in the log")),
                None => Some(format!("line {seq} was printed and is not in the log")),
            }
        }
    });
    wrong.collect()
}

/// Whether a line of the log is what was printed of it.
fn is_printed(held: &Event, printed: &Value) -> bool {
    let Ok(Value::Object(mut line)) = serde_json::to_value(&held.kind) else { return false };
    line.insert("seq".into(), held.seq.into());
    line.insert("at_ms".into(), held.at_ms.into());
    if let EventKind::Finished { .. } = held.kind {
        // It is printed with what the run was.
        return ["event", "seq", "at_ms", "run", "trained_sha256", "frozen_unchanged", "best_epoch"]
            .iter()
            .all(|field| line.get(*field) == printed.get(*field));
    }
    Value::Object(line) == *printed
}

/// Times that run backwards.
fn backwards(events: &[Event]) -> Vec<String> {
    let pairs = events.iter().zip(events.iter().skip(1)).filter(|(before, after)| after.at_ms < before.at_ms);
    pairs.map(|(_, after)| format!("line {} is earlier than the one before it", after.seq)).collect()
}

/// Runs of the study that did not finish, or did more than once; or lines that follow what is over.
fn endings(events: &[Event], study: &Study, again: Again) -> Vec<String> {
    let mut wrong = Vec::new();
    for run in study.reference.keys() {
        let own = || events.iter().filter(|event| event.kind.run() == Some(run));
        let count = |name: &str| own().filter(|event| event.kind.name() == name).count();
        let (finished, queued, failed) = (count("finished"), count("queued"), count("failed"));
        if finished != 1 {
            wrong.push(format!("run {} finished {finished} times", run.0));
        }
        let most = 1 + if again == Again::AfterFailure { failed } else { 0 };
        if queued > most {
            wrong.push(format!("run {} was begun {queued} times and failed {failed} times", run.0));
        }
        if again == Again::Never && failed > 0 {
            wrong.push(format!("run {} failed {failed} times", run.0));
        }
        let last = own().rfind(|event| !matches!(event.kind, EventKind::WeightsDropped { .. }));
        if !last.is_some_and(|event| matches!(event.kind, EventKind::Finished { .. })) {
            wrong.push(format!("run {}: its last line is not `finished`", run.0));
        }
    }
    wrong
}

/// The surroundings of the first place in which two texts differ.
fn first_difference(got: &str, want: &str) -> String {
    let at = got.bytes().zip(want.bytes()).position(|(a, b)| a != b).unwrap_or(got.len().min(want.len()));
    let around = |text: &str| {
        String::from_utf8_lossy(
            text.as_bytes().get(at.saturating_sub(40)..text.len().min(at + 40)).unwrap_or_default(),
        )
        .into_owned()
    };
    format!("…{}… and not …{}…", around(got), around(want))
}

#[cfg(test)]
mod tests;

//! Lines of a segment, one after the other: into the log, left out for good, or waited for with all behind them.

use super::tail::Tail;
use super::{FILES_COME, Folding};
use crate::cluster::{Follows, Header, Line, SegmentName, Taken};
use crate::lab::LabError;
use crate::lab::places::homing::TakesFiles;
use crate::store::Mark;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Instant;
use tunemask_shared::event::EventKind;
use tunemask_shared::run::RunId;

impl Folding {
    /// Takes whole lines of a segment up to the first that must wait; says whether there was any.
    pub(super) fn take(
        &mut self,
        name: &SegmentName,
        tail: &mut Tail,
        bytes: &[u8],
    ) -> Result<bool, LabError> {
        let (mut lines, before) = (Vec::new(), tail.bytes);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let waits = || format!("{name} follows what is not to be seen yet");
            let taken = match serde_json::from_slice(line) {
                Ok(Line::Header(header)) => {
                    let ready = self.may_follow(&header);
                    tail.header = Some(Arc::new(header));
                    // Its lines wait until those before them are here.
                    if ready { Ok(()) } else { Err(waits()) }
                }
                Ok(Line::Event(kind)) => match tail.header.clone() {
                    Some(header) if self.may_follow(&header) => {
                        self.event(name, tail, &header, *kind).map(|line| lines.extend(line))
                    }
                    Some(_) => Err(waits()),
                    None => {
                        self.leave_out(format!("{name} does not begin with who writes it; it is left out"))
                    }
                },
                Ok(Line::Left(left)) => {
                    tail.left = Some(left);
                    Ok(())
                }
                Err(error) => {
                    self.leave_out(format!("{name}: a line cannot be read and is left out: {error}"))
                }
            };
            if let Err(why) = taken {
                tail.unread = Some(why);
                break;
            }
            tail.bytes += line.len() as u64;
        }
        if tail.bytes == before {
            return Ok(false);
        }
        self.news.extend(name.task().map(|task| (task, Instant::now())));
        let finished: Vec<RunId> = lines
            .iter()
            .filter(|line| matches!(line, EventKind::Finished { .. }))
            .filter_map(|line| line.run().cloned())
            .collect();
        let mark = Mark::Folded { plan: self.name.clone(), segment: name.to_string(), bytes: tail.bytes };
        self.journal.append_folded(lines, vec![mark])?;
        // What is written down as finished needs its checkpoint no more.
        finished.iter().for_each(|run| self.homing.forget_checkpoint(run));
        Ok(true)
    }

    /// Takes a line about runs, and gives what of it comes into the log, or why it must wait.
    fn event(
        &mut self,
        name: &SegmentName,
        tail: &mut Tail,
        header: &Header,
        kind: EventKind,
    ) -> Result<Option<EventKind>, String> {
        let kind = match &kind {
            EventKind::Finished { run, .. } if !self.fold.is_over(run) => {
                self.bring(run, tail)?.unwrap_or(kind)
            }
            _ => kind,
        };
        tail.waits = None;
        if let EventKind::Points { run, points } = &kind {
            self.came_to.extend(points.step.last().map(|step| (run.clone(), *step)));
        }
        match self.fold.take(name, header, kind) {
            // Its worker goes, and another goes on with it.
            Taken::Line(EventKind::Interrupted { run }) if !self.control.is_stopped() => {
                Ok(Some(EventKind::Continued { run }))
            }
            Taken::Line(line) => Ok(Some(line)),
            Taken::Known => Ok(None),
            Taken::Odd(why) => self.leave_out(why).map(|()| None),
        }
    }

    /// Brings what a finished run left, and gives the line of one whose files never came. Else it says why that must wait.
    fn bring(&mut self, run: &RunId, tail: &mut Tail) -> Result<Option<EventKind>, String> {
        let again =
            |error: &str| format!("run {run} trained to its end, and the result is not here yet: {error}");
        if let Some(why) = tail.waits.as_ref().filter(|waits| waits.is_too_early()) {
            return Err(again(&why.error));
        }
        let Err(error) = self.homing.bring_finished(run) else { return Ok(None) };
        let is_missing = error.kind() == ErrorKind::NotFound;
        let late = tail.waits_for(&error) >= FILES_COME;
        match self.homing.takes {
            // Whoever owns them may have taken them away.
            TakesFiles::Others if late => Ok(None),
            TakesFiles::Own if late && is_missing => {
                let reason = format!("trained to the end, but the result is not here: {error}; retry it");
                self.leave_out(format!("run {run} {reason}"))?;
                Ok(Some(EventKind::failed(run.clone(), reason)))
            }
            // It may yet come; and what this program cannot write now is as whole where it is.
            TakesFiles::Own | TakesFiles::Others => {
                let why = again(&error.to_string());
                if !is_missing {
                    self.say(format!("{why}; it is tried again"));
                }
                Err(why)
            }
        }
    }

    /// Whether the lines of a segment may come now: all is in the log that it follows. What is not to be seen may yet come, and
    /// is not waited for for ever.
    fn may_follow(&mut self, header: &Header) -> bool {
        let folder = self.folder.segments_folder();
        header.follows.iter().all(|Follows { segment, bytes }| {
            if self.segments.get(segment).is_some_and(|tail| tail.bytes >= *bytes) {
                return true;
            }
            let seen = folder.join(segment.as_str()).symlink_metadata();
            // What the system does not say now is no sign that there is none.
            seen.is_err_and(|error| error.kind() == ErrorKind::NotFound)
                && self.unseen.entry(segment.clone()).or_insert_with(Instant::now).elapsed() >= FILES_COME
        })
    }

    /// Leaves something out for good. That is noted where whoever removes the plan's folder sees it, or the line waits.
    fn leave_out(&mut self, what: String) -> Result<(), String> {
        if self.homing.takes == TakesFiles::Own && !self.said.contains(&what) {
            self.folder.note_left_out(&what).map_err(|error| {
                format!("{what}; that cannot be noted in {}: {error}", self.folder.path().display())
            })?;
        }
        self.say(what);
        Ok(())
    }
}

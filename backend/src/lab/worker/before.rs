//! What workers before this one wrote of a task.

use crate::cluster::{
    ClusterError, Fold, Follows, Header, Line, PlanFolder, SegmentName, WorkPlan, read_whole_lines,
};
use tunemask_shared::event::EventKind;

/// What workers before this one wrote.
#[derive(Debug)]
pub(super) struct Before {
    /// What it comes to.
    pub(super) fold: Fold,
    /// What was read of it.
    pub(super) follows: Vec<Follows>,
    /// How many workers in a row, up to the last, were told that their time is up before they had taken a step.
    pub(super) in_vain: u32,
}

/// A segment that is being read.
struct Reading {
    name: SegmentName,
    bytes: u64,
    header: Option<Header>,
    lines: std::vec::IntoIter<Line>,
}

impl Before {
    /// Reads all segments of a task, each behind those that it follows.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(super) fn read(folder: &PlanFolder, plan: &WorkPlan, task: usize) -> Result<Self, ClusterError> {
        let runs = plan.runs.iter().map(|planned| (planned.job.run.clone(), planned.job.logged.clone()));
        let mut before = Self { fold: Fold::new(runs), follows: Vec::new(), in_vain: 0 };
        let names = folder.segments()?.into_iter().filter(|name| name.task() == Some(task));
        let mut open: Vec<Reading> = names.map(|name| Reading::whole(folder, name)).collect();
        // As many rounds as segments that follow each other; what follows one that is not there is read last.
        while !open.is_empty() {
            let ready = open.iter().position(|reading| before.has_read(reading)).unwrap_or(0);
            let Reading { name, bytes, header, lines } = open.remove(ready);
            let Some(header) = header else { continue };
            let (mut steps, mut time_was_up) = (false, false);
            for line in lines {
                match line {
                    Line::Event(kind) => {
                        steps |= matches!(*kind, EventKind::Points { .. });
                        before.fold.take(&name, &header, *kind);
                    }
                    Line::Left(left) => time_was_up = left.is_out_of_time(),
                    Line::Header(_) => {}
                }
            }
            before.in_vain = if time_was_up && !steps { before.in_vain + 1 } else { 0 };
            before.follows.push(Follows { segment: name, bytes });
        }
        Ok(before)
    }

    fn has_read(&self, reading: &Reading) -> bool {
        let follows = reading.header.iter().flat_map(|header| &header.follows);
        let known = |follows: &Follows| self.follows.iter().any(|read| read.segment == follows.segment);
        follows.into_iter().all(known)
    }
}

impl Reading {
    /// All whole lines that there are now.
    fn whole(folder: &PlanFolder, name: SegmentName) -> Self {
        let path = folder.segments_folder().join(name.as_str());
        let (mut bytes, mut header, mut lines) = (0, None, Vec::new());
        loop {
            let more = read_whole_lines(&path, bytes).unwrap_or_else(|error| {
                tracing::warn!("{}: {error}", path.display());
                Vec::new()
            });
            if more.is_empty() {
                break;
            }
            bytes += more.len() as u64;
            for line in more.split(|byte| *byte == b'\n') {
                // What cannot be read is said by the coordinator.
                match serde_json::from_slice(line) {
                    Ok(Line::Header(own)) => header = Some(own),
                    Ok(line) => lines.push(line),
                    Err(_) => {}
                }
            }
        }
        Self { name, bytes, header, lines: lines.into_iter() }
    }
}

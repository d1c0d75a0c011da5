//! The points of runs, which go to a page message by message.

use super::end::{End, FAULT};
use crate::lab::{Lab, LabError};
use std::collections::VecDeque;
use tunemask_shared::buckets::most_buckets;
use tunemask_shared::protocol::RunSeries;
use tunemask_shared::run::RunId;

/// Points after which a message of series ends: about half a megabyte of text.
const SERIES_POINTS: usize = 4096;
/// Most runs of a message of series.
const SERIES_RUNS: usize = 512;

/// Runs whose points are still to be sent.
#[derive(Debug, Default)]
pub(super) struct UnsentSeries {
    /// In their order.
    runs: VecDeque<RunId>,
    /// Most buckets of each.
    most: usize,
}

impl UnsentSeries {
    /// Of all runs that a page watches.
    pub(super) fn new(runs: Vec<RunId>) -> Self {
        Self { most: most_buckets(runs.len()), runs: runs.into() }
    }

    /// Whether all were sent.
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The points of the next message, or why the lab does not give them; none if none of the runs has any.
    pub(super) async fn next_message(&mut self, lab: &Lab) -> Result<Result<Vec<RunSeries>, LabError>, End> {
        let (lab, most, mut runs) = (lab.clone(), self.most, std::mem::take(&mut self.runs));
        let read = tokio::task::spawn_blocking(move || (series(&lab, &mut runs, most), runs)).await;
        let (read, runs) = read.map_err(|error| {
            tracing::error!("points could not be read: {error}");
            FAULT
        })?;
        self.runs = runs;
        Ok(read)
    }
}

/// The points of as many runs as go into a message, which are taken off the list, in at most `most` buckets each. A run without
/// a point needs none: its first line is whole.
fn series(lab: &Lab, unsent: &mut VecDeque<RunId>, most: usize) -> Result<Vec<RunSeries>, LabError> {
    let (mut series, mut all) = (Vec::new(), 0);
    while all < SERIES_POINTS
        && series.len() < SERIES_RUNS
        && let Some(run) = unsent.pop_front()
    {
        let (seq, buckets) = lab.buckets(&run, most)?;
        if !buckets.is_empty() {
            all += buckets.points().len();
            series.push(RunSeries { run, seq, buckets });
        }
    }
    Ok(series)
}

//! What pages watch, as it travels, shared by the pages that ask for the same.

use super::wire::Frame;
use crate::lab::Lab;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Mutex;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::{NoExperiment, Watch, Watched};

/// The part that was written last, for all pages that ask for it at about the same time: one of thousands of runs takes
/// a while.
#[derive(Debug, Default)]
pub(super) struct Parts(Mutex<Option<Written>>);

/// A part as it travels.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// Which lines go on with it.
    pub(super) watched: Arc<Watched>,
    /// Number of the last line in it.
    pub(super) seq: u64,
    /// The message.
    pub(super) frame: Frame,
}

/// [`tunemask_shared::protocol::FromServer::Watched`] of a part that need not be boxed.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Message<'a> {
    Watched { watch: &'a [Watch], part: &'a LabState },
}

/// Why a page is not told of what it wants to watch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unwatchable {
    /// An experiment is not there.
    #[error(transparent)]
    Absent(#[from] NoExperiment),
    /// It is there, and cannot be put into a message.
    #[error("what is watched cannot be sent: {0}")]
    Unwritten(String),
}

impl Parts {
    /// A part that holds at least the lines up to `seq`.
    ///
    /// # Errors
    /// There is no such experiment, or it cannot be written.
    ///
    /// Those who wait for one that is being written take it if it reaches far enough, else the next, which reaches as
    /// far as anyone can ask: of many that come at once two are written.
    pub(super) async fn at_least(
        &self,
        lab: &Lab,
        seq: u64,
        watch: Vec<Watch>,
    ) -> Result<Written, Unwatchable> {
        let mut latest = self.0.lock().await;
        let same = |written: &&Written| written.watched.asked == watch && written.seq >= seq;
        if let Some(written) = latest.as_ref().filter(same) {
            return Ok(written.clone());
        }
        let lab = lab.clone();
        let written = tokio::task::spawn_blocking(move || {
            let (watched, part) = lab.read(|state| {
                let watched = Watched::new(state, watch)?;
                let part = watched.part(state);
                Ok::<_, NoExperiment>((watched, part))
            })?;
            write(watched, &part).map_err(Unwatchable::Unwritten)
        });
        let written = written.await.unwrap_or_else(|fault| Err(Unwatchable::Unwritten(fault.to_string())))?;
        *latest = Some(written.clone());
        Ok(written)
    }
}

fn write(watched: Watched, part: &LabState) -> Result<Written, String> {
    let message = Message::Watched { watch: &watched.asked, part };
    let text = serde_json::to_string(&message).map_err(|error| error.to_string())?;
    let frame = Frame::of(text).map_err(|error| error.to_string())?;
    Ok(Written { watched: Arc::new(watched), seq: part.seq, frame })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{LabOptions, OlderQueue};
    use tunemask_engine::Device;
    use tunemask_shared::event::ExperimentId;
    use tunemask_shared::experiment::Experiment;
    use tunemask_shared::fixtures::story;
    use tunemask_shared::frame::expand;
    use tunemask_shared::protocol::FromServer;
    use tunemask_shared::watched::Detail;

    fn read(frame: &Frame) -> FromServer {
        match frame {
            Frame::Text(text) => serde_json::from_str(text).unwrap(),
            Frame::Compressed(data) => serde_json::from_slice(&expand(data).unwrap()).unwrap(),
        }
    }

    #[test]
    fn a_part_is_written_as_the_protocol_says() {
        let mut state = LabState::default();
        story()[..12].iter().for_each(|event| state.apply(event).unwrap());
        let watch = vec![Watch { experiment_id: ExperimentId(2), detail: Detail::Runs }];
        let watched = Watched::new(&state, watch.clone()).unwrap();
        let part = watched.part(&state);
        let written = write(watched, &part).unwrap();
        let message = FromServer::Watched { watch, part: Box::new(part) };
        assert_eq!((read(&written.frame), written.seq), (message, 12));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn pages_share_a_part_until_one_needs_a_newer_or_another() {
        let home = tempfile::tempdir().unwrap();
        let (older_queue, device) = (OlderQueue::Continue, Device::cpu());
        let lab = Lab::open(&LabOptions { home: home.path().into(), older_queue, device }).unwrap();
        let asked = lab.clone();
        let id = tokio::task::spawn_blocking(move || {
            asked.pause().unwrap();
            asked.submit(&Experiment::default()).unwrap()
        });
        let id = id.await.unwrap();
        let parts = Parts::default();
        let all = |experiment_id| vec![Watch { experiment_id, detail: Detail::Runs }];
        let first = parts.at_least(&lab, 0, all(id)).await.unwrap();
        let shared = parts.at_least(&lab, first.seq, all(id)).await.unwrap();
        assert!(Arc::ptr_eq(&first.watched, &shared.watched), "written once");
        let grid = vec![Watch { experiment_id: id, detail: Detail::Grid }];
        let grid = parts.at_least(&lab, 0, grid).await.unwrap();
        let runs = |written: &Written| match read(&written.frame) {
            FromServer::Watched { part, .. } => part.runs.len(),
            other => panic!("{other:?}"),
        };
        assert!(runs(&grid) < runs(&first));
        let asked = lab.clone();
        tokio::task::spawn_blocking(move || asked.resume()).await.unwrap().unwrap();
        assert!(parts.at_least(&lab, first.seq + 1, all(id)).await.unwrap().seq > first.seq);
        let absent = parts.at_least(&lab, 0, all(ExperimentId(9))).await;
        assert_eq!(absent.map(|_| ()), Err(NoExperiment(ExperimentId(9)).into()));
        tokio::task::spawn_blocking(move || lab.shut_down()).await.unwrap();
    }
}

//! What pages watch, as it travels, shared by the pages that ask for the same.

use super::wire::Frame;
use crate::lab::Lab;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Mutex;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::{Detail, Watched};

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
    Watched { experiment_id: ExperimentId, detail: Detail, part: &'a LabState },
}

impl Parts {
    /// A part that holds at least the lines up to `seq`; `None` if there is no such experiment, or if it cannot be written.
    ///
    /// Those who wait for one that is being written take it if it reaches far enough, else the next, which reaches as
    /// far as anyone can ask: of many that come at once two are written.
    pub(super) async fn at_least(
        &self,
        lab: &Lab,
        seq: u64,
        experiment_id: ExperimentId,
        detail: Detail,
    ) -> Option<Written> {
        let mut latest = self.0.lock().await;
        let asked = |written: &&Written| {
            let watched = &written.watched;
            (watched.experiment_id, watched.detail) == (experiment_id, detail) && written.seq >= seq
        };
        if let Some(written) = latest.as_ref().filter(asked) {
            return Some(written.clone());
        }
        let lab = lab.clone();
        let written = tokio::task::spawn_blocking(move || {
            let (watched, part) = lab.read(|state| {
                let watched = Watched::new(state, experiment_id, detail)?;
                let part = watched.part(state);
                Some((watched, part))
            })?;
            Some(write(watched, &part))
        });
        let written = written.await.map_err(|fault| fault.to_string()).and_then(Option::transpose);
        *latest = written.unwrap_or_else(|error| {
            tracing::error!("experiment {experiment_id} cannot be written: {error}");
            None
        });
        latest.clone()
    }
}

fn write(watched: Watched, part: &LabState) -> Result<Written, String> {
    let message = Message::Watched { experiment_id: watched.experiment_id, detail: watched.detail, part };
    let text = serde_json::to_string(&message).map_err(|error| error.to_string())?;
    let frame = Frame::of(text).map_err(|error| error.to_string())?;
    Ok(Written { watched: Arc::new(watched), seq: part.seq, frame })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{LabOptions, OlderQueue};
    use tunemask_engine::Device;
    use tunemask_shared::experiment::Experiment;
    use tunemask_shared::fixtures::story;
    use tunemask_shared::frame::expand;
    use tunemask_shared::protocol::FromServer;

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
        let (experiment_id, detail) = (ExperimentId(2), Detail::Runs);
        let watched = Watched::new(&state, experiment_id, detail).unwrap();
        let part = watched.part(&state);
        let written = write(watched, &part).unwrap();
        let message = FromServer::Watched { experiment_id, detail, part: Box::new(part) };
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
        let first = parts.at_least(&lab, 0, id, Detail::Runs).await.unwrap();
        let shared = parts.at_least(&lab, first.seq, id, Detail::Runs).await.unwrap();
        assert!(Arc::ptr_eq(&first.watched, &shared.watched), "written once");
        let grid = parts.at_least(&lab, 0, id, Detail::Grid).await.unwrap();
        let runs = |written: &Written| match read(&written.frame) {
            FromServer::Watched { part, .. } => part.runs.len(),
            other => panic!("{other:?}"),
        };
        assert!(runs(&grid) < runs(&first));
        let asked = lab.clone();
        tokio::task::spawn_blocking(move || asked.resume()).await.unwrap().unwrap();
        assert!(parts.at_least(&lab, first.seq + 1, id, Detail::Runs).await.unwrap().seq > first.seq);
        assert!(parts.at_least(&lab, 0, ExperimentId(9), Detail::Runs).await.is_none());
        tokio::task::spawn_blocking(move || lab.shut_down()).await.unwrap();
    }
}

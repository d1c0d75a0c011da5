//! Snapshots as text, shared by the pages that ask for one.

use crate::lab::Lab;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tunemask_shared::state::LabState;

/// The snapshot as it travels, written once for all pages that ask at about the same time: a large home's takes
/// seconds and tens of megabytes.
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<Option<Written>>);

/// A snapshot as text.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// Number of the last event in it.
    pub(super) seq: u64,
    /// The message.
    pub(super) text: Utf8Bytes,
}

/// [`tunemask_shared::protocol::FromServer::Snapshot`] of a state that is somebody else's.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Message<'a> {
    Snapshot { state: &'a LabState },
}

impl Snapshots {
    /// A snapshot that holds at least the events up to `seq`; `None` if it cannot be written.
    ///
    /// Those who wait for one that is being written take it if it reaches far enough, else the next, which reaches as
    /// far as anyone can ask: of many that come at once two are written.
    pub(super) async fn at_least(&self, lab: &Lab, seq: u64) -> Option<Written> {
        let mut latest = self.0.lock().await;
        if let Some(written) = latest.as_ref().filter(|written| written.seq >= seq) {
            return Some(written.clone());
        }
        let lab = lab.clone();
        let written = tokio::task::spawn_blocking(move || write(&lab.state())).await;
        let written = written.map_err(|fault| fault.to_string()).and_then(|text| text);
        *latest = written.map_err(|error| tracing::error!("a snapshot cannot be written: {error}")).ok();
        latest.clone()
    }
}

fn write(state: &LabState) -> Result<Written, String> {
    let text = serde_json::to_string(&Message::Snapshot { state }).map_err(|error| error.to_string())?;
    Ok(Written { seq: state.seq, text: text.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{LabOptions, OlderQueue};
    use tunemask_engine::Device;
    use tunemask_shared::protocol::FromServer;

    #[test]
    fn a_snapshot_is_written_as_the_protocol_says() {
        let state = LabState { seq: 7, paused: true, ..LabState::default() };
        let message = FromServer::Snapshot { state: Box::new(state.clone()) };
        assert_eq!(write(&state).unwrap().text.as_str(), serde_json::to_string(&message).unwrap());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn pages_share_a_snapshot_until_one_needs_a_newer() {
        let home = tempfile::tempdir().unwrap();
        let (older_queue, device) = (OlderQueue::Continue, Device::cpu());
        let lab = Lab::open(&LabOptions { home: home.path().into(), older_queue, device }).unwrap();
        let snapshots = Snapshots::default();
        let first = snapshots.at_least(&lab, 0).await.unwrap();
        let asked = lab.clone();
        tokio::task::spawn_blocking(move || asked.pause()).await.unwrap().unwrap();
        let shared = snapshots.at_least(&lab, 0).await.unwrap();
        assert_eq!(first.text.as_ptr(), shared.text.as_ptr(), "the same bytes in memory");
        let newer = snapshots.at_least(&lab, 1).await.unwrap();
        assert_eq!((shared.seq, newer.seq), (0, 1));
        assert!(newer.text.contains("\"paused\":true"));
    }
}

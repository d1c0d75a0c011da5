//! The websocket's messages: JSON, one a frame; how long ones travel, `crate::frame` says.
//!
//! The page says `FromPage::Hello`; a server of the same version answers `FromServer::Welcome` and a
//! `FromServer::Snapshot`, which holds what every page knows of the lab: an `Overview`. Whenever that has become different,
//! at most ten times a second, `FromServer::Changed` says how. It replaces what it names, so no line of the log is missed by
//! who was told late. A server of another version answers `OtherVersion` alone, and the page loads itself again.
//!
//! A page is told of single runs only where it watches their experiments. `FromPage::Watch` is answered by one
//! `FromServer::Watched`: the part of the lab that it is (`crate::watched`), up to a line of the log; and then by all lines
//! behind that one which concern the part, as `FromServer::Events`, in order and without gaps, at most ten times a second. Each
//! such message says behind which line it begins, so a page notices if one is missing: then, or if its socket broke, it says
//! Hello again. A server whose page lags begins the part anew unasked. Events and series are always those of the `Watched`
//! that was sent last: a page that has asked for another part meanwhile drops them until that has come.
//!
//! Where runs are watched, `FromServer::Series` follow with the points that they have so far, each whole up to its
//! `seq`; behind `seq` the events hold that run's points. So a page appends an event's points to a run's series exactly if
//! it has that series and the event is behind its `seq`, and takes all series for old when the part begins anew, whereupon
//! the server sends them again. A run that is [`crate::event::EventKind::Queued`] again starts a new series.

mod from_page;
mod from_server;

pub use from_page::FromPage;
pub use from_server::{FromServer, RunSeries};

use serde::{Deserialize, Serialize};

/// Raised when a message changes so that an older page would misread it. [`FromPage::Hello`] and [`OtherVersion`] never
/// change: pages and servers of all versions understand them.
pub const PROTOCOL_VERSION: u32 = 17;

/// Longest message a server accepts, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// Seconds between two signs of life of the server: a page can tell within seconds that it is not heard.
pub const HEARTBEAT_SECS: u64 = 3;

/// The answer to a Hello of another protocol version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "welcome")]
pub struct OtherVersion {
    /// [`PROTOCOL_VERSION`] of the server.
    pub protocol: u32,
    /// Version of the program.
    pub version: String,
    /// The device that trains, for people.
    pub device: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ExperimentId;
    use crate::experiment::Experiment;
    use crate::run::RunId;
    use crate::watched::{Detail, Watch};

    #[test]
    fn numbers_and_texts_come_as_they_were_sent() {
        let mut experiment = Experiment { name: "γ \"x\"\n".into(), ..Experiment::default() };
        experiment.learning_rates = vec![1e-5, 5e-4, 0.1 + 0.2, 1.0, f64::MIN_POSITIVE, 0.015];
        let messages = [
            FromPage::Start { request: 7, experiment: Box::new(experiment) },
            FromPage::Watch { watch: vec![Watch { experiment_id: ExperimentId(3), detail: Detail::Runs }] },
            FromPage::Cancel { runs: vec![RunId("ab".into())] },
        ];
        for message in messages {
            let text = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<FromPage>(&text).unwrap(), message, "{text}");
        }
    }

    /// A page of another version must be told apart from one that is misread.
    #[test]
    fn what_all_versions_say_keeps_its_form() {
        let hello = r#"{"type":"hello","protocol":6}"#;
        assert_eq!(serde_json::to_string(&FromPage::Hello { protocol: 6 }).unwrap(), hello);
        let other = OtherVersion { protocol: 6, version: "0.1.0".into(), device: "cpu".into() };
        let text = serde_json::to_string(&other).unwrap();
        assert_eq!(text, r#"{"type":"welcome","protocol":6,"version":"0.1.0","device":"cpu"}"#);
        assert_eq!(serde_json::from_str::<OtherVersion>(&text).unwrap(), other);
        assert!(serde_json::from_str::<FromServer>(&text).is_err());
        let same = FromServer::Welcome { version: "0.1.0".into(), device: "cpu".into() };
        let text = serde_json::to_string(&same).unwrap();
        assert!(serde_json::from_str::<OtherVersion>(&text).is_err(), "{text}");
    }
}

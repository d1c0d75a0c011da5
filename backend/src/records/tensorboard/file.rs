//! A file of records as TensorFlow writes them (`tensorflow/core/lib/io/record_writer.cc`): of each its length, a checksum of
//! that, itself, and a checksum of it; all little-endian.

use super::messages::Event;
use crate::records::RecordsError;
use crate::records::checksum::CRC32C;
use prost::Message;
use std::io::Write;

/// What a file's first event says.
const VERSION: &str = "brain.Event:2";

/// A file of events.
#[derive(Debug)]
pub(super) struct EventFile<W>(W);

impl<W: Write> EventFile<W> {
    /// Begins a file, with the event that says what it is.
    pub(super) fn begin(out: W, wall_time: f64) -> Result<Self, RecordsError> {
        let mut file = Self(out);
        let version = Some(VERSION.to_owned());
        file.write(&Event { wall_time, step: 0, file_version: version, summary: None })?;
        Ok(file)
    }

    pub(super) fn write(&mut self, event: &Event) -> Result<(), RecordsError> {
        let data = event.encode_to_vec();
        let length = (data.len() as u64).to_le_bytes();
        for part in [&length[..], &masked(&length), &data, &masked(&data)] {
            self.0.write_all(part)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), RecordsError> {
        Ok(self.0.flush()?)
    }
}

/// A checksum that is none of what it is part of: rotated, and moved by a constant.
fn masked(bytes: &[u8]) -> [u8; 4] {
    CRC32C.of(&[bytes]).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::messages::{
        HParamValue, HParamsPluginData, PluginData, SessionStartInfo, Summary, SummaryMetadata, SummaryValue,
    };
    use super::*;

    /// Written by TensorBoard's own writer: `backend/tests/parity/peer_boards.py --fixtures`.
    const THEIRS: &[u8] = include_bytes!("../../../tests/fixtures/boards/events.bin");

    #[test]
    fn a_file_has_the_bytes_of_tensorboards_own() {
        let session = SessionStartInfo {
            hparams: [("learning_rate".to_owned(), HParamValue::number(0.001))].into(),
            group_name: "aa".into(),
            start_time_secs: 1.5,
        };
        let about = HParamsPluginData { session_start_info: Some(session), ..HParamsPluginData::default() };
        let data = PluginData { plugin_name: "hparams".into(), content: about.encode_to_vec() };
        let metadata = Some(SummaryMetadata { plugin_data: Some(data) });
        let plugin =
            SummaryValue { tag: "_hparams_/session_start_info".into(), simple_value: None, metadata };
        let figure = |tag: &str, value| SummaryValue {
            tag: tag.into(),
            simple_value: Some(value),
            ..SummaryValue::default()
        };
        let event = |wall_time, step, value| Event {
            wall_time,
            step,
            file_version: None,
            summary: Some(Summary { value }),
        };
        let mut out = Vec::new();
        let mut file = EventFile::begin(&mut out, 1.5).unwrap();
        file.write(&event(1.5, 0, vec![plugin])).unwrap();
        file.write(&event(2.5, 300, vec![figure("train/loss", 0.1), figure("eval/γ", 0.0)])).unwrap();
        file.finish().unwrap();
        assert_eq!(out, THEIRS);
    }
}

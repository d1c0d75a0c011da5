//! A file of records in LevelDB's log format (`doc/log_format.md` there), with W&B's seven bytes before it and CRC-32 for
//! CRC-32C.
//!
//! A file is blocks of 32 KiB. A record lies in one of them, or is cut into fragments, each in its block; each begins with
//! checksum (of kind and data), length and kind. Where a block has no room for those, it ends in zeros.

use super::messages::Record;
use crate::records::RecordsError;
use crate::records::checksum::CRC32;
use prost::Message;
use std::io::Write;

/// `:W&B`, a number that stands for the program (0xBEE1), and a version.
const BEGIN: [u8; 7] = *b":W&B\xe1\xbe\x00";
const BLOCK: usize = 32 << 10;
/// Bytes before a fragment's data.
const HEAD: usize = 7;

/// Which part of a record a fragment is.
const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

/// A file of records.
#[derive(Debug)]
pub(super) struct Log<W> {
    out: W,
    /// Bytes in the block so far.
    filled: usize,
    /// Records so far.
    count: i64,
}

impl<W: Write> Log<W> {
    pub(super) fn begin(mut out: W) -> Result<Self, RecordsError> {
        out.write_all(&BEGIN)?;
        Ok(Self { out, filled: BEGIN.len(), count: 0 })
    }

    /// Numbers a record and writes it.
    pub(super) fn write(&mut self, record: Record) -> Result<(), RecordsError> {
        self.count += 1;
        self.data(&Record { num: self.count, ..record }.encode_to_vec())
    }

    pub(super) fn finish(mut self) -> Result<(), RecordsError> {
        Ok(self.out.flush()?)
    }

    fn data(&mut self, mut data: &[u8]) -> Result<(), RecordsError> {
        if BLOCK - self.filled < HEAD {
            self.out.write_all(&[0; HEAD][..BLOCK - self.filled])?;
            self.filled = 0;
        }
        let mut begun = false;
        loop {
            let (own, rest) = data.split_at(data.len().min(BLOCK - self.filled - HEAD));
            let kind = match (begun, rest.is_empty()) {
                (false, true) => FULL,
                (false, false) => FIRST,
                (true, false) => MIDDLE,
                (true, true) => LAST,
            };
            self.fragment(kind, own)?;
            if rest.is_empty() {
                return Ok(());
            }
            (begun, data) = (true, rest);
        }
    }

    fn fragment(&mut self, kind: u8, data: &[u8]) -> Result<(), RecordsError> {
        let checksum = CRC32.of(&[&[kind], data]);
        self.out.write_all(&checksum.to_le_bytes())?;
        // A fragment is shorter than a block.
        self.out.write_all(&(data.len() as u16).to_le_bytes())?;
        self.out.write_all(&[kind])?;
        self.out.write_all(data)?;
        self.filled = (self.filled + HEAD + data.len()) % BLOCK;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages::{
        ConfigRecord, HeaderRecord, HistoryRecord, HistoryStep, Item, RunExitRecord, RunRecord,
        SummaryRecord, Timestamp, VersionInfo,
    };
    use super::*;
    use sha2::{Digest, Sha256};
    use tunemask_shared::run::hexadecimal;

    /// Written by W&B's own program: `backend/tests/parity/peer_boards.py --fixtures`.
    const THEIRS: &[u8] = include_bytes!("../../../tests/fixtures/boards/run.bin");
    /// The SHA-256 of what it wrote of records of every length about a block's.
    const LARGE: &str = include_str!("../../../tests/fixtures/boards/large.sha256");

    fn written(records: impl IntoIterator<Item = Record>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut log = Log::begin(&mut out).unwrap();
        records.into_iter().for_each(|record| log.write(record).unwrap());
        log.finish().unwrap();
        out
    }

    #[test]
    fn a_file_has_the_bytes_of_wandbs_own() {
        let version = VersionInfo { producer: "tunemask".into(), min_consumer: "0.40.0".into() };
        let run = RunRecord {
            run_id: "aa".into(),
            project: "tunemask".into(),
            display_name: "rte γ".into(),
            config: Some(ConfigRecord { update: vec![Item::new("seed", "3")] }),
            start_time: Some(Timestamp { seconds: 1_795_965_067, nanos: 725_000_000 }),
            ..RunRecord::default()
        };
        let item = vec![Item::of_step("train/loss", "NaN")];
        let history = HistoryRecord { item, step: Some(HistoryStep { num: 0 }) };
        let records = [
            Record { header: Some(HeaderRecord { version_info: Some(version) }), ..Record::default() },
            Record { run: Some(run), ..Record::default() },
            Record { history: Some(history), ..Record::default() },
            Record { exit: Some(RunExitRecord { exit_code: 1, runtime: 7 }), ..Record::default() },
        ];
        assert_eq!(written(records), THEIRS);
    }

    #[test]
    fn blocks_end_where_they_must() {
        let record = |length| {
            let update = vec![Item::new("k", "x".repeat(length))];
            Record { summary: Some(SummaryRecord { update }), ..Record::default() }
        };
        let lengths = (32_700..32_780).chain([0, 65_536, 100_000, 1]);
        assert_eq!(hexadecimal(&Sha256::digest(written(lengths.map(record)))), LARGE.trim());
    }
}

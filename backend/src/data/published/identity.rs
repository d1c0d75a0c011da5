//! Which data these are: the fingerprint of a task that was read from parquet.
//!
//! GLUE's own files are known by their bytes, and the runs on them must stay what they are. Two ways lead from records
//! back to those bytes. RTE, QNLI and SST-2 have no more in their own files than the records say: the files are written
//! anew in memory, and hashed as if they had been read. CoLA, MRPC, STS-B and CoNLL-2003 have more (a source, numbers of
//! sentences, parses): a table joins the records of the published files to the bytes of the official ones. Everything
//! else (MNLI, QQP, parts, and changed copies) is known by its records: a run of its own, never a wrong one.

use crate::data::folders::digest_of;
use crate::data::identity::records_digest;
use crate::data::quoted::is_quoted;
use crate::data::record::RecordSet;
use std::fmt::Write;
use tunemask_shared::task::Task;

/// The digest of the official files by that of their records; a test holds it to the files.
const OFFICIAL: [(&str, &str); 4] = [
    // CoLA
    (
        "17c191e3efb8faa3f25ff562c433459857877a91f02008f8537d0e539e3edb28",
        "11da9de066df0ff29352c2f40fece98f1e058f9aefd3eab759804b24fb0536e5",
    ),
    // MRPC
    (
        "acccf8df9bf76703bc95c64b5cd935a91a01a144361bb91a28e62b27e9a4adaf",
        "32c5d2bfd8604525d5f6c135a539f7c72c5f69307677325ba74b3a2a8ac8794b",
    ),
    // STS-B
    (
        "2f983cfa83e1009150e4506790a640959a83fcb083b7da8ac4a5bed6154441ed",
        "35b1c702f1805c2854bde671958f3c1d25ea3af19ee74f1af4acd3bcbb9b51ff",
    ),
    // CoNLL-2003, in IOB2
    (
        "1d88de1ffc3cbb756768fb07b1dfc7e43303f80d77dcfd498b2c6a00b5c51e40",
        "6fc7731d07392e67388312ec2f57cd161101b5944c4fd66e1bac4dc59c2e7cd6",
    ),
];

/// SHA-256 over a task's own files where these are known, or over its records, in hexadecimal.
pub(super) fn fingerprint(task: &Task, sets: &[RecordSet]) -> String {
    if let Some(files) = sets.iter().map(|set| own_file(task, set)).collect::<Option<Vec<_>>>() {
        let parts = sets.iter().zip(&files).map(|(set, file)| (set.name.as_str(), file.as_bytes()));
        return digest_of(parts);
    }
    let digest = records_digest(&what(task), sets);
    let official = OFFICIAL.iter().find(|(records, _)| *records == digest);
    official.map_or(digest, |(_, files)| (*files).to_owned())
}

/// What the targets' numbers stand for: by the task's name, where its labels are the known ones.
fn what(task: &Task) -> String {
    match Task::known(task.name()) {
        Some(known) if known == *task => task.name().to_string(),
        Some(_) | None => serde_json::to_string(task.kind()).unwrap_or_default(),
    }
}

/// GLUE's own file of a set, where it can be told from the records.
fn own_file(task: &Task, set: &RecordSet) -> Option<String> {
    let (header, numbered, names): (_, _, &[&str]) = match task.name().as_str() {
        "rte" => ("index\tsentence1\tsentence2\tlabel\n", true, &["entailment", "not_entailment"]),
        "qnli" => ("index\tquestion\tsentence\tlabel\n", true, &["entailment", "not_entailment"]),
        "sst2" => ("sentence\tlabel\n", false, &["0", "1"]),
        _ => return None,
    };
    let mut file = header.to_owned();
    for (row, record) in (0..).zip(&set.records) {
        // A row was left out, and stands in the file.
        if record.index != row {
            return None;
        }
        if numbered {
            _ = write!(file, "{row}\t");
        }
        for text in record.input.texts() {
            if text.contains(['\t', '\n']) {
                return None;
            }
            file.push_str(text);
            file.push('\t');
        }
        file.push_str(names.get(*record.targets.first()? as usize)?);
        file.push('\n');
    }
    // Such a file would be read as another.
    (!is_quoted(&file)).then_some(file)
}

//! The files and columns of GLUE's tasks.

use super::record::{Record, RecordSet};
use super::report::Skipped;
use super::table::{Table, shortened};
use super::{DataError, Records};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use tunemask_shared::run::hexadecimal;
use tunemask_shared::task::{Kind, Source, TASKS, Task};

/// Where a task's columns stand.
struct Columns {
    text: usize,
    pair: Option<usize>,
    target: usize,
    /// Columns of a row.
    count: usize,
    /// Whether the first line is a header.
    header: bool,
}

/// A file of a task.
struct File {
    /// `train`, or a name of `Task::development_sets`.
    set: &'static str,
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Which GLUE tasks a folder holds.
///
/// # Errors
/// No such folder, one that cannot be listed, or one without any task.
pub(super) fn tasks_in(folder: &Path) -> Result<Vec<Task>, DataError> {
    let found = folders(folder)?;
    let tasks: Vec<Task> = TASKS.into_iter().filter(|task| found.iter().any(|(t, _)| t == task)).collect();
    if tasks.is_empty() { Err(DataError::NoTasks(folder.to_owned())) } else { Ok(tasks) }
}

/// SHA-256 over a task's files.
///
/// # Errors
/// No folder of the task; a file that is missing or unreadable.
pub(super) fn fingerprint(task: Task, data: &Path) -> Result<String, DataError> {
    files(task, data).map(|files| digest(&files))
}

/// A task's records.
///
/// # Errors
/// A file that is missing, empty or not UTF-8; a row that cannot be understood.
pub(super) fn read(task: Task, data: &Path) -> Result<Records, DataError> {
    let files = files(task, data)?;
    let fingerprint = digest(&files);
    let mut sets = Vec::new();
    let mut notes = Vec::new();
    for name in ["train"].iter().chain(task.development_sets()) {
        match files.iter().find(|f| f.set == *name) {
            Some(file) => sets.push(records(task, file)?),
            None => {
                notes.push(format!("no {}; {name} is not evaluated", file_name(task, name)));
                sets.push(RecordSet { name: (*name).to_owned(), ..RecordSet::default() });
            }
        }
    }
    Ok(Records { sets, fingerprint, notes })
}

/// Folders named after a task, in any case, that have a training file.
fn folders(data: &Path) -> Result<Vec<(Task, PathBuf)>, DataError> {
    if !data.is_dir() {
        return Err(DataError::Folder(data.to_owned()));
    }
    let read = |source| DataError::Read { path: data.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(data).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if let Ok(task) = name.parse::<Task>()
            && task.source() == Source::Glue
            && path.join("train.tsv").is_file()
        {
            found.push((task, path));
        }
    }
    // Where `RTE` and `rte` both stand, the official spelling comes first.
    found.sort_by_key(|(task, path)| (*task, !path.ends_with(task.title()), path.clone()));
    Ok(found)
}

fn file_name(task: Task, set: &str) -> String {
    match (task, set) {
        (_, "train") => "train.tsv".into(),
        (Task::Mnli, _) => format!("dev_{set}.tsv"),
        _ => "dev.tsv".into(),
    }
}

/// The bytes of every file that a task needs; a second development set may be absent.
fn files(task: Task, data: &Path) -> Result<Vec<File>, DataError> {
    let (_, folder) = folders(data)?
        .into_iter()
        .find(|(t, _)| *t == task)
        .ok_or_else(|| DataError::NoTask { folder: data.to_owned(), task })?;
    let mut files = Vec::new();
    for (number, set) in ["train"].iter().chain(task.development_sets()).enumerate() {
        let path = folder.join(file_name(task, set));
        if number > 1 && !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).map_err(|source| DataError::Read { path: path.clone(), source })?;
        files.push(File { set, path, bytes });
    }
    Ok(files)
}

fn digest(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(format!("{} {}\n", file.set, file.bytes.len()));
        hash.update(&file.bytes);
    }
    hexadecimal(&hash.finalize())
}

fn columns(task: Task, table: &Table<'_>) -> Result<Columns, DataError> {
    let pair = |names: [&str; 3]| {
        let ([text, second, target], count) = table.columns(names)?;
        Ok(Columns { text, pair: Some(second), target, count, header: true })
    };
    match task {
        Task::Cola => Ok(Columns { text: 3, pair: None, target: 1, count: 4, header: false }),
        Task::Mrpc => pair(["#1 String", "#2 String", "Quality"]),
        Task::Stsb => pair(["sentence1", "sentence2", "score"]),
        Task::Qqp => pair(["question1", "question2", "is_duplicate"]),
        Task::Mnli => pair(["sentence1", "sentence2", "gold_label"]),
        Task::Qnli => pair(["question", "sentence", "label"]),
        Task::Rte => pair(["sentence1", "sentence2", "label"]),
        // Tasks of the built-in language have no files; SST-2 is the one left.
        Task::Sst2 | Task::Acceptability | Task::Sentiment => {
            let ([text, target], count) = table.columns(["sentence", "label"])?;
            Ok(Columns { text, pair: None, target, count, header: true })
        }
    }
}

fn records(task: Task, file: &File) -> Result<RecordSet, DataError> {
    let table = Table::new(&file.path, &file.bytes)?;
    let columns = columns(task, &table)?;
    let mut set = RecordSet { name: file.set.to_owned(), ..RecordSet::default() };
    let mut skip = |line: usize, reason: &str| match set.skipped.iter_mut().find(|s| s.reason == reason) {
        Some(skipped) => skipped.rows += 1,
        None => set.skipped.push(Skipped { reason: reason.to_owned(), rows: 1, first_line: line }),
    };
    let rows = table.lines().skip(usize::from(columns.header));
    for (index, (line, row)) in (0..).zip(rows) {
        let cells: Vec<&str> = row.split('\t').collect();
        if cells.len() != columns.count {
            // The official QQP has rows that were broken in two.
            if task == Task::Qqp && cells.len() < columns.count {
                skip(line, "fewer columns than the header");
                continue;
            }
            let why = format!("{} columns; expected {}", cells.len(), columns.count);
            return Err(table.error(line, why));
        }
        let label = cells[columns.target].trim();
        // MultiNLI marks rows on which its annotators did not agree.
        if task == Task::Mnli && label == "-" {
            skip(line, "no gold label");
            continue;
        }
        let target = target(task, label).map_err(|why| table.error(line, why))?;
        let pair = columns.pair.map(|p| cells[p].to_owned());
        set.records.push(Record { text: cells[columns.text].to_owned(), pair, target, index });
    }
    if set.records.is_empty() { Err(DataError::Empty(file.path.clone())) } else { Ok(set) }
}

/// The label's number, or the score.
fn target(task: Task, cell: &str) -> Result<f32, String> {
    match task.kind() {
        Kind::Regression(low, high) => match cell.parse::<f32>() {
            Ok(score) if (low..=high).contains(&score) => Ok(score),
            _ => Err(format!("the score is `{}`; expected a number from {low} to {high}", shortened(cell))),
        },
        Kind::Classification(names) => {
            let digits = ["0", "1"];
            let spelled = match task {
                Task::Mnli | Task::Qnli | Task::Rte => names,
                _ => &digits,
            };
            let place = spelled.iter().position(|name| *name == cell);
            place.map(|p| p as f32).ok_or_else(|| {
                let (last, first) = spelled.split_last().unwrap_or((&"", &[]));
                let expected = format!("{} or {last}", first.join(", "));
                format!("the label is `{}`; expected {expected}", shortened(cell))
            })
        }
    }
}

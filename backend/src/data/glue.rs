//! The files and columns of GLUE's tasks.

use super::DataError;
use super::folders::{self, File, digest};
use super::record::{Input, Record, RecordSet, TaskRecords};
use super::report::Skipped;
use super::table::{Table, shortened};
use std::path::Path;
use tunemask_shared::task::{Kind, Task};

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
pub(super) fn read(task: Task, data: &Path) -> Result<TaskRecords, DataError> {
    let files = files(task, data)?;
    let fingerprint = digest(&files);
    let mut sets = Vec::new();
    let mut notes = Vec::new();
    for name in ["train"].iter().chain(task.development_sets()) {
        match files.iter().find(|f| f.set == *name) {
            Some(file) => sets.push(records(task, file)?),
            None => {
                notes.push(format!("no {}; {name} is not evaluated", folders::names(task, name)[0]));
                sets.push(RecordSet { name: (*name).to_owned(), ..RecordSet::default() });
            }
        }
    }
    Ok(TaskRecords { sets, fingerprint, notes })
}

/// The bytes of every file that a task needs; a second development set may be absent.
fn files(task: Task, data: &Path) -> Result<Vec<File>, DataError> {
    let folder = folders::folder(task, data)?;
    let mut files = Vec::new();
    for (number, set) in ["train"].iter().chain(task.development_sets()).enumerate() {
        if number > 1 && folders::file(task, &folder, set).is_none() {
            continue;
        }
        files.push(folders::open(task, &folder, set)?);
    }
    Ok(files)
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
        // The other tasks have no such files; SST-2 is the one left.
        _ => {
            let ([text, target], count) = table.columns(["sentence", "label"])?;
            Ok(Columns { text, pair: None, target, count, header: true })
        }
    }
}

fn records(task: Task, file: &File) -> Result<RecordSet, DataError> {
    let table = Table::new(&file.path, &file.bytes)?;
    let columns = columns(task, &table)?;
    let mut set = RecordSet { name: file.set.to_owned(), ..RecordSet::default() };
    let rows = table.lines().skip(usize::from(columns.header));
    for (index, (line, row)) in (0..).zip(rows) {
        let cells: Vec<&str> = row.split('\t').collect();
        if cells.len() != columns.count {
            // The official QQP has rows that were broken in two.
            if task == Task::Qqp && cells.len() < columns.count {
                Skipped::count(&mut set.skipped, line, "fewer columns than the header");
                continue;
            }
            let why = format!("{} columns; expected {}", cells.len(), columns.count);
            return Err(table.error(line, why));
        }
        let label = cells[columns.target].trim();
        // MultiNLI marks rows on which its annotators did not agree.
        if task == Task::Mnli && label == "-" {
            Skipped::count(&mut set.skipped, line, "no gold label");
            continue;
        }
        let target = target(task, label).map_err(|why| table.error(line, why))?;
        let text = cells[columns.text].to_owned();
        let input = match columns.pair {
            Some(pair) => Input::Pair(text, cells[pair].to_owned()),
            None => Input::Text(text),
        };
        set.records.push(Record { input, targets: vec![target], index });
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
        Kind::Classification(names) | Kind::Tagging(names) => {
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

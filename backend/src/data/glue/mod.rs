//! GLUE's tasks: its own files, and those that the datasets library writes of them. In reading order:

/// Where a task's columns stand.
mod columns;
/// How labels are spelled.
mod label;

use super::DataError;
use super::file_names::names as file_names;
use super::folders::{self, File, digest};
use super::quoted::unquoted;
use super::record::{Input, Record, RecordSet, TaskRecords, sets_of};
use super::report::Skipped;
use super::sheet::Sheet;
use columns::Columns;
pub(super) use columns::published as published_columns;
pub(super) use label::Labels;
use std::borrow::Cow;
use std::path::Path;
use tunemask_shared::task::{GlueTask, Source, Task};
use tunemask_shared::text::count;

/// SHA-256 over a task's files.
///
/// # Errors
/// No folder of the task; a file that is missing or unreadable.
pub(super) fn fingerprint(task: GlueTask, data: &Path) -> Result<String, DataError> {
    files(task, data).map(|files| digest(&files))
}

/// A task's records.
///
/// # Errors
/// A file that is missing, empty or not UTF-8; a row that cannot be understood.
pub(super) fn read(task: GlueTask, data: &Path) -> Result<TaskRecords, DataError> {
    let files = files(task, data)?;
    let (source, folder) = (Source::Glue(task), folders::folder(Source::Glue(task), data)?);
    let fingerprint = digest(&files);
    let mut sets = Vec::new();
    let mut notes = Vec::new();
    for name in sets_of(&Task::from(task)) {
        match files.iter().find(|f| f.set == name) {
            Some(file) => {
                let file_name = file.name();
                for other in folders::unread(source, &folder, &name) {
                    notes.push(format!("{file_name} is read, {other} beside it is not"));
                }
                sets.push(records(task, file, &mut notes)?);
            }
            None => {
                notes.push(format!("no {}; {name} is not evaluated", file_names(source, &name)[0]));
                sets.push(RecordSet { name, ..RecordSet::default() });
            }
        }
    }
    Ok(TaskRecords { sets, fingerprint, notes })
}

/// The bytes of every file that a task needs; a second development set may be absent.
fn files(task: GlueTask, data: &Path) -> Result<Vec<File>, DataError> {
    let (source, folder) = (Source::Glue(task), folders::folder(Source::Glue(task), data)?);
    let mut files = Vec::new();
    for (number, set) in sets_of(&Task::from(task)).iter().enumerate() {
        if number > 1 && folders::file(source, &folder, set).is_none() {
            continue;
        }
        files.push(folders::open(source, &folder, set)?);
    }
    Ok(files)
}

fn records(task: GlueTask, file: &File, notes: &mut Vec<String>) -> Result<RecordSet, DataError> {
    let sheet = Sheet::new(&file.path, &file.bytes)?;
    let columns = Columns::find(task, &sheet)?;
    let mut labels = Labels::new(task, columns.name);
    let mut set = RecordSet { name: file.set.clone(), ..RecordSet::default() };
    for (index, row) in (0..).zip(sheet.rows(columns.first_line)) {
        let (line, cells) = row?;
        if cells.len() != columns.count {
            // The official QQP has rows that were broken in two.
            if task == GlueTask::Qqp && cells.len() < columns.count {
                Skipped::count(&mut set.skipped, line, "fewer columns than the header");
                continue;
            }
            let why = format!("{}; expected {}", count(cells.len(), "column"), columns.count);
            return Err(sheet.error(line, why));
        }
        let label = cells[columns.target].trim();
        // MultiNLI marks rows on which its annotators did not agree.
        if task == GlueTask::Mnli && label == "-" {
            Skipped::count(&mut set.skipped, line, "no gold label");
            continue;
        }
        let target = labels.target(label).map_err(|why| sheet.error(line, why))?;
        let mut cells = cells;
        let mut take = |place: usize| std::mem::replace(&mut cells[place], Cow::Borrowed("")).into_owned();
        let text = take(columns.text);
        let input = match columns.pair {
            Some(pair) => Input::Pair(text, take(pair)),
            None => Input::Text(text),
        };
        set.records.push(Record { input, targets: vec![target], index });
    }
    if set.records.is_empty() {
        return Err(DataError::Empty(file.path.clone()));
    }
    let name = file.name();
    if sheet.was_quoted() {
        notes.push(unquoted(&name));
    }
    notes.extend(labels.note().map(|note| format!("{name}: {note}")));
    Ok(set)
}

//! Tasks: readers and tokenisation.
//!
//! GLUE comes as its folders (`CoLA`, `SST-2`, `MRPC`, `STS-B`, `QQP`, `MNLI`, `QNLI`, `RTE`), of which a data folder
//! may hold only some: its own TSV files, in which nothing is quoted or escaped, or what the datasets library makes
//! of them, as TSV, CSV or JSON Lines with its names of columns and its numbers of labels. A file is UTF-8, with or
//! without byte-order mark, with `\n` or `\r\n`, with or without a last newline. Columns are found by the header's
//! names. Token classification comes as CoNLL's columns in `conll2003` and `ptb`, beside them or beside a folder `glue`.
//! Both also come as the Hugging Face hub has them, in parquet.
//!
//! In reading order:

/// Files of words with their tags.
mod columns;
/// What is wrong with a task's data, and where.
mod error;
/// Files of rows as columns of cells.
mod frame;
/// Examples as the engine reads them.
mod example;
/// The names of files.
mod file_names;
/// Which parquet files are a set's.
mod parts;
/// SHA-256 over records.
mod identity;
/// Where a data folder holds which task.
mod folders;
/// The files and columns of GLUE's tasks.
mod glue;
/// GLUE and CoNLL-2003 as the hub publishes them.
mod published;
/// Data of the user's own.
pub(crate) mod own;
/// Files that came from a browser.
pub(crate) mod uploads;
/// The built-in language's tasks.
mod builtin;
/// A text of which nothing is known to be right.
mod unlabelled;
/// The first development examples.
mod first;
/// Which examples a limit leaves.
mod limit;
/// Labelled texts before tokenisation.
mod record;
/// What was read, cut and skipped.
mod report;
/// What is to be said of examples.
mod remarks;
/// A file's text in lines.
mod table;
/// Whether tab-separated columns are quoted.
mod quoted;
/// Rows of cells, whichever form a file has.
mod sheet;
#[cfg(test)]
mod tests;

pub use error::DataError;
pub use example::Example;
pub(crate) use file_names::training_file;
pub use first::{FirstRecords, first_development_records};
pub use record::{Input, Record};
pub use report::{Report, SetReport};
pub use unlabelled::Unlabelled;

use crate::hub::data_folder;
use crate::language;
use crate::model::Tokenizer;
use record::TaskRecords;
use remarks::{majority, one_label};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tunemask_shared::facts::DataFacts;
use tunemask_shared::task::{Source, Task, TaskName};

/// A task's examples, tokenised.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskData {
    /// Training examples in the file's order.
    pub train: Vec<Example>,
    /// One set for each of [`Task::development_sets`]; empty where a second one has no file.
    pub development: Vec<Vec<Example>>,
    /// What [`fingerprint`] gives.
    pub fingerprint: String,
    /// What was read, cut and skipped.
    pub report: Report,
}

/// Reads and tokenises a task.
///
/// Sequences have at most `max_length` tokens. A limit leaves the first so many examples of an order that
/// depends on the task and the set alone, so that every seed sees the same subset and labels stay mixed.
///
/// # Errors
/// No data folder, or none of the task; a file that is missing, empty or not UTF-8; a row with the wrong number
/// of columns, label or score; a text that cannot be tokenised. Errors name file and line, from 1.
pub fn load(
    task: &Task,
    data: Option<&Path>,
    tokenizer: &Tokenizer,
    max_length: usize,
    train_limit: Option<u32>,
    eval_limit: Option<u32>,
) -> Result<TaskData, DataError> {
    let read = read(task, data)?;
    // What is in memory as tokens need not be there as text.
    own::forget_records();
    tokenised(task, &read, tokenizer, max_length, train_limit, eval_limit)
}

/// Records as examples, under a limit for each set.
fn tokenised(
    task: &Task,
    read: &TaskRecords,
    tokenizer: &Tokenizer,
    max_length: usize,
    train_limit: Option<u32>,
    eval_limit: Option<u32>,
) -> Result<TaskData, DataError> {
    let mut report = Report { sets: Vec::new(), notes: read.notes.clone() };
    let mut tokenised = Vec::new();
    for (number, set) in read.sets.iter().enumerate() {
        let limit = if number == 0 { train_limit } else { eval_limit };
        let kept = limit::kept(task.name(), number as u32, set.records.len(), limit);
        let mut entry = SetReport { name: set.name.clone(), rows: set.records.len(), ..SetReport::default() };
        let records: Vec<&Record> = kept.iter().map(|&i| &set.records[i]).collect();
        let mut cuts = example::examples(&records, tokenizer, max_length).map_err(DataError::Tokenize)?;
        entry.truncated = cuts.iter().filter(|c| c.truncated).count();
        entry.lost_words = cuts.iter().map(|c| c.lost_words).sum();
        entry.unread_words = cuts.iter().map(|c| c.unread_words).sum();
        // A sentence without any word that can be read teaches nothing and is not scored.
        cuts.retain(|c| !c.example.reads.is_empty());
        entry.longest = cuts.iter().map(|c| c.example.ids.len()).max().unwrap_or(0);
        entry.used = cuts.len();
        entry.skipped = set.skipped.clone();
        let examples: Vec<Example> = cuts.into_iter().map(|c| c.example).collect();
        report.notes.extend(one_label(task, &entry.name, &examples));
        report.sets.push(entry);
        tokenised.push(examples);
    }
    let development = tokenised.split_off(1.min(tokenised.len()));
    let train = tokenised.pop().unwrap_or_default();
    report.notes.extend(development.first().and_then(|development| majority(task, &train, development)));
    Ok(TaskData { train, development, fingerprint: read.fingerprint.clone(), report })
}

/// A task's training examples as they stand in its files, untokenised and uncut, in the file's order.
///
/// # Errors
/// As [`load`], but for texts that cannot be tokenised.
pub fn training_records(task: &Task, data: Option<&Path>) -> Result<Vec<Record>, DataError> {
    Ok(read(task, data)?.sets.first().map(|set| set.records.clone()).unwrap_or_default())
}

/// How much a task holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Training examples.
    pub train: usize,
    /// Development examples of all sets.
    pub development: usize,
    /// Mean length of a training example in tokens, of a sample.
    pub tokens: usize,
}

/// How much a task holds under its limits: reads all of it, but tokenises a sample alone.
///
/// # Errors
/// As [`load`].
pub fn sizes(
    task: &Task,
    data: Option<&Path>,
    tokenizer: &Tokenizer,
    max_length: usize,
    train_limit: Option<u32>,
    eval_limit: Option<u32>,
) -> Result<Sizes, DataError> {
    const SAMPLE: u32 = 256;
    let sample = Some(train_limit.map_or(SAMPLE, |limit| limit.min(SAMPLE)));
    let read = tokenised(task, &*read(task, data)?, tokenizer, max_length, sample, Some(1))?;
    let tokens: usize = read.train.iter().map(|example| example.ids.len()).sum();
    let rows =
        |entry: &SetReport, limit: Option<u32>| entry.rows.min(limit.map_or(usize::MAX, |l| l as usize));
    let mut sets = read.report.sets.iter();
    let train = sets.next().map_or(0, |set| rows(set, train_limit));
    Ok(Sizes {
        train,
        development: sets.map(|set| rows(set, eval_limit)).sum(),
        tokens: tokens.div_ceil(read.train.len().max(1)),
    })
}

/// SHA-256 over a task's files, or over the generated sentences, in hexadecimal. Reads, but does not tokenise.
///
/// # Errors
/// No data folder, or none of the task; a file that is missing or unreadable.
pub fn fingerprint(task: &Task, data: Option<&Path>) -> Result<String, DataError> {
    let data = &located(data)?;
    let data = data.as_deref();
    if let Some(folder) = published_folder(task, data)? {
        return published::fingerprint(task, &folder);
    }
    match task.source() {
        Source::Glue(glue) => glue::fingerprint(glue, folder_of(task, data)?),
        Source::Columns(columns) => columns::fingerprint(columns, folder_of(task, data)?),
        Source::BuiltIn(built_in) => Ok(language::fingerprint(built_in)),
        Source::Own => Ok(read(task, data)?.fingerprint.clone()),
    }
}

/// The task that a name means beside a data folder.
///
/// # Errors
/// A task of the user's own that the folder does not hold, or without a folder.
pub fn task(name: &TaskName, data: Option<&Path>) -> Result<Task, DataError> {
    match (Task::known(name), data) {
        (Some(known), Some(folder)) => match data_folder(folder) {
            Ok(folder) => Ok(as_in(known, &folder)),
            Err(_) => Ok(known),
        },
        (Some(known), None) => Ok(known),
        (None, Some(folder)) => own::task(&own_folder(name, &data_folder(folder)?)?),
        (None, None) => Err(DataError::NoOwnFolder(name.clone())),
    }
}

/// A known task as a folder has it. What is wrong with the folder is told when it is read.
fn as_in(known: Task, data: &Path) -> Task {
    let Source::Columns(columns) = known.source() else { return known };
    let found = match published_folder(&known, Some(data)) {
        Ok(Some(folder)) => published::task(columns, &folder),
        Ok(None) => columns::task(columns, data),
        Err(error) => Err(error),
    };
    found.unwrap_or(known)
}

/// Which tasks a folder holds: those with a folder of their name (in any case) that has a training file. GLUE's may
/// also stand in a folder `glue` of it. Labels of words are those of the training set.
/// Then the user's own: the folder itself, or those in it.
///
/// # Errors
/// No such folder, one that cannot be listed, or one without any task.
pub fn tasks_in(folder: &Path) -> Result<DataFacts, DataError> {
    let folder = &data_folder(folder)?;
    let own = own::folders(folder, &folders::taken(folder)?);
    let (mut tasks, mut unusable) = (Vec::new(), None);
    for folder in own {
        match own::task(&folder) {
            Ok(task) => tasks.push(task),
            Err(error) => unusable = Some(unusable.unwrap_or(error)),
        }
    }
    match (folders::sources_in(folder), unusable) {
        (Ok(sources), _) => {
            let known = sources.into_iter().filter_map(Task::of_source).map(|known| as_in(known, folder));
            Ok(DataFacts { tasks: known.chain(tasks).collect() })
        }
        (Err(DataError::NoTasks(_)), _) if !tasks.is_empty() => Ok(DataFacts { tasks }),
        // What is wrong with the one that is there says more.
        (Err(DataError::NoTasks(_)), Some(error)) | (Err(error), _) => Err(error),
    }
}

/// The folders of the user's own data in a data folder: itself, or those in it.
///
/// # Errors
/// No such folder, or one that cannot be listed.
pub(crate) fn own_folders(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    Ok(own::folders(folder, &folders::taken(folder)?))
}

/// The names of the known tasks that a folder holds, of all its parts or of the one in a folder of this name.
///
/// # Errors
/// No such folder, or one that cannot be listed.
pub(crate) fn known_in(folder: &Path, part: Option<&str>) -> Result<Vec<TaskName>, DataError> {
    let tasks = folders::sources_of_part(folder, part)?.into_iter().filter_map(Task::of_source);
    Ok(tasks.map(|task| task.name().clone()).collect())
}

/// The titles of the tasks that a folder seems to hold by the names of its files, none of which is read.
///
/// # Errors
/// As [`tasks_in`].
pub(crate) fn titles_in(folder: &Path) -> Result<Vec<String>, DataError> {
    let folder = &data_folder(folder)?;
    let known = match folders::sources_in(folder) {
        Err(DataError::NoTasks(_)) => Vec::new(),
        known => known?,
    };
    let known = known.into_iter().filter_map(Task::of_source).map(|task| task.title().to_owned());
    let own = own_folders(folder)?.into_iter().filter_map(|folder| {
        let settings = own::read_settings(&folder).ok()?;
        Some(own::name_of(&folder, &settings)?.title().to_owned())
    });
    let titles: Vec<String> = known.chain(own).collect();
    if titles.is_empty() { Err(DataError::NoTasks(folder.to_owned())) } else { Ok(titles) }
}

/// Where a data folder is: one of the hub is in its cache.
fn located(data: Option<&Path>) -> Result<Option<PathBuf>, DataError> {
    Ok(data.map(data_folder).transpose()?)
}

fn read(task: &Task, data: Option<&Path>) -> Result<Arc<TaskRecords>, DataError> {
    let data = &located(data)?;
    let data = data.as_deref();
    if let Some(folder) = published_folder(task, data)? {
        return published::read(task, &folder).map(Arc::new);
    }
    let read = match task.source() {
        Source::Glue(glue) => glue::read(glue, folder_of(task, data)?)?,
        Source::Columns(columns) => columns::read(columns, task.kind().labels(), folder_of(task, data)?)?,
        Source::BuiltIn(built_in) => builtin::read(built_in),
        Source::Own => return own::records(&own_folder(task.name(), folder_of(task, data)?)?, &|_| ()),
    };
    Ok(Arc::new(read))
}

/// The folder of a task that is read as the hub publishes it: without a training file in another form.
fn published_folder(task: &Task, data: Option<&Path>) -> Result<Option<PathBuf>, DataError> {
    let source = task.source();
    match (source, data) {
        (Source::Glue(_) | Source::Columns(_), Some(data)) => {
            let folder = folders::folder(source, data)?;
            Ok(folders::file(source, &folder, "train").is_none().then_some(folder))
        }
        (Source::Glue(_) | Source::Columns(_), None) | (Source::BuiltIn(_) | Source::Own, _) => Ok(None),
    }
}

fn folder_of<'a>(task: &Task, data: Option<&'a Path>) -> Result<&'a Path, DataError> {
    data.ok_or_else(|| DataError::NoFolder(task.clone()))
}

/// The folder of a task of the user's own.
fn own_folder(name: &TaskName, data: &Path) -> Result<PathBuf, DataError> {
    let found = own::folder(name, data, &folders::taken(data)?);
    found.ok_or_else(|| DataError::NoOwn { folder: data.to_owned(), name: name.clone() })
}

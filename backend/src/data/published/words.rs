//! Words and their tags, in the columns of CoNLL-2003's repository: `tokens` and `ner_tags`, lists of equal length.

use super::WITHHELD;
use super::labels::{Found, found};
use crate::data::DataError;
use crate::data::columns::{document_mark, own_labels, spelled, unknown_tag};
use crate::data::frame::{Column, Frame};
use crate::data::record::{Input, Record};
use crate::data::report::Skipped;
use std::path::Path;
use tunemask_shared::task::ColumnTask;

const TOKENS: &str = "tokens";

/// The columns of a set.
struct Columns<'a> {
    tokens: &'a Column,
    tags: &'a Column,
}

impl<'a> Columns<'a> {
    /// # Errors
    /// A column that is missing or not of lists.
    fn find(task: ColumnTask, frame: &'a Frame, path: &Path) -> Result<Self, DataError> {
        let column = |name: &str| {
            frame.column(name).filter(|column| column.is_list()).ok_or_else(|| {
                let why = format!("no column `{name}` of lists in it; found {}", frame.found());
                DataError::Unreadable { path: path.to_owned(), why }
            })
        };
        let tags = if task == ColumnTask::Pos { "pos_tags" } else { "ner_tags" };
        Ok(Self { tokens: column(TOKENS)?, tags: column(tags)? })
    }

    /// The names of a row's tags; `None` where one is withheld.
    ///
    /// # Errors
    /// A number without a class.
    fn names(&self, row: usize) -> Result<Option<Vec<&'a str>>, String> {
        let names = self.tags.items(row).map(|cell| match found(self.tags, cell)? {
            Found::Label(name) => Ok(Some(name)),
            Found::Withheld => Ok(None),
        });
        names.collect()
    }
}

/// The labels of a training set, where they are not the known task's: those of its tags and of its classes. A row that cannot be
/// understood says nothing of them.
///
/// # Errors
/// A column that is missing or not of lists.
pub(super) fn labels(task: ColumnTask, frame: &Frame, path: &Path) -> Result<Option<Vec<String>>, DataError> {
    let columns = Columns::find(task, frame, path)?;
    let tags = (0..frame.rows()).filter_map(|row| columns.names(row).ok().flatten()).flatten();
    let classes = columns.tags.class_names.iter().flatten().map(String::as_str);
    Ok(own_labels(task, classes.chain(tags)))
}

/// The records of a set.
///
/// # Errors
/// A column that is missing or no list; a row with more or fewer tags than words, or a tag that the task does not have.
pub(super) fn records(
    task: ColumnTask,
    labels: &[String],
    frame: &Frame,
    path: &Path,
    skipped: &mut Vec<Skipped>,
) -> Result<Vec<Record>, DataError> {
    let columns = Columns::find(task, frame, path)?;
    let mut records = Vec::with_capacity(frame.rows());
    for row in 0..frame.rows() {
        let error = |why: String| frame.error(row, why);
        let words: Option<Vec<String>> =
            columns.tokens.items(row).map(|word| word.map(str::to_owned)).collect();
        let words = words.ok_or_else(|| error("a token has no text".to_owned()))?;
        if words.is_empty() || document_mark(&words[0]) {
            let why = if words.is_empty() { "no tokens" } else { "marks of documents" };
            Skipped::count(skipped, frame.line(row), why);
            continue;
        }
        let (wanted, found) = (words.len(), columns.tags.items(row).len());
        if found != wanted {
            let name = &columns.tags.name;
            return Err(error(format!("{wanted} tokens and {found} {name}; each token needs one")));
        }
        let Some(names) = columns.names(row).map_err(error)? else {
            Skipped::count(skipped, frame.line(row), WITHHELD);
            continue;
        };
        let number = |(tag, name): (&&str, String)| {
            let place = labels.iter().position(|label| *label == name).map(|place| place as f32);
            place.ok_or_else(|| unknown_tag(task, labels, tag))
        };
        let spelled = spelled(task, labels, &names);
        let targets = names.iter().zip(spelled).map(number).collect::<Result<_, _>>().map_err(error)?;
        let index = records.len() as u32;
        records.push(Record { input: Input::Words(words), targets, index });
    }
    Ok(records)
}

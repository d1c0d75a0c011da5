//! Words and their tags, in the columns of CoNLL-2003's repository: `tokens` and `ner_tags`, lists of equal length.

use super::WITHHELD;
use super::labels::{Found, found};
use crate::data::DataError;
use crate::data::columns::{document_mark, second_form};
use crate::data::frame::{Column, Frame};
use crate::data::record::{Input, Record};
use crate::data::report::Skipped;
use crate::data::table::shortened;
use std::path::Path;
use tunemask_shared::task::ColumnTask;

const TOKENS: &str = "tokens";

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
    let column = |name: &str| -> Result<&Column, DataError> {
        frame.column(name).filter(|column| column.is_list()).ok_or_else(|| {
            let why = format!("no column `{name}` of lists in it; found {}", frame.found());
            DataError::Unreadable { path: path.to_owned(), why }
        })
    };
    let tags_name = if task == ColumnTask::Pos { "pos_tags" } else { "ner_tags" };
    let (tokens, tags) = (column(TOKENS)?, column(tags_name)?);
    let mut records = Vec::with_capacity(frame.rows());
    for row in 0..frame.rows() {
        let error = |why: String| frame.error(row, why);
        let words: Option<Vec<String>> = tokens.items(row).map(|word| word.map(str::to_owned)).collect();
        let words = words.ok_or_else(|| error("a token has no text".to_owned()))?;
        if words.is_empty() || document_mark(&words[0]) {
            let why = if words.is_empty() { "no tokens" } else { "marks of documents" };
            Skipped::count(skipped, frame.line(row), why);
            continue;
        }
        if tags.items(row).len() != words.len() {
            let (found, wanted) = (tags.items(row).len(), words.len());
            return Err(error(format!("{wanted} tokens and {found} {tags_name}; each token needs one")));
        }
        let names = tags.items(row).map(|cell| match found(tags, cell)? {
            Found::Label(name) => Ok(Some(name)),
            Found::Withheld => Ok(None),
        });
        let names: Option<Vec<&str>> = names.collect::<Result<_, String>>().map_err(error)?;
        let Some(names) = names else {
            Skipped::count(skipped, frame.line(row), WITHHELD);
            continue;
        };
        let names = if task == ColumnTask::Pos {
            names.into_iter().map(str::to_owned).collect()
        } else {
            second_form(&names)
        };
        let number = |name: &String| {
            let place = labels.iter().position(|label| label == name).map(|place| place as f32);
            place.ok_or_else(|| {
                let (tag, known) = (shortened(name), labels.join(", "));
                format!("the tag is `{tag}`; expected one of {known}")
            })
        };
        let targets = names.iter().map(number).collect::<Result<_, _>>().map_err(error)?;
        let index = records.len() as u32;
        records.push(Record { input: Input::Words(words), targets, index });
    }
    Ok(records)
}

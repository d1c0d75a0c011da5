//! Which column holds the words and which their tags.
//!
//! By the names that a file gives its columns (CoNLL-U Plus), by the ten columns of CoNLL-U, or the word first, but for a
//! column before it that numbers the words; then the part of speech behind the word, the entity last. Where that
//! cannot be told it is asked for, rather than to learn from numbers what was written of words.

use super::lines::{Line, Shape, is_number};
use super::{DataError, Table};
use tunemask_shared::task::ColumnTask;

/// Where words and tags stand.
pub(super) struct Layout {
    pub word: usize,
    tag: usize,
    /// Whether the tag is one of the column's `KEY=VALUE` pairs.
    pairs: bool,
    /// What the user should know of it.
    pub note: Option<String>,
}

/// Keys under which treebanks have entities in CoNLL-U's last column.
const ENTITY_KEYS: [&str; 5] = ["name", "ner", "ne", "entity", "namedentity"];

/// Names of a column of entities in CoNLL-U Plus.
const ENTITY_NAMES: [&str; 6] = ["ner", "ne", "entity", "tag", "iob", "bio"];

impl Layout {
    /// The layout of a file's lines, all of which have as many columns.
    ///
    /// # Errors
    /// Columns of which it cannot be told which holds the words, or none for the task.
    pub(super) fn find(
        task: ColumnTask,
        table: &Table<'_>,
        shape: &Shape<'_>,
        lines: &[Line<'_>],
    ) -> Result<Self, DataError> {
        if let Some((line, names)) = &shape.declared {
            return declared(task, names, shape.columns).map_err(|why| table.error(*line, why));
        }
        if shape.universal {
            return universal(task, table, lines);
        }
        let mut word = 0;
        let mut note = None;
        let numbers = lines.iter().all(|line| is_number(line.columns[0]));
        if numbers && lines.len() > 1 && shape.columns > 2 {
            if !count_up(lines) {
                let (name, what) = if task == ColumnTask::Pos { ("XPOS", "tag") } else { ("NER", "entity") };
                let more = "_ ".repeat(shape.columns.saturating_sub(3));
                let why = format!(
                    "the first column contains only numbers, so it may not be the words; say what the \
                     columns are in the file's first line, as CoNLL-U Plus does: `# global.columns = ID \
                     FORM {more}{name}`, with FORM for the word and {name} for its {what}"
                );
                return Err(table.error(lines[0].number, why));
            }
            word = 1;
            note = Some("the first column numbers the words; they were read from the second".to_owned());
        }
        let tag = if task == ColumnTask::Pos { word + 1 } else { shape.columns - 1 };
        Ok(Self { word, tag, pairs: false, note })
    }

    /// The tag of a line.
    pub(super) fn tag<'a>(&self, line: &Line<'a>) -> &'a str {
        let column = line.columns[self.tag];
        if self.pairs { entity(column).unwrap_or("O") } else { column }
    }
}

/// Whether the first column counts the words of each sentence, or those of the file.
fn count_up(lines: &[Line<'_>]) -> bool {
    let number = |line: &Line<'_>| line.columns[0].parse::<u32>().unwrap_or(0);
    let follows = |pair: &[Line<'_>]| {
        let (before, next) = (number(&pair[0]), number(&pair[1]));
        next == before + 1 || pair[1].first && next <= 1
    };
    lines.first().is_some_and(|line| number(line) <= 1) && lines.windows(2).all(follows)
}

/// By the names that the file gives.
fn declared(task: ColumnTask, names: &[&str], columns: usize) -> Result<Layout, String> {
    if names.len() != columns {
        return Err(format!("{} names of columns, where most lines have {columns}", names.len()));
    }
    let place = |wanted: &[&str]| names.iter().position(|n| wanted.contains(&n.to_lowercase().as_str()));
    let word = place(&["form"]).ok_or("no column is named FORM, which holds the words")?;
    let tag = match task {
        ColumnTask::Pos => {
            let own = place(&["xpos"]).or_else(|| place(&["upos"]));
            own.ok_or("no column is named XPOS or UPOS, which hold parts of speech")?
        }
        ColumnTask::Ner => place(&ENTITY_NAMES).ok_or("no column is named NER, which holds the entities")?,
    };
    Ok(Layout { word, tag, pairs: false, note: None })
}

/// The ten columns of CoNLL-U: the word second, the language's own parts of speech fifth (else those of all languages, fourth), the entity last.
fn universal(task: ColumnTask, table: &Table<'_>, lines: &[Line<'_>]) -> Result<Layout, DataError> {
    const WORD: usize = 1;
    const EVERY: usize = 3;
    const OWN: usize = 4;
    const LAST: usize = 9;
    let first = lines.first().map_or(1, |line| line.number);
    if task == ColumnTask::Pos {
        let is_empty = |column: usize| lines.iter().all(|line| line.columns[column] == "_");
        if is_empty(OWN) && is_empty(EVERY) {
            let why =
                "the fourth column (UPOS) and the fifth (XPOS) are empty, where CoNLL-U has parts of speech";
            return Err(table.error(first, why));
        }
        let tag = if is_empty(OWN) { EVERY } else { OWN };
        let note = is_empty(OWN).then(|| {
            "parts of speech were read from the fourth column (UPOS): the fifth (XPOS) is empty".to_owned()
        });
        return Ok(Layout { word: WORD, tag, pairs: false, note });
    }
    let plain = |column: &str| column == "O" || super::scheme::kind(column).is_some();
    let pairs = !lines.iter().any(|line| plain(line.columns[LAST]));
    if pairs && lines.iter().all(|line| entity(line.columns[LAST]).is_none()) {
        let keys = ENTITY_KEYS.map(|key| format!("`{key}=`")).join(", ");
        let why = format!(
            "no entities in the last column (MISC); expected `B-PER`, or one of {keys} with such a tag"
        );
        return Err(table.error(first, why));
    }
    let note =
        pairs.then(|| "entities were read from the last column (MISC); words without one are O".to_owned());
    Ok(Layout { word: WORD, tag: LAST, pairs, note })
}

/// The entity's tag among `KEY=VALUE` pairs: `name=B-PER|SpaceAfter=No`.
fn entity(column: &str) -> Option<&str> {
    let mut pairs = column.split('|').filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(key, _)| ENTITY_KEYS.contains(&key.to_lowercase().as_str()));
    found.map(|(_, tag)| tag)
}

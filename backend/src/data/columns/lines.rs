//! A file's lines, cut into columns.

use super::Table;
use std::cell::LazyCell;
use std::collections::HashSet;
use tunemask_shared::task::ColumnTask;

/// A line with its columns.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    pub number: usize,
    pub columns: Vec<&'a str>,
    /// Whether a sentence begins with it.
    pub first: bool,
}

/// Begins a line that stands for the beginning of a document.
const DOCUMENT: &str = "-DOCSTART-";

/// Whether a word marks the beginning of a document.
pub(in crate::data) fn is_document(word: &str) -> bool {
    word.starts_with(DOCUMENT)
}

/// How a file's lines are cut.
pub(super) struct Shape<'a> {
    /// Columns of a line.
    pub columns: usize,
    /// The names of its columns with their line, if it says them as CoNLL-U Plus does.
    pub declared: Option<(usize, Vec<&'a str>)>,
    /// Whether it has the ten columns of CoNLL-U.
    pub universal: bool,
    /// Whether only tabs stand between columns.
    tabs: bool,
}

impl<'a> Shape<'a> {
    pub(super) fn from_table(table: &Table<'a>) -> Self {
        const DECLARATION: &str = "# global.columns =";
        let declared = table.lines().find_map(|(line, text)| Some((line, text.strip_prefix(DECLARATION)?)));
        let declared = declared.map(|(line, names)| (line, names.split_whitespace().collect()));
        let is_data = |text: &str| !text.starts_with('#') && !text.contains(DOCUMENT) && !is_blank(text);
        let first = table.lines().map(|(_, text)| text).find(|text| is_data(text)).unwrap_or_default();
        let by_tabs: Vec<&str> = first.split('\t').collect();
        let id = by_tabs.first().is_some_and(|id| is_number(id) || is_id(id, '-') || is_id(id, '.'));
        let universal = declared.is_none() && by_tabs.len() == 10 && id;
        let tabs = universal || declared.is_some() && by_tabs.len() > 1;
        let mut shape = Self { columns: 2, declared, universal, tabs };
        // Of most lines, so that it is the odd one which is told; the earlier number wins a tie.
        let mut counts: Vec<(usize, usize)> = Vec::new();
        for (_, text) in table.lines().filter(|(_, text)| is_data(text)) {
            let columns = shape.cut(text).len();
            match counts.iter_mut().find(|(known, _)| *known == columns) {
                Some((_, n)) => *n += 1,
                None => counts.push((columns, 1)),
            }
        }
        let most = counts.iter().rev().max_by_key(|(_, n)| *n).map_or(0, |(columns, _)| *columns);
        shape.columns = most.max(2);
        shape
    }

    /// Whether its first column is known to number the words.
    pub(super) fn numbers_words(&self) -> bool {
        let id = |names: &[&str]| names.first().is_some_and(|name| name.eq_ignore_ascii_case("id"));
        self.universal || self.declared.as_ref().is_some_and(|(_, names)| id(names))
    }

    /// Only blanks and tabs cut: other white space may be a word's.
    fn cut<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if self.tabs {
            text.split('\t').collect()
        } else {
            text.split([' ', '\t']).filter(|column| !column.is_empty()).collect()
        }
    }
}

/// The lines that hold words.
pub(super) fn lines<'a>(task: ColumnTask, table: &Table<'a>, shape: &Shape<'a>) -> Vec<Line<'a>> {
    let mut found: Vec<Line<'a>> = Vec::new();
    let (mut first, mut last) = (true, 0);
    // Tags of a folder's own: those of lines that are no comments beyond doubt.
    let own = LazyCell::new(|| {
        let texts = table.lines().map(|(_, text)| text).filter(|text| !text.starts_with('#'));
        let words: Vec<Vec<&str>> =
            texts.map(|text| shape.cut(text)).filter(|words| words.len() > 1).collect();
        // Behind a number stands a word.
        let numbered = words.iter().all(|columns| is_number(columns[0]));
        words.iter().filter(|_| !numbered).map(|columns| columns[1]).collect::<HashSet<&str>>()
    });
    for (number, text) in table.lines() {
        // Empty lines are not among the table's.
        first |= number > last + 1;
        last = number;
        let columns = shape.cut(text);
        let document = || columns.iter().take(2).any(|column| is_document(column));
        if is_blank(text) || document() {
            first = true;
        } else if !(text.starts_with('#') && is_comment(task, shape, first, &columns, &own)) {
            found.push(Line { number, columns, first });
            first = false;
        }
    }
    found
}

/// Whether a line that begins with `#` is a comment; that may also be a word, a number sign or a pound's.
fn is_comment<'a>(
    task: ColumnTask,
    shape: &Shape<'_>,
    first: bool,
    columns: &[&'a str],
    own: &HashSet<&'a str>,
) -> bool {
    if shape.universal || shape.declared.is_some() {
        return true;
    }
    let tag = match task {
        ColumnTask::Pos => columns.get(1),
        ColumnTask::Ner => columns.last(),
    };
    let tagged = tag.is_some_and(|tag| match task {
        ColumnTask::Pos => super::penn::is_tag(tag) || own.contains(tag),
        ColumnTask::Ner => *tag == "O" || super::scheme::kind(tag).is_some(),
    });
    first && !(columns.len() == shape.columns && tagged)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t'))
}

/// A whole number in digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Two whole numbers with this between them.
pub(super) fn is_id(text: &str, between: char) -> bool {
    text.split_once(between).is_some_and(|(a, b)| is_number(a) && is_number(b))
}

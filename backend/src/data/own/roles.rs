//! Which columns are text and label: as `dataset.toml` says, else by the names that people give them.

use super::flag::has_flags;
use crate::data::frame::{CellType, Column, Frame};
use tunemask_shared::dataset::{DatasetKind, DatasetSettings};
use tunemask_shared::experiment::FieldError;

/// Columns of a frame by their places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Roles {
    pub text: usize,
    /// The second text.
    pub pair: Option<usize>,
    /// At least one; several where each holds one of several labels.
    pub labels: Vec<usize>,
}

impl Roles {
    /// The column of labels, or the first of several.
    pub(super) fn label(&self) -> usize {
        self.labels.first().copied().unwrap_or_default()
    }
}

/// Names of two texts.
const PAIRS: [[&str; 2]; 7] = [
    ["sentence1", "sentence2"],
    ["premise", "hypothesis"],
    ["question1", "question2"],
    ["text1", "text2"],
    ["text_a", "text_b"],
    ["question", "sentence"],
    ["question", "context"],
];
const TEXTS: [&str; 9] =
    ["text", "sentence", "review", "content", "comment", "tweet", "question", "title", "utterance"];
const LABELS: [&str; 11] = [
    "label",
    "labels",
    "target",
    "class",
    "category",
    "score",
    "sentiment",
    "stars",
    "rating",
    "intent",
    "y",
];
const TOKENS: [&str; 2] = ["tokens", "words"];
const TAGS: [&str; 5] = ["ner_tags", "pos_tags", "tags", "labels", "label"];

/// The columns; a question where they cannot be told.
pub(super) fn find(
    frame: &Frame,
    settings: &DatasetSettings,
    questions: &mut Vec<FieldError>,
) -> Option<Roles> {
    let labels = labels(frame, settings, questions);
    let text = texts(frame, settings, labels.as_deref().unwrap_or_default(), questions);
    let (labels, (text, pair)) = (labels?, text?);
    if let Some(&label) = labels.iter().find(|&&label| label == text || Some(label) == pair) {
        ask(questions, "text", format!("`{}` cannot be both text and label", frame.columns[label].name));
        return None;
    }
    Some(Roles { text, pair, labels })
}

fn labels(frame: &Frame, settings: &DatasetSettings, questions: &mut Vec<FieldError>) -> Option<Vec<usize>> {
    if let Some(twice) = (1..settings.label.len()).find(|&i| settings.label[..i].contains(&settings.label[i]))
    {
        ask(questions, "label", format!("`{}` is named twice", settings.label[twice]));
        return None;
    }
    if !settings.label.is_empty() {
        let places: Vec<_> =
            settings.label.iter().map(|name| named(frame, name, "label", questions)).collect();
        return places.into_iter().collect();
    }
    let tagged =
        frame.columns.iter().any(|c| c.is_list()) && settings.kind != Some(DatasetKind::Classification);
    let by_name = |names: &[&str]| names.iter().find_map(|name| free(frame, settings, name));
    let tags = || by_name(&TAGS).filter(|&place| frame.columns[place].is_list());
    let found = tagged.then(tags).flatten().or_else(|| by_name(&LABELS));
    if let Some(found) = found {
        return Some(vec![found]);
    }
    // What is left beside the texts.
    let is_text = |column: &Column| {
        let name = column.name.to_lowercase();
        let name = name.as_str();
        settings.text.contains(&column.name)
            || TEXTS.contains(&name)
            || TOKENS.contains(&name)
            || PAIRS.concat().contains(&name)
    };
    let rest = candidates(frame, settings).filter(|&place| {
        !is_text(&frame.columns[place]) && frame.columns[place].cell_type != CellType::Empty
    });
    let rest: Vec<usize> = rest.collect();
    if let [only] = rest[..] {
        return Some(vec![only]);
    }
    let flags = rest.iter().map(|&place| &frame.columns[place]).filter(|column| has_flags(column));
    let flags: Vec<String> = flags.map(|column| format!("{:?}", column.name)).collect();
    let several = if flags.len() > 1 {
        format!("; if a text may have several labels, a column each: label = [{}]", flags.join(", "))
    } else {
        String::new()
    };
    let found = frame.found();
    ask(
        questions,
        "label",
        format!("say which column is the label or score; the files have {found}{several}"),
    );
    None
}

fn texts(
    frame: &Frame,
    settings: &DatasetSettings,
    labels: &[usize],
    questions: &mut Vec<FieldError>,
) -> Option<(usize, Option<usize>)> {
    match settings.text.as_slice() {
        [] => {}
        [one] => return Some((named(frame, one, "text", questions)?, None)),
        [first, second] => {
            let (first, second) =
                (named(frame, first, "text", questions), named(frame, second, "text", questions));
            return Some((first?, Some(second?)));
        }
        more => {
            ask(
                questions,
                "text",
                format!("{} columns; a model reads one text or a pair of two", more.len()),
            );
            return None;
        }
    }
    let by_name = |name: &str| free(frame, settings, name).filter(|place| !labels.contains(place));
    // Lists are tags beside a list of words, and labels beside a text.
    let lists = labels.iter().any(|&place| frame.columns[place].is_list());
    if lists && settings.kind != Some(DatasetKind::MultiLabel) {
        let found = TOKENS.iter().find_map(|name| by_name(name)).filter(|&p| frame.columns[p].is_list());
        if let Some(place) = found {
            return Some((place, None));
        }
        if settings.kind == Some(DatasetKind::Tagging) {
            let message = format!("say which column is the list of words; the files have {}", frame.found());
            ask(questions, "text", message);
            return None;
        }
    }
    for [first, second] in PAIRS {
        if let (Some(first), Some(second)) = (by_name(first), by_name(second)) {
            return Some((first, Some(second)));
        }
    }
    if let Some(place) = TEXTS.iter().find_map(|name| by_name(name)) {
        return Some((place, None));
    }
    let is_text = |column: &Column| column.cell_type == CellType::Text && !column.is_list();
    let longest = candidates(frame, settings)
        .filter(|&place| !labels.contains(&place) && is_text(&frame.columns[place]))
        .max_by_key(|&place| mean_length(&frame.columns[place]));
    if longest.is_none() {
        let what = if lists { "text, or the list of words" } else { "text" };
        ask(questions, "text", format!("say which column is the {what}; the files have {}", frame.found()));
    }
    longest.map(|place| (place, None))
}

/// Columns that are not ruled out.
fn candidates<'a>(frame: &'a Frame, settings: &'a DatasetSettings) -> impl Iterator<Item = usize> + 'a {
    (0..frame.columns.len()).filter(|&place| !settings.ignore.contains(&frame.columns[place].name))
}

/// A column of this name in any case that is not ruled out.
fn free(frame: &Frame, settings: &DatasetSettings, name: &str) -> Option<usize> {
    candidates(frame, settings).find(|&place| frame.columns[place].name.eq_ignore_ascii_case(name))
}

fn named(frame: &Frame, name: &str, field: &str, questions: &mut Vec<FieldError>) -> Option<usize> {
    let found = frame.columns.iter().position(|column| column.name == name);
    if found.is_none() {
        ask(questions, field, format!("there is no column `{name}`; the files have {}", frame.found()));
    }
    found
}

/// Mean length of the first cells in bytes.
fn mean_length(column: &Column) -> usize {
    let sample = column.rows().min(1000);
    (0..sample).filter_map(|row| column.cell(row)).map(str::len).sum::<usize>() / sample.max(1)
}

fn ask(questions: &mut Vec<FieldError>, field: &str, message: String) {
    questions.push(FieldError { field: field.to_owned(), message });
}

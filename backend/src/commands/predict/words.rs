//! What masks say of a text, as lines of text.

use crate::commands::output;
use crate::prediction::Text;
use tunemask_shared::prediction::{Agreement, Answer, MaskPrediction, Prediction, decision_words};
use tunemask_shared::task::TaskKind;
use tunemask_shared::text::{NONE, count, percent, rate};

/// Most labels that have a column of their own: those beyond are the least probable.
const COLUMNS: usize = 8;

/// The text, a table of what each mask says, and what a reader must know.
pub(super) fn of(text: &Text, said: &Prediction) -> String {
    let pair = text.pair.as_deref().map(|pair| format!(" | {}", pair.trim())).unwrap_or_default();
    let mut lines = vec![format!("{}: {}{pair}", said.task.title(), text.text.trim())];
    let agreement = said.agreement();
    let table = if said.task.kind().is_tagging() { by_word(said) } else { by_mask(said, &agreement) };
    lines.push(output::aligned(&table));
    lines.extend(said.notes.iter().cloned());
    if said.shared > 0.0 {
        lines.push(format!("{} of the rows of tokens were computed once.", percent(said.shared)));
    }
    if let Some(first) = said.left_out.first() {
        let runs = count(said.left_out.len(), "run");
        lines.push(format!("{runs} left out, the first (`{}`) because: {}", first.mask, first.reason));
    }
    lines.join("\n") + "\n"
}

/// A row for each mask: probabilities, what is decided, and whether most decide otherwise.
fn by_mask(said: &Prediction, agreement: &Agreement) -> Vec<Vec<String>> {
    let labels = said.task.kind().labels();
    let shown = said.likeliest(COLUMNS);
    let mut head = vec!["mask".to_owned(), "rate".into(), "seeds".into()];
    head.extend(shown.iter().map(|&label| labels.get(label).cloned().unwrap_or_default()));
    head.push(if said.task.kind().is_regression() { "value" } else { "says" }.into());
    let row = |row: &MaskPrediction| {
        let mut cells = vec![row.mask.to_string(), row.learning_rate.map_or(NONE.into(), rate), seeds(row)];
        cells.extend(shown.iter().map(|&label| match &row.mean {
            Answer::Classes(p) | Answer::Labels(p) => p.get(label).map_or(NONE.into(), |p| format!("{p:.3}")),
            Answer::Number(_) | Answer::Tags(_) | Answer::Undefined => NONE.into(),
        }));
        let otherwise = if agreement.dissent(&row.mean).is_empty() { "" } else { " (most masks differ)" };
        cells.push(format!("{}{otherwise}", decided(said.task.kind(), &row.mean)));
        cells
    };
    std::iter::once(head).chain(said.rows.iter().map(row)).collect()
}

/// A row for each word: the tag that each mask gives it, marked where most give another.
fn by_word(said: &Prediction) -> Vec<Vec<String>> {
    let labels = said.task.kind().labels();
    let agreement = said.agreement();
    let name = |row: &MaskPrediction| match row.learning_rate {
        Some(own) if said.rows.iter().filter(|other| other.mask == row.mask).count() > 1 => {
            format!("{} {}", row.mask, rate(own))
        }
        _ => row.mask.to_string(),
    };
    let head = std::iter::once("word".to_owned()).chain(said.rows.iter().map(name)).collect();
    let mut rows = vec![head];
    let mut read = 0;
    for word in &said.read.words {
        let place = word.read.then_some(read);
        read += usize::from(word.read);
        let cell = |row: &MaskPrediction| match (&row.mean, place) {
            (Answer::Tags(tags), Some(place)) => tags.get(place).map_or(NONE.into(), |tag| {
                let label = labels.get(tag.label as usize).map_or(NONE, String::as_str);
                let otherwise = agreement.majority(place).is_some_and(|most| most != [tag.label]);
                format!("{label} {:.2}{}", tag.probability, if otherwise { "!" } else { " " })
            }),
            _ => NONE.into(),
        };
        rows.push(std::iter::once(word.text.clone()).chain(said.rows.iter().map(cell)).collect());
    }
    rows
}

/// What is decided, or the number.
fn decided(kind: &TaskKind, answer: &Answer) -> String {
    match (answer, answer.decisions().and_then(|decisions| decisions.into_iter().next())) {
        (Answer::Number(value), _) => format!("{value:.3}"),
        (_, Some(labels)) => decision_words(kind, &labels),
        (_, None) => NONE.into(),
    }
}

/// The seeds behind a row.
fn seeds(row: &MaskPrediction) -> String {
    row.seeds.iter().map(|seed| seed.seed.to_string()).collect::<Vec<_>>().join(" ")
}

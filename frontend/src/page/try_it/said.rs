//! What is said of the answers, in words.

use crate::format::{NOTHING, counted, number};
use tunemask_shared::prediction::{Agreement, Answer, MaskPrediction, Prediction, decision_words};
use tunemask_shared::task::TaskKind;
use tunemask_shared::text::rate;

/// All masks in a sentence: what most of them say, and how many say otherwise.
pub fn summary(prediction: &Prediction) -> String {
    let (kind, rows) = (prediction.task.kind(), &prediction.rows);
    let agreement = prediction.agreement();
    match kind {
        TaskKind::Regression(_) => of_numbers(rows),
        _ if !agreement.compares() => rows.first().map_or(String::new(), |row| decided(kind, &row.mean)),
        TaskKind::Tagging(_) => of_words(prediction, &agreement),
        TaskKind::Classification(_) | TaskKind::MultiLabel(_) => of_texts(kind, rows, &agreement),
    }
}

fn of_texts(kind: &TaskKind, rows: &[MaskPrediction], agreement: &Agreement) -> String {
    let deciding = rows.iter().filter(|row| row.mean.decisions().is_some()).count();
    let Some(most) = agreement.majority(0) else {
        return format!("No answer is given by more than half of {}.", counted(deciding, "mask"));
    };
    let answer = decision_words(kind, most);
    let others = rows.iter().filter(|row| !agreement.dissent(&row.mean).is_empty());
    let others: Vec<String> = others.map(|row| name(row, rows)).collect();
    match others.len() {
        0 => format!("All {} say {answer}.", counted(deciding, "mask")),
        n => format!(
            "{} of {} say {answer}; otherwise: {}.",
            deciding - n,
            counted(deciding, "mask"),
            others.join(", ")
        ),
    }
}

fn of_words(prediction: &Prediction, agreement: &Agreement) -> String {
    let read = prediction.read.words.iter().filter(|word| word.read).count();
    let differ = |place: &usize| {
        let of = |row: &MaskPrediction| agreement.dissent(&row.mean).contains(place);
        agreement.majority(*place).is_none() || prediction.rows.iter().any(of)
    };
    match (0..read).filter(differ).count() {
        0 => format!("All masks agree on {}.", counted(read, "word")),
        n => format!("Masks differ on {n} of {}.", counted(read, "word")),
    }
}

fn of_numbers(rows: &[MaskPrediction]) -> String {
    let values = rows.iter().filter_map(|row| match row.mean {
        Answer::Number(value) => Some(value),
        Answer::Classes(_) | Answer::Labels(_) | Answer::Tags(_) | Answer::Undefined => None,
    });
    let values: Vec<f64> = values.collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match values[..] {
        [] => "No mask says a number.".into(),
        [one] => format!("{}.", number(one)),
        _ => format!("From {} to {}.", number(least), number(most)),
    }
}

/// What is decided of a text, or its number.
pub fn decided(kind: &TaskKind, answer: &Answer) -> String {
    match answer {
        Answer::Number(value) => number(*value),
        Answer::Undefined => "undefined: a logit is not finite".into(),
        Answer::Classes(_) | Answer::Labels(_) | Answer::Tags(_) => {
            let decisions = answer.decisions().unwrap_or_default();
            decisions.first().map_or(NOTHING.into(), |decision| decision_words(kind, decision))
        }
    }
}

/// What is said of a mask that decides otherwise than most; of a text what those say, of words on how many.
pub fn otherwise(kind: &TaskKind, agreement: &Agreement, answer: &Answer) -> Option<String> {
    let dissent = agreement.dissent(answer);
    let first = *dissent.first()?;
    Some(match kind {
        TaskKind::Tagging(_) => format!("most masks tag {} otherwise", counted(dissent.len(), "word")),
        TaskKind::Classification(_) | TaskKind::MultiLabel(_) | TaskKind::Regression(_) => {
            let most = agreement.majority(first).unwrap_or_default();
            format!("most masks say {}", decision_words(kind, most))
        }
    })
}

/// A mask's name, with its learning rate where that tells it from another row.
pub fn name(row: &MaskPrediction, rows: &[MaskPrediction]) -> String {
    let several = rows.iter().filter(|other| other.mask == row.mask).count() > 1;
    match row.learning_rate.filter(|_| several) {
        Some(own) => format!("{} at {}", row.mask, rate(own)),
        None => row.mask.to_string(),
    }
}

/// A probability with three digits behind the point.
pub fn probability(value: f64) -> String {
    format!("{value:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::mask::Mask;
    use tunemask_shared::prediction::{ReadText, ReadWord, TaggedAs};
    use tunemask_shared::task::Task;

    fn prediction(task: &str, rows: Vec<(Mask, Answer)>) -> Prediction {
        let row = |(mask, mean)| MaskPrediction { mask, learning_rate: Some(1e-3), mean, seeds: vec![] };
        let word = |text: &str| ReadWord { text: text.into(), read: text != "cut" };
        Prediction {
            task: Task::known(&task.parse().unwrap()).unwrap(),
            read: ReadText { tokens: 5, truncated: false, words: ["a", "b", "cut"].map(word).to_vec() },
            rows: rows.into_iter().map(row).collect(),
            left_out: Vec::new(),
            notes: Vec::new(),
            shared: 0.0,
        }
    }

    fn classes(first: f64) -> Answer {
        Answer::Classes(vec![first, 1.0 - first])
    }

    #[test]
    fn masks_that_disagree_are_named() {
        let said = prediction(
            "sentiment",
            vec![
                (Mask::Full, classes(0.9)),
                (Mask::Mha, classes(0.2)),
                (Mask::Ffn, classes(0.8)),
                (Mask::BitFit, Answer::Undefined),
            ],
        );
        let kind = said.task.kind();
        let first = &kind.labels()[0];
        assert_eq!(summary(&said), format!("2 of 3 masks say {first}; otherwise: mha."));
        let agreement = said.agreement();
        assert_eq!(otherwise(kind, &agreement, &said.rows[1].mean), Some(format!("most masks say {first}")));
        assert_eq!(otherwise(kind, &agreement, &said.rows[0].mean), None);
        assert!(decided(kind, &said.rows[3].mean).contains("not finite"));
        let same = prediction("sentiment", vec![(Mask::Full, classes(0.9)), (Mask::Mha, classes(0.6))]);
        assert_eq!(summary(&same), format!("All 2 masks say {first}."));
        let split = prediction("sentiment", vec![(Mask::Full, classes(0.9)), (Mask::Mha, classes(0.1))]);
        assert_eq!(summary(&split), "No answer is given by more than half of 2 masks.");
    }

    #[test]
    fn words_on_which_masks_differ_are_counted() {
        let tags = |labels: [u32; 2]| {
            Answer::Tags(labels.map(|label| TaggedAs { label, probability: 0.5 }).to_vec())
        };
        let rows = vec![(Mask::Full, tags([0, 1])), (Mask::Mha, tags([0, 2])), (Mask::Ffn, tags([0, 1]))];
        let said = prediction("tags", rows);
        assert_eq!(summary(&said), "Masks differ on 1 of 2 words.");
        let words = otherwise(said.task.kind(), &said.agreement(), &said.rows[1].mean);
        assert_eq!(words.as_deref(), Some("most masks tag 1 word otherwise"));
    }

    #[test]
    fn numbers_have_a_span_and_rates_are_named_where_they_tell_rows_apart() {
        let rows = vec![(Mask::Full, Answer::Number(1.0)), (Mask::Full, Answer::Number(3.5))];
        let mut said = prediction("stsb", rows);
        said.read = ReadText::default();
        assert_eq!(summary(&said), "From 1.000 to 3.500.");
        assert_eq!(name(&said.rows[0], &said.rows), "full at 1e-3");
        said.rows.truncate(1);
        assert_eq!((summary(&said), name(&said.rows[0], &said.rows)), ("1.000.".into(), "full".into()));
    }
}

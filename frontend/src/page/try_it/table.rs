//! What each mask says, as the table of a file: a row for each mask's mean and for each of its seeds, of tags one for each word.

use super::said::{decided, probability};
use crate::component::text_table::TextTable;
use crate::format::number;
use tunemask_shared::prediction::{Answer, MaskPrediction, Prediction, TaggedAs};
use tunemask_shared::task::TaskKind;
use tunemask_shared::text::rate;

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As the page shows them.
    Rounded,
    /// With all their digits, and nothing where there is no number.
    Whole,
}

impl Written {
    fn probability(self, value: f64) -> String {
        match self {
            Written::Rounded => probability(value),
            Written::Whole => value.to_string(),
        }
    }
}

/// The table of a prediction, with all of its labels.
pub fn table(prediction: &Prediction, written: Written) -> TextTable {
    let kind = prediction.task.kind();
    let heads = ["mask", "learning_rate", "seed"].map(String::from).into_iter();
    let more: Vec<String> = match kind {
        TaskKind::Tagging(_) => ["word", "tag", "probability"].map(String::from).to_vec(),
        TaskKind::Regression(_) => vec!["value".into()],
        TaskKind::Classification(_) | TaskKind::MultiLabel(_) => {
            std::iter::once("says".to_owned()).chain(kind.labels().iter().cloned()).collect()
        }
    };
    let of_row = |row: &MaskPrediction| {
        let mean = Said { rate: row.learning_rate, seed: "mean".into(), answer: row.mean.clone() };
        let seeds = row.seeds.iter().map(|seed| Said {
            rate: Some(seed.learning_rate),
            seed: seed.seed.to_string(),
            answer: seed.answer.clone(),
        });
        let all = std::iter::once(mean).chain(seeds);
        all.flat_map(|said| lines(prediction, row, &said, written)).collect::<Vec<_>>()
    };
    TextTable { heads: heads.chain(more).collect(), rows: prediction.rows.iter().flat_map(of_row).collect() }
}

/// What one of a mask's rows says.
struct Said {
    rate: Option<f64>,
    seed: String,
    answer: Answer,
}

fn lines(prediction: &Prediction, row: &MaskPrediction, said: &Said, written: Written) -> Vec<Vec<String>> {
    let kind = prediction.task.kind();
    let labels = kind.labels();
    let line = |more: Vec<String>| {
        let own = said.rate.map(rate).unwrap_or_default();
        let head = [row.mask.to_string(), own, said.seed.clone()];
        head.into_iter().chain(more).collect::<Vec<String>>()
    };
    match &said.answer {
        Answer::Classes(all) | Answer::Labels(all) => {
            let shares = all.iter().map(|&share| written.probability(share));
            vec![line(std::iter::once(decided(kind, &said.answer)).chain(shares).collect())]
        }
        Answer::Number(value) => match written {
            Written::Rounded => vec![line(vec![number(*value)])],
            Written::Whole => vec![line(vec![value.to_string()])],
        },
        Answer::Tags(tags) => {
            let read = prediction.read.words.iter().filter(|word| word.read);
            let of_word = |tag: &TaggedAs, word: &str| {
                let name = labels.get(tag.label as usize).cloned().unwrap_or_default();
                line(vec![word.to_owned(), name, written.probability(tag.probability)])
            };
            read.zip(tags).map(|(word, tag)| of_word(tag, &word.text)).collect()
        }
        // Also of words: a mask whose answer is missing would else be missing itself.
        Answer::Undefined => {
            let says = match written {
                Written::Rounded => decided(kind, &said.answer),
                Written::Whole => String::new(),
            };
            let empty = |cells: usize| std::iter::repeat_n(String::new(), cells);
            vec![line(match kind {
                TaskKind::Tagging(_) => empty(1).chain([says]).chain(empty(1)).collect(),
                TaskKind::Regression(_) => vec![says],
                TaskKind::Classification(_) | TaskKind::MultiLabel(_) => {
                    std::iter::once(says).chain(empty(labels.len())).collect()
                }
            })]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::mask::Mask;
    use tunemask_shared::prediction::{ReadText, ReadWord, SeedPrediction};
    use tunemask_shared::run::RunId;
    use tunemask_shared::task::Task;

    fn prediction(task: &str, mean: Answer, seeds: Vec<Answer>) -> Prediction {
        let seed = |(seed, answer)| SeedPrediction {
            run: RunId("a".into()),
            seed,
            learning_rate: 1e-3,
            epoch: 1,
            answer,
        };
        let seeds = (1..).zip(seeds).map(seed).collect();
        let word = |text: &str| ReadWord { text: text.into(), read: text != "cut" };
        Prediction {
            task: Task::known(&task.parse().unwrap()).unwrap(),
            read: ReadText { tokens: 4, truncated: false, words: ["a", "cut", "b"].map(word).to_vec() },
            rows: vec![MaskPrediction { mask: Mask::Full, learning_rate: None, mean, seeds }],
            left_out: Vec::new(),
            notes: Vec::new(),
            shared: 0.0,
        }
    }

    #[test]
    fn a_mask_has_a_row_for_its_mean_and_for_each_seed() {
        let seeds = vec![Answer::Classes(vec![0.25, 0.75]), Answer::Undefined];
        let said = prediction("rte", Answer::Classes(vec![1.0 / 3.0, 2.0 / 3.0]), seeds);
        let labels = said.task.kind().labels();
        let shown = table(&said, Written::Rounded);
        assert_eq!(shown.heads, ["mask", "learning_rate", "seed", "says", &labels[0], &labels[1]]);
        assert_eq!(shown.rows[0], ["full", "", "mean", &labels[1], "0.333", "0.667"]);
        assert_eq!(shown.rows[1], ["full", "1e-3", "1", &labels[1], "0.250", "0.750"]);
        let undefined = decided(said.task.kind(), &Answer::Undefined);
        assert!(undefined.starts_with("undefined"), "{undefined}");
        assert_eq!(shown.rows[2], ["full", "1e-3", "2", &undefined, "", ""]);
        assert_eq!(table(&said, Written::Whole).rows[2][3], "");
        assert_eq!(table(&said, Written::Whole).rows[0][4], (1.0_f64 / 3.0).to_string());
    }

    #[test]
    fn tags_have_a_row_for_each_word_that_is_read() {
        let tags = [0, 1].map(|label| TaggedAs { label, probability: 0.5 }).to_vec();
        let said = prediction("tags", Answer::Tags(tags), Vec::new());
        let labels = said.task.kind().labels();
        let rows = table(&said, Written::Rounded).rows;
        let words: Vec<(&str, &str)> = rows.iter().map(|row| (&*row[3], &*row[4])).collect();
        assert_eq!(words, [("a", &*labels[0]), ("b", &*labels[1])]);
        let nothing = prediction("tags", Answer::Undefined, Vec::new());
        let undefined = decided(nothing.task.kind(), &Answer::Undefined);
        assert_eq!(table(&nothing, Written::Rounded).rows, [["full", "", "mean", "", &undefined, ""]]);
        let number = prediction("stsb", Answer::Number(3.25), Vec::new());
        assert_eq!(table(&number, Written::Whole).rows, [["full", "", "mean", "3.25"]]);
    }
}

//! Probabilities as bars with figures, each seed a mark on the bar.

use super::said::probability;
use crate::format::number;
use leptos::prelude::*;
use tunemask_shared::prediction::{Answer, MaskPrediction};
use tunemask_shared::task::Range;

/// What a bar shows: shares of its length, and how they are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The mean.
    pub share: f64,
    /// It in words.
    pub text: String,
    /// Each seed's.
    pub marks: Vec<f64>,
    /// They in words, where there are several.
    pub under: String,
}

impl Bar {
    /// The bar of a label's probability; `None` where there is none.
    pub fn of_label(row: &MaskPrediction, label: usize) -> Option<Bar> {
        let of = |answer: &Answer| match answer {
            Answer::Classes(all) | Answer::Labels(all) => all.get(label).copied(),
            Answer::Number(_) | Answer::Tags(_) | Answer::Undefined => None,
        };
        Self::of(row, of, |value| value, probability)
    }

    /// The bar of a number on its range; `None` where there is none. One beyond is drawn at the end.
    pub fn of_number(row: &MaskPrediction, range: Range) -> Option<Bar> {
        let (low, high) = (f64::from(range.low), f64::from(range.high));
        let of = |answer: &Answer| match answer {
            Answer::Number(value) => Some(*value),
            Answer::Classes(_) | Answer::Labels(_) | Answer::Tags(_) | Answer::Undefined => None,
        };
        Self::of(row, of, |value| (value - low) / (high - low), number)
    }

    fn of(
        row: &MaskPrediction,
        value: impl Fn(&Answer) -> Option<f64>,
        share: impl Fn(f64) -> f64,
        words: impl Fn(f64) -> String,
    ) -> Option<Bar> {
        let mean = value(&row.mean)?;
        let seeds: Vec<f64> = row.seeds.iter().filter_map(|seed| value(&seed.answer)).collect();
        let several = seeds.len() > 1;
        let under = seeds.iter().filter(|_| several).map(|&seed| words(seed)).collect::<Vec<_>>().join(" · ");
        let place = |value: f64| share(value).clamp(0.0, 1.0);
        let marks = seeds.iter().filter(|_| several).map(|&seed| place(seed)).collect();
        Some(Bar { share: place(mean), text: words(mean), marks, under })
    }

    /// The bar, its figure and those of the seeds.
    pub fn show(self) -> impl IntoView {
        let Bar { share, text, marks, under } = self;
        let mark = |share: f64| {
            view! { <i style=format!("inset-inline-start:{:.2}%", 100.0 * share)></i> }
        };
        view! {
            <span class="mean-bar" aria-hidden="true">
                <b style=format!("inline-size:{:.2}%", 100.0 * share)></b>
                {marks.into_iter().map(mark).collect_view()}
            </span>
            <span class="figure">{text}</span>
            {(!under.is_empty()).then(|| view! { <span class="under">{under}</span> })}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::mask::Mask;
    use tunemask_shared::prediction::SeedPrediction;
    use tunemask_shared::run::RunId;

    fn row(mean: Answer, seeds: Vec<Answer>) -> MaskPrediction {
        let seed = |(seed, answer)| SeedPrediction {
            run: RunId("a".into()),
            seed,
            learning_rate: 1e-3,
            epoch: 1,
            answer,
        };
        MaskPrediction {
            mask: Mask::Full,
            learning_rate: Some(1e-3),
            mean,
            seeds: (1..).zip(seeds).map(seed).collect(),
        }
    }

    #[test]
    fn a_bar_has_a_mark_a_seed_and_one_seed_has_none() {
        let seeds = vec![Answer::Classes(vec![0.25, 0.75]), Answer::Classes(vec![0.75, 0.25])];
        let bar = Bar::of_label(&row(Answer::Classes(vec![0.5, 0.5]), seeds), 1).unwrap();
        assert_eq!((bar.share, bar.text.as_str()), (0.5, "0.500"));
        assert_eq!((bar.marks, bar.under.as_str()), (vec![0.75, 0.25], "0.750 · 0.250"));
        let alone = row(Answer::Labels(vec![0.1]), vec![Answer::Labels(vec![0.1])]);
        let bar = Bar::of_label(&alone, 0).unwrap();
        assert!(bar.marks.is_empty() && bar.under.is_empty());
        assert_eq!(Bar::of_label(&alone, 1), None);
        assert_eq!(Bar::of_label(&row(Answer::Undefined, vec![]), 0), None);
    }

    #[test]
    fn a_number_is_drawn_on_its_range_and_written_as_it_is() {
        let range = Range { low: 1.0, high: 5.0 };
        let bar = |value| Bar::of_number(&row(Answer::Number(value), vec![]), range).unwrap();
        assert_eq!((bar(3.0).share, bar(3.0).text.as_str()), (0.5, "3.000"));
        assert_eq!((bar(5.5).share, bar(5.5).text.as_str()), (1.0, "5.500"));
        assert_eq!(bar(-1.0).share, 0.0);
    }
}

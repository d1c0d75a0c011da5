//! Where masks agree: what most of them decide, and which decide otherwise.

use super::Answer;
use std::collections::BTreeMap;

/// What most of several answers decide: of a text one decision, of words one each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// What more than half decide; `None` where nothing has so many.
    majority: Vec<Option<Vec<u32>>>,
    /// How many have decided.
    deciding: usize,
}

impl Agreement {
    /// The agreement of answers to one text. Those that decide nothing do not count.
    pub fn of<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Self {
        let all: Vec<Vec<Vec<u32>>> = answers.into_iter().filter_map(Answer::decisions).collect();
        let places = all.iter().map(Vec::len).max().unwrap_or(0);
        let most = |place: usize| {
            let mut votes: BTreeMap<&Vec<u32>, usize> = BTreeMap::new();
            for decision in all.iter().filter_map(|decisions| decisions.get(place)) {
                *votes.entry(decision).or_default() += 1;
            }
            votes.into_iter().find(|(_, count)| 2 * count > all.len()).map(|(decision, _)| decision.clone())
        };
        Self { majority: (0..places).map(most).collect(), deciding: all.len() }
    }

    /// Whether there are several answers to compare.
    pub fn compares(&self) -> bool {
        self.deciding > 1
    }

    /// What most decide at a place, if more than half do.
    pub fn majority(&self, place: usize) -> Option<&[u32]> {
        self.majority.get(place)?.as_deref()
    }

    /// The places at which no decision has more than half of all.
    pub fn split(&self) -> Vec<usize> {
        (0..self.majority.len()).filter(|&place| self.majority[place].is_none()).collect()
    }

    /// The places at which an answer decides otherwise than most.
    pub fn dissent(&self, answer: &Answer) -> Vec<usize> {
        let decisions = answer.decisions().unwrap_or_default();
        let differs = |(place, decision): &(usize, Vec<u32>)| {
            self.majority(*place).is_some_and(|majority| majority != decision.as_slice())
        };
        decisions.into_iter().enumerate().filter(differs).map(|(place, _)| place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::TaggedAs;

    fn class(label: usize) -> Answer {
        let mut probabilities = vec![0.1; 3];
        probabilities[label] = 0.8;
        Answer::Classes(probabilities)
    }

    #[test]
    fn one_that_differs_from_most_is_found() {
        let answers = [class(2), class(0), class(2), Answer::Undefined];
        let agreement = Agreement::of(&answers);
        assert!(agreement.compares());
        assert_eq!(agreement.majority(0), Some(&[2][..]));
        let dissent: Vec<bool> = answers.iter().map(|a| !agreement.dissent(a).is_empty()).collect();
        assert_eq!(dissent, [false, true, false, false]);
        assert!(agreement.split().is_empty());
    }

    #[test]
    fn half_is_not_most() {
        let answers = [class(0), class(1), class(1), class(0)];
        let agreement = Agreement::of(&answers);
        assert_eq!(agreement.majority(0), None);
        assert_eq!(agreement.split(), [0]);
        assert!(answers.iter().all(|answer| agreement.dissent(answer).is_empty()));
    }

    #[test]
    fn words_are_compared_one_by_one() {
        let tags = |labels: [u32; 3]| {
            Answer::Tags(labels.map(|label| TaggedAs { label, probability: 0.5 }).to_vec())
        };
        let answers = [tags([0, 1, 4]), tags([0, 1, 5]), tags([0, 2, 6])];
        let agreement = Agreement::of(&answers);
        assert_eq!(agreement.dissent(&answers[2]), [1]);
        assert_eq!(agreement.split(), [2]);
    }

    #[test]
    fn one_answer_and_numbers_compare_with_nothing() {
        assert!(!Agreement::of(&[class(0)]).compares());
        let numbers = [Answer::Number(1.0), Answer::Number(4.0)];
        let agreement = Agreement::of(&numbers);
        assert!(!agreement.compares() && agreement.dissent(&numbers[1]).is_empty());
        assert_eq!(Agreement::of(&[]), Agreement::default());
    }
}

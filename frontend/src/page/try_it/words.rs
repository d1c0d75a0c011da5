//! Words with their tags: a colour by what is tagged, and the tag's name below.

use super::said::probability;
use crate::style::COLOURS;
use leptos::prelude::*;
use tunemask_shared::prediction::{Agreement, Answer, ReadText, TaggedAs};

/// The tag that says that a word is nothing.
const OUTSIDE: &str = "O";

/// The colour of each label: labels of one type have one, `O` has none.
pub fn colours(labels: &[String]) -> Vec<Option<usize>> {
    let kind = |label: &str| -> String {
        let named = label.split_once(['-', '_']).filter(|(place, _)| matches!(*place, "B" | "I" | "E" | "S"));
        named.map_or(label, |(_, kind)| kind).to_owned()
    };
    let mut kinds: Vec<String> = Vec::new();
    let colour = |label: &String| {
        if label == OUTSIDE {
            return None;
        }
        let kind = kind(label);
        let place = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
            kinds.push(kind);
            kinds.len() - 1
        });
        Some(place % COLOURS)
    };
    labels.iter().map(colour).collect()
}

/// What all rows of words share.
#[derive(Clone, Debug)]
pub struct Tagging {
    /// The words.
    pub read: ReadText,
    /// The labels' names.
    pub labels: Vec<String>,
    /// Their colours.
    pub colours: Vec<Option<usize>>,
    /// What most masks say.
    pub agreement: Agreement,
}

impl Tagging {
    /// The words as one answer tags them.
    pub fn show(&self, answer: &Answer) -> impl IntoView + use<> {
        let tags: &[TaggedAs] = match answer {
            Answer::Tags(tags) => tags,
            Answer::Classes(_) | Answer::Labels(_) | Answer::Number(_) | Answer::Undefined => &[],
        };
        let mut places = 0..;
        let words = self.read.words.iter().map(|word| {
            let place = if word.read { places.next() } else { None };
            let tag = place.and_then(|place| tags.get(place).map(|tag| (place, *tag)));
            match tag {
                Some((place, tag)) => self.word(&word.text, place, tag).into_any(),
                None => {
                    view! { <li class="word"><span>{word.text.clone()}</span> <small>"not read"</small></li> }
                        .into_any()
                }
            }
        });
        view! { <ul class="words">{words.collect_view()}</ul> }
    }

    fn word(&self, text: &str, place: usize, tag: TaggedAs) -> impl IntoView + use<> {
        let name = |label: u32| self.labels.get(label as usize).cloned().unwrap_or_default();
        let most = self.agreement.majority(place).and_then(|labels| labels.first().copied());
        let otherwise = most.filter(|most| *most != tag.label).map(|most| {
            let words = format!("most masks say {}", name(most));
            let title = words.clone();
            view! { <em title=title>"≠" <span class="visually-hidden">{words}</span></em> }
        });
        let colour = self.colours.get(tag.label as usize).copied().flatten();
        let class = match (colour, &otherwise) {
            (None, None) => "word".to_owned(),
            (None, Some(_)) => "word otherwise".into(),
            (Some(colour), None) => format!("word tagged s{colour}"),
            (Some(colour), Some(_)) => format!("word tagged otherwise s{colour}"),
        };
        let title = format!("{}, {}", name(tag.label), probability(tag.probability));
        view! {
            <li class=class title=title>
                <span>{text.to_owned()}</span>
                <small>{name(tag.label)} {otherwise}</small>
            </li>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_one_type_have_one_colour_and_outside_has_none() {
        let labels = ["O", "B-PER", "I-PER", "B-LOC", "NN", "NN-X"].map(String::from);
        assert_eq!(colours(&labels), [None, Some(0), Some(0), Some(1), Some(2), Some(3)]);
        let many: Vec<String> = (0..COLOURS + 1).map(|n| format!("T{n}")).collect();
        assert_eq!(colours(&many)[COLOURS], Some(0));
    }
}

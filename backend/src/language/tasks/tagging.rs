//! Parts of speech and entities: words with a label each.

use super::super::dice::Dice;
use super::super::scene::Question;
use super::super::sentence::{Sentence, written};
use super::super::templates;
use super::super::{Input, Labelled};

/// A sentence of any kind, with the parts of speech of its words.
pub(in super::super) fn parts_of_speech(dice: &mut Dice<'_>) -> Labelled {
    let mut sentence = Sentence::new(dice);
    match sentence.dice.below(100) {
        0..60 => sentence.whole(),
        60..75 => {
            let statement = sentence.dice.statement();
            sentence.tell(&statement);
        }
        75..88 => {
            let event = sentence.dice.event();
            let asked = sentence.dice.asked(&event);
            match asked.and_then(|asked| Question::about(&event, asked)) {
                Some(question) => sentence.ask(&question),
                None => sentence.whole(),
            }
        }
        _ => {
            let positive = sentence.dice.percent(50);
            sentence.review(positive);
        }
    }
    let targets = sentence.tags.iter().map(|&tag| f32::from(tag as u8)).collect();
    Labelled { input: Input::Words(written(&sentence.words)), targets }
}

/// A sentence with names, and which of its words are one.
pub(in super::super) fn entities(dice: &mut Dice<'_>) -> Labelled {
    let named = templates::sentence(dice);
    let targets = named.labels.into_iter().map(f32::from).collect();
    Labelled { input: Input::Words(named.words), targets }
}

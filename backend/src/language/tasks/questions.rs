//! Question pairs: two wordings of one question, or of two that are nearly the same.

use super::super::dice::Dice;
use super::super::scene::{Question, Statement};
use super::super::sentence::Sentence;

/// Two different questions that ask the same, or not.
pub(in super::super) fn pair(dice: &mut Dice<'_>, same: bool) -> (String, String) {
    loop {
        let event = dice.event();
        let Some(asked) = dice.asked(&event) else { continue };
        let Some(first) = Question::about(&event, asked) else { continue };
        let second = if same {
            Some(first)
        } else if dice.percent(35) {
            dice.asked(&event).and_then(|other| Question::about(&event, other))
        } else {
            match dice.varied(&Statement::Event { event, holds: true }) {
                Statement::Event { event, .. } => Question::about(&event, asked),
                _ => None,
            }
        };
        let Some(second) = second.filter(|second| first.equals(second) == same) else { continue };
        let asked = (ask(dice, &first), ask(dice, &second));
        if asked.0 != asked.1 {
            return asked;
        }
    }
}

/// A question in words.
pub(super) fn ask(dice: &mut Dice<'_>, question: &Question) -> String {
    let mut sentence = Sentence::new(dice);
    sentence.ask(question);
    sentence.text()
}

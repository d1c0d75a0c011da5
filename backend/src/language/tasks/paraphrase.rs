//! Paraphrase: two wordings of one meaning, or of two that are nearly the same.

use super::super::dice::Dice;
use super::super::scene::Statement;
use super::super::sentence::Sentence;

/// Two different sentences that say the same, or not.
pub(in super::super) fn sentences(dice: &mut Dice<'_>, same: bool) -> (String, String) {
    loop {
        let sign = dice.percent(80);
        let first = dice.statement().with_sign(sign);
        let second = match dice.below(100) {
            _ if same => first,
            0..75 => dice.varied(&first),
            75..88 => dice.generalised(&first),
            _ => first.with_sign(!sign),
        };
        let second = second.with_sign(second.holds());
        if first.equals(&second) != same {
            continue;
        }
        let told = (told(dice, &first), told(dice, &second));
        if told.0 != told.1 {
            return told;
        }
    }
}

/// A statement as a sentence.
pub(super) fn told(dice: &mut Dice<'_>, statement: &Statement) -> String {
    let mut sentence = Sentence::new(dice);
    sentence.tell(statement);
    sentence.text()
}

//! Text of the language without labels, for pre-training by masked language modelling.
//!
//! It holds what the tasks speak of: sentences of the grammar, reviews, sentences with names, and small texts of
//! which one part follows from the other, says it in other words, or answers it. What links a pair is what a masked
//! word of its one half can be found by.

use super::SEED;
use super::dice::{Dice, View};
use super::scene::{Question, Statement};
use super::sentence::{Sentence, text};
use super::tasks::{discourse, linked};
use super::templates;
use tunemask_shared::philox::{Purpose, Stream};

/// The corpus's stream; the tasks' are below.
const PART: u32 = 1000;

/// So many texts, the same in every run: the first of a longer corpus are those of a shorter one. A text is a sentence, a
/// few sentences, or two texts with a tab between them, to be read as a pair.
pub fn corpus(texts: usize) -> impl Iterator<Item = String> {
    let mut stream = Stream::new(SEED, Purpose::Language, PART);
    (0..texts).map(move |_| {
        let view = View { unseen: true, ..View::default() };
        one(&mut Dice::new(&mut stream, view))
    })
}

fn one(dice: &mut Dice<'_>) -> String {
    match dice.below(100) {
        0..12 => sentence(dice, |s| s.whole()),
        12..36 => {
            // Reviews of one mind: what praises stands beside what praises.
            let positive = dice.percent(50);
            let reviews: Vec<String> =
                (0..2 + dice.below(3)).map(|_| sentence(dice, |s| s.review(positive))).collect();
            reviews.join(" ")
        }
        36..46 => {
            let named = templates::sentence(dice);
            text(&named.words.iter().map(String::as_str).collect::<Vec<_>>())
        }
        46..54 => {
            let mut known = vec![dice.statement()];
            for _ in 0..1 + dice.below(2) {
                known.push(linked(dice, &known));
            }
            discourse(dice, &known)
        }
        54..70 => {
            let sign = dice.percent(80);
            let conclusion = dice.statement().with_sign(sign);
            pair(dice, |s| s.tell(&conclusion), |s| s.tell(&conclusion))
        }
        70..80 => {
            // What is denied of all is denied of one.
            let sign = dice.percent(70);
            let known = dice.statement().with_sign(sign);
            let conclusion = if sign { dice.generalised(&known) } else { dice.specialised(&known) };
            let conclusion = conclusion.with_sign(sign);
            pair(dice, |s| s.tell(&known), |s| s.tell(&conclusion))
        }
        80..84 => {
            let conclusion = dice.statement();
            let other = dice.varied(&conclusion);
            pair(dice, |s| s.tell(&conclusion), |s| s.tell(&other))
        }
        drawn => {
            let event = dice.event();
            let asked = dice.asked(&event);
            let told = Statement::Event { event, holds: true };
            match asked.and_then(|asked| Question::about(&event, asked)) {
                Some(question) if drawn < 95 => pair(dice, |s| s.ask(&question), |s| s.tell(&told)),
                Some(question) => pair(dice, |s| s.ask(&question), |s| s.ask(&question)),
                None => sentence(dice, |s| s.tell(&told)),
            }
        }
    }
}

fn sentence(dice: &mut Dice<'_>, say: impl FnOnce(&mut Sentence<'_, '_>)) -> String {
    let mut sentence = Sentence::new(dice);
    say(&mut sentence);
    sentence.text()
}

fn pair(
    dice: &mut Dice<'_>,
    first: impl FnOnce(&mut Sentence<'_, '_>),
    second: impl FnOnce(&mut Sentence<'_, '_>),
) -> String {
    let first = sentence(dice, first);
    format!("{first}\t{}", sentence(dice, second))
}

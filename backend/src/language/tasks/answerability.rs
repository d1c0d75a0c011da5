//! Answerability: a question, and a sentence that answers it or only seems to.

use super::super::dice::Dice;
use super::super::scene::{Question, Statement};
use super::inference::{discourse, linked};
use super::questions::ask;

/// A question and a sentence that answers it, or does not.
pub(in super::super) fn pair(dice: &mut Dice<'_>, answers: bool) -> (String, String) {
    loop {
        let event = dice.event();
        let mut told = Statement::Event { event, holds: true };
        // Answers, too, say `someone` and leave things out.
        if dice.percent(40) {
            told = dice.generalised(&told);
        }
        let Statement::Event { event, .. } = told else { continue };
        let Some(asked) = dice.asked(&event) else { continue };
        // The question may say less than the sentence.
        let about = if dice.percent(45) { dice.generalised(&told) } else { told };
        let Statement::Event { event: general, .. } = about else { continue };
        let Some(question) = Question::about(&general, asked) else { continue };
        let mut fact = match dice.below(100) {
            _ if answers => told,
            // Says all but what is asked for.
            0..20 => Statement::Event { event: question.event, holds: true },
            20..95 => dice.varied(&told),
            _ => told.with_sign(false),
        };
        if dice.percent(25) {
            fact = dice.specialised(&fact);
        }
        let mut all = vec![fact.with_sign(fact.holds())];
        if dice.percent(50) {
            let sign = dice.percent(85);
            let next = linked(dice, &all).with_sign(sign);
            all.insert(dice.below(2), next);
        }
        let answered = all.iter().any(|statement| question.is_answered_by(statement));
        if answered == answers {
            return (ask(dice, &question), discourse(dice, &all));
        }
    }
}

//! Inference: a text, and a sentence that follows from it, contradicts it, or does neither.
//!
//! The sentence is made by changes that are drawn without regard to the label; which label it has is computed from
//! the meanings.

use super::super::dice::Dice;
use super::super::scene::{Participant, Relation, Statement, relation};
use super::super::sentence::Sentence;
use super::paraphrase::told;

/// Label 0 is entailment, 1 neutral, 2 contradiction.
pub(in super::super) fn three_way(dice: &mut Dice<'_>, label: usize) -> (String, String) {
    let wanted = match label {
        0 => Relation::Entailment,
        1 => Relation::Neutral,
        _ => Relation::Contradiction,
    };
    loop {
        let sign = dice.percent(50);
        let first = dice.statement().with_sign(sign);
        let mut known = vec![first];
        if dice.percent(35) {
            let sign = dice.percent(50);
            let next = linked(dice, &known).with_sign(sign);
            known.push(next);
        }
        // As many hypotheses say that something is not as that it is, whatever the label.
        let holds = dice.percent(50);
        let conclusion = hypothesis(dice, &known, &first).with_sign(holds);
        if relation(&known, &conclusion) != wanted || !is_consistent(&known) || !is_apart(&conclusion) {
            continue;
        }
        let pair = (discourse(dice, &known), told(dice, &conclusion));
        if pair.0 != pair.1 {
            return pair;
        }
    }
}

/// A longer text, in which the same people do several things; whether the sentence follows.
pub(in super::super) fn two_way(dice: &mut Dice<'_>, follows: bool) -> (String, String) {
    loop {
        let first = dice.statement();
        let mut known = vec![first];
        for _ in 0..1 + dice.below(2) {
            let sign = dice.percent(85);
            let next = linked(dice, &known).with_sign(sign);
            known.push(next);
        }
        let source = known[dice.below(known.len())];
        let holds = if dice.percent(80) { source.holds() } else { !source.holds() };
        let conclusion = hypothesis(dice, &known, &source).with_sign(holds);
        let follows_indeed = relation(&known, &conclusion) == Relation::Entailment;
        if follows_indeed == follows && is_consistent(&known) && is_apart(&conclusion) {
            return (discourse(dice, &known), told(dice, &conclusion));
        }
    }
}

/// A statement that tells of the same or of something else, and of less or of more: how general it is does not
/// depend on whether it tells of the same.
fn hypothesis(dice: &mut Dice<'_>, known: &[Statement], of: &Statement) -> Statement {
    let mut conclusion = match dice.below(100) {
        0..35 => *of,
        35..60 => recombined(dice, known, of),
        _ => dice.varied(of),
    };
    // Of what is denied, the special follows from the general.
    let less = if of.holds() { 80 } else { 25 };
    for _ in 0..dice.below(3) {
        conclusion =
            if dice.percent(less) { dice.generalised(&conclusion) } else { dice.specialised(&conclusion) };
    }
    conclusion
}

/// What one did, said of another who is mentioned.
fn recombined(dice: &mut Dice<'_>, known: &[Statement], source: &Statement) -> Statement {
    let other = *dice.pick(known);
    let mut conclusion = *source;
    if let (Statement::Event { event, .. }, Statement::Event { event: other, .. }) = (&mut conclusion, &other)
    {
        let people: Vec<_> = other.participants().filter(|p| p.kind.is_person() && !p.is_any()).collect();
        event.agent = **dice.pick(&people);
    }
    conclusion
}

/// Another event, of one who is mentioned already.
pub(in super::super) fn linked(dice: &mut Dice<'_>, known: &[Statement]) -> Statement {
    let mut next = dice.statement();
    if let (Statement::Event { event, .. }, Statement::Event { event: before, .. }) =
        (&mut next, dice.pick(known))
    {
        let definite = |p: &&_| is_definite_person(p);
        let people: Vec<_> = before.participants().filter(definite).copied().collect();
        if !people.is_empty() {
            event.agent = *dice.pick(&people);
        }
    }
    next
}

fn is_definite_person(participant: &Participant) -> bool {
    participant.kind.is_person() && !participant.is_indefinite()
}

/// Whether nobody does something to himself.
fn is_apart(statement: &Statement) -> bool {
    let Statement::Event { event, .. } = statement else { return true };
    let all: Vec<&Participant> = event.participants().filter(|p| !p.is_any()).collect();
    all.iter().enumerate().all(|(i, p)| !all[..i].iter().any(|q| q.resembles(p)))
}

/// Whether the statements say different things, of which none denies another.
fn is_consistent(known: &[Statement]) -> bool {
    known.iter().enumerate().all(|(i, statement)| {
        let others: Vec<Statement> =
            known.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, s)| *s).collect();
        is_apart(statement) && relation(&others, statement) == Relation::Neutral
    })
}

/// Statements as a text: sentence by sentence, joined by `and`, or one inside another.
pub(in super::super) fn discourse(dice: &mut Dice<'_>, known: &[Statement]) -> String {
    let mut sentence = Sentence::new(dice);
    let mut rest = known;
    while let [first, more @ ..] = rest {
        rest = more;
        if let (Statement::Event { event, holds: true }, [Statement::Event { event: inner, holds: true }, ..]) =
            (first, more)
            && event.agent == inner.agent
            && !event.agent.is_indefinite()
            && sentence.dice.percent(60)
        {
            sentence.tell_relative(event, inner);
            rest = &more[1..];
        } else if let [second, ..] = more
            && sentence.dice.percent(30)
        {
            sentence.tell_both(first, second);
            rest = &more[1..];
        } else {
            sentence.tell(first);
        }
    }
    sentence.text()
}

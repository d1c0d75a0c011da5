//! Similarity: of the five parts of what a sentence says (verb, who, to whom or what, where, when), those that the
//! other says too. Half a point where two things are of one kind, or two places differ in `in` and `near`.

use super::super::dice::Dice;
use super::super::scene::{Event, Statement};
use super::paraphrase::told;

/// Two sentences that share so many halves of a point.
pub(in super::super) fn sentences(dice: &mut Dice<'_>, halves: usize) -> (String, String) {
    loop {
        let first = dice.full_event();
        let second = dice.fading(&first, halves);
        if shared(&first, &second) != halves {
            continue;
        }
        let tell = |event| Statement::Event { event, holds: true };
        let told = (told(dice, &tell(first)), told(dice, &tell(second)));
        if told.0 != told.1 {
            return told;
        }
    }
}

/// What two events with all five parts share, in halves of a point.
pub(super) fn shared(first: &Event, second: &Event) -> usize {
    let things = match (&first.patient, &second.patient) {
        (Some(one), Some(other)) if one.resembles(other) => 2,
        (Some(one), Some(other)) if one.is_like(other) => 1,
        _ => 0,
    };
    let places = match (first.place, second.place) {
        (Some(one), Some(other)) if one == other => 2,
        (Some(one), Some(other)) if one.noun == other.noun => 1,
        _ => 0,
    };
    let whole = |same: bool| if same { 2 } else { 0 };
    whole(first.action == second.action)
        + whole(first.agent.resembles(&second.agent))
        + things
        + places
        + whole(first.time == second.time)
}

//! A verdict in plain words: what the comparisons show, and what keeps the others from it.

use super::{Comparison, Options, Outcome, Verdict};
use tunemask_shared::mask::Mask;
use tunemask_shared::text::count;

/// So many comparisons are told one by one; of more, how many show what.
const TOLD: usize = 3;

impl Verdict {
    /// Why, in a sentence or three without a number that only a statistician reads.
    pub fn plain(&self, options: Options) -> String {
        let evidence = &self.evidence;
        let mut sentences = Vec::new();
        if evidence.len() <= TOLD {
            let phrases: Vec<String> = evidence.iter().map(|c| phrase(c, options)).collect();
            sentences.extend(Some(phrases.join("; ")).filter(|said| !said.is_empty()).map(|s| capital(&s)));
        } else {
            let of = |outcome| evidence.iter().filter(|c| c.outcome(options.alpha) == outcome).count();
            let mut parts = vec![format!(
                "{} of {} show it",
                of(Outcome::Supported),
                count(evidence.len(), "comparison")
            )];
            for (outcome, what) in [(Outcome::NotSupported, "the contrary"), (Outcome::Undecided, "neither")]
            {
                parts.extend(Some(of(outcome)).filter(|n| *n > 0).map(|n| format!("{n} {what}")));
            }
            sentences.push(parts.join(", "));
        }
        if self.outcome == Outcome::Undecided {
            let needed = evidence.iter().filter_map(|c| c.seeds_needed).max();
            sentences.extend(needed.map(|n| format!("About {} would decide", count(n as usize, "seed"))));
        }
        let mut limits: Vec<String> = evidence.iter().filter_map(|c| c.method.limit()).collect();
        limits.sort();
        limits.dedup();
        sentences.extend(limits);
        let told: Vec<String> = sentences.into_iter().map(|sentence| format!("{sentence}.")).collect();
        told.into_iter().chain(self.missing.iter().cloned()).collect::<Vec<_>>().join(" ")
    }
}

/// What a comparison shows: `` `mha` is less than 2 points below `full` ``.
fn phrase(c: &Comparison, options: Options) -> String {
    let (left, right) = (names(&c.left), names(&c.right));
    let points = format!("{} points", options.points());
    let verb = if c.left.len() == 1 { "is" } else { "are" };
    // What is not worse by the margin has its bound below 0.
    match (c.bound < 0.0, c.outcome(options.alpha)) {
        (true, Outcome::Supported) => format!("{left} {verb} less than {points} below {right}"),
        (true, Outcome::NotSupported) => format!("{left} {verb} more than {points} below {right}"),
        (true, Outcome::Undecided) => format!("whether {left} {verb} within {points} of {right} is open"),
        (false, Outcome::Supported) => format!("{left} {verb} better than {right}"),
        (false, Outcome::NotSupported) => format!("{left} {verb} not better than {right} by {points}"),
        (false, Outcome::Undecided) => format!("whether {left} {verb} better than {right} is open"),
    }
}

fn names(masks: &[Mask]) -> String {
    let names: Vec<String> = masks.iter().map(|mask| format!("`{mask}`")).collect();
    match &names[..] {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(""),
    }
}

/// With a capital letter, unless it begins with a name.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

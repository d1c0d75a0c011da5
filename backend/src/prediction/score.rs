//! Runs that are scored on texts: all that are loaded in one pass over what they share.

use super::PredictionError;
use super::loaded::{Loaded, RunSlot};
use super::read::Tokenised;
use tunemask_engine::{Sequence, Trainer};

/// Texts that are read at once.
const TEXTS: usize = 32;
/// Runs that read at once: between two such passes somebody may say stop.
const RUNS: usize = 64;

/// What a run says of each text, before it is made into answers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RunLogits {
    /// The epoch whose weights it has.
    pub epoch: u32,
    /// `[reads, outputs]` of each text.
    pub texts: Vec<Vec<f32>>,
}

/// What some runs say, and how much of it was computed once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Scored {
    /// The logits of each run, or why it says nothing.
    pub runs: Vec<Result<RunLogits, String>>,
    /// Runs that read, each weighted by the share of its rows that were computed for others, too.
    pub shared: f64,
}

/// Lets all runs that are loaded read texts. `go_on` is asked between two passes.
///
/// # Errors
/// Nobody waits any more; the device fails.
pub(super) fn score(
    loaded: &mut Loaded,
    texts: &[Tokenised],
    outputs: usize,
    go_on: &dyn Fn() -> bool,
) -> Result<Scored, PredictionError> {
    let Loaded { trainer, places } = loaded;
    let (logits, shared) = match trainer {
        Some(trainer) => {
            let slots: Vec<usize> = places.iter().flatten().map(|place| place.slot).collect();
            read(trainer, &slots, texts, outputs, go_on)?
        }
        None => (Vec::new(), 0.0),
    };
    let mut logits = logits.into_iter();
    let own = |place: &Result<RunSlot, String>| {
        let epoch = place.as_ref().map_err(String::clone)?.epoch;
        Ok(RunLogits { epoch, texts: logits.next().unwrap_or_default() })
    };
    Ok(Scored { runs: places.iter().map(own).collect(), shared })
}

/// The logits of each run on each text.
type Logits = Vec<Vec<Vec<f32>>>;

/// The logits of each run on each text, and the runs weighted by what was computed once.
fn read(
    trainer: &mut Trainer,
    slots: &[usize],
    texts: &[Tokenised],
    outputs: usize,
    go_on: &dyn Fn() -> bool,
) -> Result<(Logits, f64), PredictionError> {
    let mut all = vec![Vec::with_capacity(texts.len()); slots.len()];
    let mut shared = 0.0;
    for chunk in texts.chunks(TEXTS) {
        let sequences: Vec<Sequence<'_>> =
            chunk.iter().map(|text| text.unlabelled.example.sequence()).collect();
        for (runs, own) in slots.chunks(RUNS).zip(all.chunks_mut(RUNS)) {
            if !go_on() {
                return Err(PredictionError::Stopped);
            }
            let logits = trainer.predict_with(runs, &sequences)?;
            let share = chunk.len() as f64 / texts.len().max(1) as f64;
            shared += trainer.shared_share() * runs.len() as f64 * share;
            for (own, logits) in own.iter_mut().zip(logits) {
                let mut rest = logits.as_slice();
                for text in chunk {
                    let size = (text.unlabelled.example.reads.len() * outputs).min(rest.len());
                    let (of_text, behind) = rest.split_at(size);
                    own.push(of_text.to_vec());
                    rest = behind;
                }
            }
        }
    }
    Ok((all, shared))
}

//! What runs say of a text, by mask.

use super::choose::Group;
use super::kept::Asking;
use super::loaded::AskedRun;
use super::outcome;
use super::score::{RunLogits, Scored};
use std::collections::HashMap;
use tunemask_shared::prediction::{LeftOut, MaskPrediction, Prediction, ReadText, SeedPrediction};
use tunemask_shared::run::RunId;

/// What runs say of the text at a place. What was read of it, and what is to be said of that, is the caller's.
pub(super) fn answers(asking: &Asking<'_>, groups: &[Group], scored: &Scored, text: usize) -> Prediction {
    let kind = asking.task.kind();
    let by_run: HashMap<&RunId, (&AskedRun<'_>, &Result<RunLogits, String>)> =
        asking.runs.iter().zip(&scored.runs).map(|(asked, run)| (asked.run, (asked, run))).collect();
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for group in groups {
        let (mut seeds, mut said) = (Vec::new(), Vec::new());
        for run in &group.runs {
            let Some((asked, logits)) = by_run.get(run) else { continue };
            let logits = match logits {
                Ok(logits) => logits,
                Err(reason) => {
                    left_out.push(LeftOut {
                        run: run.clone(),
                        mask: group.mask.clone(),
                        reason: reason.clone(),
                    });
                    continue;
                }
            };
            let own = logits.texts.get(text).and_then(|logits| outcome::probabilities(kind, logits));
            seeds.push(SeedPrediction {
                run: run.clone(),
                seed: asked.spec.seed,
                learning_rate: asked.spec.learning_rate,
                epoch: logits.epoch,
                answer: outcome::answer(kind, own.as_deref()),
            });
            said.push(own);
        }
        let Some(rate) = seeds.first().map(|seed| seed.learning_rate) else { continue };
        let one_rate = seeds.iter().all(|seed| seed.learning_rate == rate);
        rows.push(MaskPrediction {
            mask: group.mask.clone(),
            learning_rate: one_rate.then_some(rate),
            mean: outcome::answer(kind, outcome::mean(&said).as_deref()),
            seeds,
        });
    }
    Prediction {
        task: asking.task.clone(),
        read: ReadText::default(),
        rows,
        left_out,
        notes: Vec::new(),
        shared: scored.shared,
    }
}

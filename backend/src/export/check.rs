//! Whether the folder scores what the run scored.

use super::ExportError;
use crate::artifacts::Tuned;
use crate::data::{self, TaskData};
use crate::model::{self, Model};
use std::path::Path;
use std::sync::Arc;
use tunemask_engine::{Adam, Gang, MemberSpec, Objective};
use tunemask_shared::run::Precision;
use tunemask_shared::trainable::Trainable;

/// Examples of each development set that are scored again.
const EXAMPLES: usize = 64;
/// How far a logit may be from the stored one, as a share of 1 and the logit: other processors round sums differently.
const TOLERANCE: f32 = 1e-3;
/// The same where a run was computed with fewer digits than the exported model has.
const TOLERANCE_OF_FEWER_DIGITS: f32 = 0.1;

/// What the check of an exported folder found.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    /// Through the files that were written, the model scores what the run scored.
    Same {
        /// Development examples that were scored again.
        examples: usize,
        /// Of so many.
        of: usize,
        /// The largest difference of a logit.
        largest: f32,
    },
    /// There is nothing to hold it to, for this reason.
    Not(String),
}

/// Reads a folder that was written anew and scores development examples with it, as the run did.
///
/// # Errors
/// The folder cannot be read, its tokenizer is another one, or a logit differs.
pub(super) fn check(tuned: &Tuned, folder: &Path) -> Result<Checked, ExportError> {
    let spec = &tuned.spec;
    let differs = |what: String| ExportError::Differs { run: tuned.run.clone(), what };
    let exported = model::open(folder.to_string_lossy().as_ref())?;
    let objective = Objective::from(spec.task.kind());
    let head = model::head(folder, objective.head(&exported.config.shape))?;
    if exported.tokenizer.identity() != tuned.model.tokenizer.identity() {
        return Err(differs("its tokenizer cuts text in another way".into()));
    }
    let limit = spec.eval_limit;
    let length = spec.max_length as usize;
    let data =
        match data::load(&spec.task, tuned.data.as_deref(), &exported.tokenizer, length, Some(1), limit) {
            Ok(data) if data.fingerprint == spec.data => data,
            Ok(_) => return Ok(Checked::Not("the data has changed since the run was trained".into())),
            Err(error) => return Ok(Checked::Not(error.to_string())),
        };
    if tuned.product.predictions.is_empty() {
        return Ok(Checked::Not("the run has kept no predictions".into()));
    }
    let mut gang = gang(tuned, &exported, head)?;
    let tolerance = match spec.precision.unwrap_or_default() {
        Precision::F32 => TOLERANCE,
        Precision::Tf32 | Precision::Bf16 | Precision::FrozenBf16 => TOLERANCE_OF_FEWER_DIGITS,
    };
    scores(&mut gang, tuned, &data, tolerance, differs)
}

fn gang(tuned: &Tuned, exported: &Model, head: Vec<f32>) -> Result<Gang, ExportError> {
    let member =
        MemberSpec { trains: Trainable::default(), seed: 0, adam: Adam::default(), head: Some(head) };
    let objective = Objective::from(tuned.spec.task.kind());
    Ok(Gang::new(exported.config, Arc::clone(&exported.weights), objective, vec![member])?)
}

fn scores(
    gang: &mut Gang,
    tuned: &Tuned,
    data: &TaskData,
    tolerance: f32,
    differs: impl Fn(String) -> ExportError,
) -> Result<Checked, ExportError> {
    let outputs = tuned.spec.task.kind().outputs();
    let sets = tuned.spec.task.development_sets();
    let (mut examples, mut of, mut largest) = (0, 0, 0.0_f32);
    for (set, (own, stored)) in data.development.iter().zip(&tuned.product.predictions).enumerate() {
        let name = sets.get(set).map_or("dev", String::as_str);
        let reads: usize = own.iter().map(|example| example.reads.len()).sum();
        if stored.len() != reads * outputs {
            let what =
                format!("it makes {reads} predictions on {name}, the run made {}", stored.len() / outputs);
            return Err(differs(what));
        }
        of += own.len();
        let mut stored = stored.as_slice();
        for example in own.iter().take(EXAMPLES) {
            let (want, rest) = stored.split_at(example.reads.len() * outputs);
            stored = rest;
            let got = gang.predict(&[example.sequence()])?.pop().unwrap_or_default();
            for (got, want) in got.iter().zip(want) {
                let difference = (got - want).abs();
                if difference > tolerance * (1.0 + want.abs()) || got.is_nan() != want.is_nan() {
                    let row = example.index + 1;
                    let what = format!("on example {row} of {name} a logit is {got}, the run's was {want}");
                    return Err(differs(what));
                }
                largest = largest.max(difference);
            }
            examples += 1;
        }
    }
    Ok(Checked::Same { examples, of, largest })
}

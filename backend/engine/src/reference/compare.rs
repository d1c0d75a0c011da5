//! The fast engine's logits, loss and gradients beside the reference's, tensor by tensor.

use super::probe::ReferenceProbe;
use crate::{EngineError, Objective, Precision, Probe};
use std::ops::Range;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::trainable::Trainable;

/// A gradient smaller than this share of the largest of the whole network is compared as if it were as large: where it
/// is 0 by construction, as that of a key's bias is, there is nothing but rounding to compare.
const SMALLEST: f64 = 1e-4;

/// How far a tensor of the fast engine is from the reference's.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// `logits`, `loss`, or `grad.` and a name of Hugging Face's.
    pub tensor: String,
    /// Scalars that were compared: of a gradient those that train.
    pub scalars: usize,
    /// The largest difference of two scalars, relative to the tensor's largest; infinite where one is not finite.
    pub relative: f64,
}

impl Difference {
    /// Whether it is a gradient's.
    pub fn is_gradient(&self) -> bool {
        self.tensor.starts_with("grad.")
    }

    /// Whether the two engines agree.
    pub fn is_within(&self, tolerance: Tolerance) -> bool {
        self.relative <= tolerance.limit(self)
    }
}

/// The largest relative differences that rounding explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// How far logits and the loss may be apart.
    pub logits: f64,
    /// How far gradients may be apart.
    pub gradients: f64,
}

impl Tolerance {
    /// What of a difference is tolerated.
    pub fn limit(self, difference: &Difference) -> f64 {
        if difference.is_gradient() { self.gradients } else { self.logits }
    }

    /// What the fast engine's numbers allow: f32 rounds to 24 bits, tf32 to 11, bf16 to 8, and errors grow with depth.
    pub fn of(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self { logits: 1e-4, gradients: 1e-3 },
            Precision::Tf32 => Self { logits: 1e-2, gradients: 3e-2 },
            Precision::Bf16 | Precision::FrozenBf16 => Self { logits: 6e-2, gradients: 1.5e-1 },
        }
    }
}

/// The differences of logits, loss, and the gradient of every tensor of which a part trains.
///
/// `got` has the gradient of what trains and the head, `want` that of every scalar, of what is added and of the head, see
/// [`super::Reference::of_everything`].
///
/// # Errors
/// A gradient or logits of another length than that.
pub fn compare(
    shape: &ModelShape,
    trains: &Trainable,
    objective: Objective,
    got: &Probe,
    want: &ReferenceProbe,
) -> Result<Vec<Difference>, EngineError> {
    let (selection, head) = (&trains.selection, objective.head_scalars(shape));
    // What is added stands behind the scalars of the model, of which fewer train than there are.
    let (scalars, added) = (shape.scalars(), trains.len() - selection.len());
    for (got, want) in [
        (got.gradient.len(), trains.len() + head),
        (want.gradient.len(), scalars + added + head),
        (got.logits.len(), want.logits.len()),
    ] {
        if got != want {
            return Err(EngineError::State { got, want });
        }
    }
    let smallest = SMALLEST * largest(&want.gradient);
    let mut differences = vec![
        difference("logits", &got.logits, &want.logits, 0.0),
        Difference {
            tensor: "loss".into(),
            scalars: 1,
            relative: finite((got.loss - want.loss).abs() / want.loss.abs()),
        },
    ];
    for parameter in shape.parameters() {
        let selected = selection.within(parameter.range());
        if !selected.is_empty() {
            let first = selection.rank(selected.ranges()[0].start);
            let got = &got.gradient[first..first + selected.len()];
            let want: Vec<f64> = selected.iter().map(|index| want.gradient[index]).collect();
            differences.push(difference(&format!("grad.{}", parameter.name()), got, &want, smallest));
        }
    }
    for tensor in trains.tensors() {
        let behind = tensor.range.start - selection.len();
        let want = &want.gradient[scalars + behind..][..tensor.range.len()];
        let name = format!("grad.{}", tensor.name);
        differences.push(difference(&name, &got.gradient[tensor.range], want, smallest));
    }
    let (got, want) = (&got.gradient[trains.len()..], &want.gradient[scalars + added..]);
    for (name, range) in head_tensors(objective, shape) {
        let (got, want) = (&got[range.clone()], &want[range]);
        differences.push(difference(&format!("grad.{name}"), got, want, smallest));
    }
    Ok(differences)
}

/// Names of a head's tensors, and where they lie behind the encoder's scalars.
fn head_tensors(objective: Objective, shape: &ModelShape) -> Vec<(String, Range<usize>)> {
    match objective {
        Objective::MaskedLanguage(_) => vec![("cls.predictions".into(), 0..objective.head_scalars(shape))],
        Objective::Classification(_)
        | Objective::Regression
        | Objective::Tagging(_)
        | Objective::MultiLabel(_) => {
            let tensors = objective.head(shape).tensors();
            tensors.into_iter().map(|tensor| (tensor.name, tensor.range)).collect()
        }
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, x| most.max(x.abs()))
}

/// Not-a-number is as far as can be, not no difference at all.
fn finite(relative: f64) -> f64 {
    if relative.is_finite() { relative } else { f64::INFINITY }
}

fn difference(tensor: &str, got: &[f32], want: &[f64], smallest: f64) -> Difference {
    let scale = largest(want).max(smallest).max(f64::MIN_POSITIVE);
    let relative = |(got, want): (&f32, &f64)| finite((f64::from(*got) - want).abs() / scale);
    let relative = got.iter().zip(want).map(relative).fold(0.0, f64::max);
    Difference { tensor: tensor.to_owned(), scalars: got.len(), relative }
}

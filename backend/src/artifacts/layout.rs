//! Where things stand in the files of a run: the names of their tensors.

use super::ArtifactError;
use super::contents::{Product, Truth};
use crate::tensors::{TensorReader, TensorWriter};
use safetensors::Dtype;
use tunemask_shared::experiment::ReportedEpoch;

/// How a run's file names an epoch.
pub(super) fn name(epoch: ReportedEpoch) -> &'static str {
    match epoch {
        ReportedEpoch::Best => "best",
        ReportedEpoch::Last => "last",
    }
}

pub(super) fn epoch_of(epoch: ReportedEpoch) -> String {
    format!("{}.epoch", name(epoch))
}

/// Under whose name an epoch stands in a file: the last one under that of the best, if they are one.
pub(super) fn stored(file: &TensorReader, epoch: ReportedEpoch) -> Result<ReportedEpoch, ArtifactError> {
    let number = |epoch| file.number(&epoch_of(epoch));
    let apart = file.dims(&format!("{}.predictions.0", name(ReportedEpoch::Last))).is_some()
        || number(ReportedEpoch::Best)? != number(ReportedEpoch::Last)?;
    Ok(if apart { epoch } else { ReportedEpoch::Best })
}

pub(super) fn add<'a>(file: &mut TensorWriter<'a>, name: &str, values: &'a [f32]) {
    file.floats(name, vec![values.len()], values);
}

/// What of an epoch's product a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProductParts {
    /// Its scalars and its predictions.
    All,
    /// Its predictions alone.
    Predictions,
}

pub(super) fn add_product<'a>(
    file: &mut TensorWriter<'a>,
    name: &str,
    product: &'a Product,
    parts: ProductParts,
) {
    file.set_metadata(format!("{name}.epoch"), product.epoch);
    if parts == ProductParts::All {
        add(file, &format!("{name}.trained"), &product.trained);
    }
    for (set, predictions) in product.predictions.iter().enumerate() {
        add(file, &format!("{name}.predictions.{set}"), predictions);
    }
}

pub(super) fn product(file: &mut TensorReader, name: &str) -> Result<Product, ArtifactError> {
    let mut predictions = Vec::new();
    loop {
        let set = format!("{name}.predictions.{}", predictions.len());
        if file.dims(&set).is_none() {
            break;
        }
        predictions.push(file.floats(&set)?);
    }
    let epoch = file.number(&format!("{name}.epoch"))?;
    let trained = format!("{name}.trained");
    let trained = if file.dims(&trained).is_some() { file.floats(&trained)? } else { Vec::new() };
    Ok(Product { epoch, trained, predictions })
}

pub(super) fn truth(file: &mut TensorReader, set: usize) -> Result<Option<Truth>, ArtifactError> {
    let (targets, reads) = (format!("targets.{set}"), format!("reads.{set}"));
    if file.dims(&targets).is_none() {
        return Ok(None);
    }
    Ok(Some(Truth { targets: file.floats(&targets)?, reads: file.counts(&reads)? }))
}

/// Most bytes of LayerNorm values after each epoch that stay with a run whose weights go: those of two LayerNorms of bert-base
/// over twenty epochs, but not those of all.
const FEW_NORMS: u64 = 256 << 10;

/// The tensors that go with a finished run's weights: the scalars of both epochs, and the LayerNorms after each epoch unless
/// they are few. Predictions stay.
pub(super) fn weights(file: &TensorReader) -> Vec<String> {
    let trained = [ReportedEpoch::Best, ReportedEpoch::Last].map(|epoch| format!("{}.trained", name(epoch)));
    let mut names: Vec<String> = trained.into_iter().filter(|name| file.dims(name).is_some()).collect();
    // Only with others: a file without scalars was written anew before.
    if !names.is_empty() && norms_go(bytes(file, NORMS) / 4) {
        names.push(NORMS.into());
    }
    names
}

/// Bytes of a tensor of 32-bit floats; 0 where there is none.
pub(super) fn bytes(file: &TensorReader, name: &str) -> u64 {
    file.dims(name).map_or(0, |dims| 4 * dims.iter().product::<usize>() as u64)
}

/// Whether so many LayerNorm values of all epochs go with a run's weights.
pub(crate) fn norms_go(values: u64) -> bool {
    4 * values > FEW_NORMS
}

/// Marks in a byte a prediction that is not finite.
const NOT_FINITE: u8 = u8::MAX;

/// `[epochs, targets]`: bytes if all are label numbers (or 0 and 1 of several labels), else floats.
pub(super) fn add_answers(file: &mut TensorWriter<'_>, answers: &[Vec<f32>]) {
    let dims = vec![answers.len(), answers.first().map_or(0, Vec::len)];
    let label = |x: &f32| x.is_nan() || (0.0..f32::from(NOT_FINITE)).contains(x) && x.fract() == 0.0;
    if answers.iter().flatten().all(label) {
        let byte = |x: &f32| if x.is_nan() { NOT_FINITE } else { *x as u8 };
        file.bytes("answers", dims, answers.iter().flatten().map(byte).collect());
    } else {
        file.floats("answers", dims, answers.concat());
    }
}

/// `None` in files of programs that did not keep them.
pub(super) fn answers(file: &mut TensorReader) -> Result<Option<Vec<Vec<f32>>>, ArtifactError> {
    let (targets, dtype) = match file.info("answers") {
        None => return Ok(None),
        Some((&[_, targets], dtype)) => (targets, dtype),
        Some((other, _)) => {
            let why = format!("answers are {other:?}, not epochs by targets");
            return Err(file.damaged(why).into());
        }
    };
    let all: Vec<f32> = if dtype == Dtype::U8 {
        let number = |x: u8| if x == NOT_FINITE { f32::NAN } else { f32::from(x) };
        file.small_counts("answers")?.into_iter().map(number).collect()
    } else {
        file.floats("answers")?
    };
    Ok(Some(all.chunks(targets.max(1)).map(<[f32]>::to_vec).collect()))
}

const NORMS: &str = "norms";

/// `[epochs, scalars]`.
pub(super) fn add_norms(file: &mut TensorWriter<'_>, norms: &[Vec<f32>]) {
    let scalars = norms.first().map_or(0, Vec::len);
    file.floats(NORMS, vec![norms.len(), scalars], norms.concat());
}

pub(super) fn norms(file: &mut TensorReader) -> Result<Option<Vec<Vec<f32>>>, ArtifactError> {
    let (epochs, scalars) = match file.dims(NORMS) {
        None => return Ok(None),
        Some(&[epochs, scalars]) => (epochs, scalars),
        Some(other) => {
            return Err(file.damaged(format!("norms are {other:?}, not epochs by scalars")).into());
        }
    };
    let all = file.floats(NORMS)?;
    Ok(Some((0..epochs).map(|epoch| all[epoch * scalars..(epoch + 1) * scalars].to_vec()).collect()))
}

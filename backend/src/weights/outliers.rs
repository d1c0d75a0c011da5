use serde::Serialize;
use std::fmt::Write;
use tunemask_shared::mask::{ListedScalar, Mask, MaskError, MaskSwitches, list};
use tunemask_shared::shape::ModelShape;

/// A scalar that `outliers:N` selects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlier {
    /// As pretrained: tensor, place in it, value, distance from its pool's mean in σ.
    #[serde(flatten)]
    pub scalar: ListedScalar,
    /// Its value in a tuned model, if one is given.
    pub tuned: Option<f32>,
}

/// The scalars that `outliers:count` selects of the pretrained weights, in canonical order.
///
/// # Errors
/// A LayerNorm has not so many scalars; weights of another number than the shape's.
pub fn outliers(
    count: usize,
    shape: &ModelShape,
    switches: MaskSwitches,
    pretrained: &[f32],
    tuned: Option<&[f32]>,
) -> Result<Vec<Outlier>, MaskError> {
    let offsets: Vec<(String, usize)> = shape.parameters().iter().map(|p| (p.name(), p.offset)).collect();
    let found = list(&Mask::Outliers(count), shape, switches, 0, pretrained)?;
    let with_tuned = found.map(|scalar| {
        let offset = offsets.iter().find(|(name, _)| *name == scalar.tensor).map(|(_, offset)| offset);
        let tuned = offset.zip(tuned).and_then(|(offset, weights)| weights.get(offset + scalar.index));
        Outlier { tuned: tuned.copied(), scalar }
    });
    Ok(with_tuned.collect())
}

/// A line a scalar.
pub fn outliers_csv(outliers: &[Outlier]) -> String {
    let mut out = String::from("tensor,index,value,sigma,tuned\n");
    for Outlier { scalar, tuned } in outliers {
        let sigma = if scalar.sigma.is_nan() { String::new() } else { scalar.sigma.to_string() };
        let tuned = tuned.map_or_else(String::new, |value| value.to_string());
        _ = writeln!(out, "{},{},{},{sigma},{tuned}", scalar.tensor, scalar.index, scalar.value);
    }
    out
}

//! The scalars that outlier masks select, before and after.

use serde::Serialize;
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

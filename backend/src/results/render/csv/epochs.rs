//! The LayerNorms after every epoch of a run as CSV.

use std::fmt::Write;
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;

/// A line for each epoch and scalar: the pretrained values as epoch 0, then `epochs`, each with a value for every scalar
/// of `selection`, ascending. `index` is the place in the tensor, row-major from 0.
pub fn epochs(shape: &ModelShape, selection: &Selection, pretrained: &[f32], epochs: &[Vec<f32>]) -> String {
    let mut names: Vec<(String, usize)> = Vec::new();
    for parameter in shape.parameters() {
        let own = selection.within(parameter.range());
        names.extend(own.iter().map(|index| (parameter.name(), index - parameter.offset)));
    }
    let first: Vec<f32> = selection.iter().filter_map(|index| pretrained.get(index).copied()).collect();
    let mut out = String::from("epoch,tensor,index,value\n");
    for (epoch, values) in std::iter::once(&first).chain(epochs).enumerate() {
        for ((tensor, index), value) in names.iter().zip(values) {
            _ = writeln!(out, "{epoch},{tensor},{index},{value}");
        }
    }
    out
}

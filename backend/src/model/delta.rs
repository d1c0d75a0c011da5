//! What a run has trained and no more: a file of kilobytes that makes its model of the base.
//!
//! A safetensors file. A tensor that trained whole stands under its Hugging Face name; of one that trained in part
//! `values.NAME` holds the scalars and `indices.NAME` their places in the tensor, row-major from 0, ascending.
//! `classifier.weight` and `classifier.bias` are the head, or what the family's head has in their place. The header says `format` (`FORMAT`), `base` (the
//! fingerprint of the model that it belongs to) and for people where it comes from.

use super::{Model, ModelError};
use crate::tensors::{TensorReader, TensorWriter, TensorsError};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use tunemask_shared::head::{HeadLayout, HeadReads, HeadTensor};
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::{ModelShape, Parameter};

/// What the header says of the file's format.
pub const FORMAT: &str = "tunemask delta 1";

/// A task's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Which tensors it has.
    pub layout: HeadLayout,
    /// Their scalars, in the layout's order.
    pub scalars: Vec<f32>,
}

/// Scalars that take the place of a base model's, and the head that was trained with them.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    /// Fingerprint of the base model.
    pub base: String,
    /// What else the file says of itself: run, task, mask, scores.
    pub about: BTreeMap<String, String>,
    /// Which scalars, in canonical order.
    pub selection: Selection,
    /// Their values, ascending.
    pub values: Vec<f32>,
    /// The head.
    pub head: Head,
}

impl Delta {
    /// Writes the file whole or not at all. `shape` is the model's.
    ///
    /// # Errors
    /// It cannot be written, or the selection does not fit the shape.
    pub fn write(&self, shape: &ModelShape, path: &Path) -> Result<(), ModelError> {
        let mut file = TensorWriter::default();
        file.set_metadata("format", FORMAT);
        file.set_metadata("base", &self.base);
        self.about.iter().for_each(|(key, value)| file.set_metadata(key, value));
        let mut rest = self.values.as_slice();
        for parameter in shape.parameters() {
            let own = self.selection.within(parameter.range());
            let (here, after) = rest.split_at_checked(own.len()).ok_or_else(|| too_short(path))?;
            rest = after;
            if own.len() == parameter.len() {
                file.floats(parameter.name(), parameter.hugging_face_dims(), here);
            } else if !own.is_empty() {
                let places = own.iter().map(|index| (index - parameter.offset) as u32).collect();
                file.counts(format!("indices.{}", parameter.name()), places);
                file.floats(format!("values.{}", parameter.name()), vec![here.len()], here);
            }
        }
        for tensor in self.head.layout.tensors() {
            let own = self.head.scalars.get(tensor.range).ok_or_else(|| too_short(path))?;
            file.floats(tensor.name, tensor.dims, own);
        }
        Ok(file.write(path)?)
    }

    /// Reads a file for a model of this shape.
    ///
    /// # Errors
    /// It cannot be read or is no delta; a tensor that the model does not have, or in another shape; a place that is
    /// none, or a value that is not finite.
    pub fn open(path: &Path, shape: &ModelShape) -> Result<Self, ModelError> {
        let mut file = TensorReader::open(path)?;
        if file.metadata("format") != Some(FORMAT) {
            return Err(file.damaged("not a delta; `tunemask export RUN --delta` writes one").into());
        }
        let Some(base) = file.metadata("base").map(str::to_owned) else {
            return Err(file.damaged("it does not say to which base it belongs").into());
        };
        let mut ranges = Vec::new();
        let mut values = Vec::new();
        let layout = layout(&file, shape);
        let mut known: Vec<String> = layout.tensors().into_iter().map(|tensor| tensor.name).collect();
        for parameter in shape.parameters() {
            let own = scalars(&mut file, &parameter, &mut known)?;
            let Some((places, own)) = own else { continue };
            ranges.extend(places);
            values.extend(own);
        }
        if let Some(other) = file.names().into_iter().find(|name| !known.contains(name)) {
            return Err(file.damaged(format!("the model has no {other}; it belongs to another")).into());
        }
        let head = head(&mut file, layout)?;
        if let Some(value) = values.iter().chain(&head.scalars).find(|v| !v.is_finite()) {
            return Err(file.damaged(format!("{value} is not a weight; it must be finite")).into());
        }
        let about =
            file.all_metadata().filter(|(key, _)| !["format", "base"].contains(&key.as_str())).collect();
        Ok(Self { base, about, selection: Selection::from_ranges(ranges), values, head })
    }

    /// The base model with these scalars in place of its own.
    ///
    /// # Errors
    /// The delta is of another base.
    pub fn on(&self, base: Model, path: &Path) -> Result<Model, ModelError> {
        if base.fingerprint != self.base {
            return Err(ModelError::OtherBase {
                path: path.to_owned(),
                title: base.title,
                got: short(&base.fingerprint),
                want: short(&self.base),
            });
        }
        let mut weights = Arc::unwrap_or_clone(base.weights);
        self.selection.put(&self.values, &mut weights);
        let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let title = format!("{} + {name}", base.title);
        Ok(Model::new(base.config, weights, base.tokenizer, title, base.notes))
    }
}

/// The values in the places of a selection, ascending.
pub fn take(weights: &[f32], selection: &Selection) -> Vec<f32> {
    let slices = selection.ranges().iter().filter_map(|range| weights.get(range.clone()));
    slices.flatten().copied().collect()
}

/// Places in canonical order, ascending, and the values there.
type Placed = (Vec<Range<usize>>, Vec<f32>);

/// Canonical places and values of a parameter's scalars in the file; notes the names that hold them.
fn scalars(
    file: &mut TensorReader,
    parameter: &Parameter,
    known: &mut Vec<String>,
) -> Result<Option<Placed>, ModelError> {
    let name = parameter.name();
    let (indices, values) = (format!("indices.{name}"), format!("values.{name}"));
    let dims = parameter.hugging_face_dims();
    if let Some(got) = file.dims(&name) {
        if got != dims {
            let why = format!("{name} is {got:?} where the model has {dims:?}; it belongs to another");
            return Err(file.damaged(why).into());
        }
        let own = file.floats(&name)?;
        known.push(name);
        return Ok(Some((vec![parameter.range()], own)));
    }
    if file.dims(&indices).is_none() {
        return Ok(None);
    }
    let (places, own) = (file.counts(&indices)?, file.floats(&values)?);
    let ascending = places.windows(2).all(|pair| pair[0] < pair[1]);
    if places.len() != own.len()
        || !ascending
        || places.last().is_some_and(|&p| p as usize >= parameter.len())
    {
        let why = format!("{indices} are not ascending positions in {dims:?}, one for each of {values}");
        return Err(file.damaged(why).into());
    }
    known.extend([indices, values]);
    let index = |place: u32| parameter.offset + place as usize;
    Ok(Some((places.into_iter().map(|place| index(place)..index(place) + 1).collect(), own)))
}

/// Which head a file has: of words, or of whole texts. With as many outputs as it has biases.
fn layout(file: &TensorReader, shape: &ModelShape) -> HeadLayout {
    let of = |reads| {
        let bias = HeadLayout::new(shape, reads, 0).tensors().into_iter().nth(1).map(|tensor| tensor.name);
        let outputs = bias.and_then(|bias| file.dims(&bias)?.first().copied()).unwrap_or(0);
        HeadLayout::new(shape, reads, outputs)
    };
    let (first, words) = (of(HeadReads::First), of(HeadReads::Words));
    let is_there = |layout: &HeadLayout| layout.tensors().iter().all(|t| file.dims(&t.name).is_some());
    if !is_there(&first) && is_there(&words) { words } else { first }
}

fn head(file: &mut TensorReader, layout: HeadLayout) -> Result<Head, ModelError> {
    let tensors = layout.tensors();
    for HeadTensor { name, dims: want, .. } in &tensors {
        match file.dims(name) {
            Some(got) if got == *want => {}
            Some(got) => {
                return Err(file.damaged(format!("{name} is {got:?} where {want:?} is needed")).into());
            }
            None => return Err(file.damaged(format!("it has no {name}")).into()),
        }
    }
    let mut scalars = Vec::with_capacity(layout.scalars());
    for tensor in &tensors {
        scalars.extend(file.floats(&tensor.name)?);
    }
    Ok(Head { layout, scalars })
}

fn too_short(path: &Path) -> ModelError {
    TensorsError::Damaged { path: path.to_owned(), why: "fewer values than the mask selects".into() }.into()
}

/// As much of a fingerprint as a person compares.
fn short(fingerprint: &str) -> String {
    fingerprint.chars().take(12).collect()
}

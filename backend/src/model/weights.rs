//! Tensors by their Hugging Face names, into the canonical order.
//!
//! Names come with or without the family's prefix, such as `bert.`, with the `module.` of `DataParallel` and the `_orig_mod.` of
//! `torch.compile`, a LayerNorm's scalars as `weight` and `bias` or as the `gamma` and `beta` of 2018. What else a
//! file holds (heads, position ids) is not read.

use super::archive::{self, Archive, Found, Scalar};
use super::{Config, ModelError, contents};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use tunemask_shared::family::Family;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::shape::{Kind, ModelShape, POOLER_KINDS, Parameter};

/// Seed of a pooler that a checkpoint lacks.
const POOLER_SEED: u64 = 0;

/// The folder's weights in canonical order, and what the user should know about them.
///
/// # Errors
/// No weights; a file that is truncated or not understood; a tensor that is missing, misshapen or not finite.
pub(super) fn open(folder: &Path, config: &Config) -> Result<(Vec<f32>, Vec<String>), ModelError> {
    let path = contents::weights(folder)?;
    let mut archive = archive::open(&path)?;
    let shape = &config.encoder.shape;
    let tensors = find_all(archive.as_ref(), &path, shape)?;
    // What the file holds is there before room is made for it: a config may claim anything.
    let bytes = tensors.iter().map(|t| t.parameter.len() as u64 * t.found.scalar.bytes().unwrap_or(0) as u64);
    let needed = bytes.fold(0, u64::saturating_add);
    if needed > archive.size() {
        let why = format!("its tensors overlap: {needed} bytes of them in {}", archive.size());
        return Err(ModelError::Archive { path, why });
    }
    let mut weights = room(shape, &path)?;
    let mut scalars = BTreeSet::new();
    for Tensor { parameter, name, found } in &tensors {
        let out = &mut weights[parameter.range()];
        archive.read(name, out)?;
        if let Some(index) = out.iter().position(|w| !w.is_finite()) {
            let path = archive.path(name).to_owned();
            return Err(ModelError::NotFinite { path, name: name.clone(), index, value: out[index] });
        }
        if found.scalar != Scalar::F32 {
            scalars.insert(found.scalar.name());
        }
    }
    let mut notes = Vec::new();
    if !scalars.is_empty() {
        let names = scalars.into_iter().collect::<Vec<_>>().join(" and ");
        notes.push(format!(
            "weights are stored as {names}; they are read as 32-bit numbers, in which they train"
        ));
    }
    if shape.family.has_pooler() && !tensors.iter().any(|t| POOLER_KINDS.contains(&t.parameter.kind)) {
        draw_pooler(shape, config.encoder.initializer_range, &mut weights);
        notes.push("the checkpoint has no pooler; a new one was drawn, the same for every run".into());
    }
    Ok((weights, notes))
}

/// As many zeros as a model has scalars.
///
/// # Errors
/// The machine does not have the memory.
pub(super) fn room(shape: &ModelShape, path: &Path) -> Result<Vec<f32>, ModelError> {
    let mut weights = Vec::new();
    let made = weights.try_reserve_exact(shape.scalars());
    made.map_err(|_| ModelError::Memory { path: path.to_owned(), scalars: shape.scalars() })?;
    weights.resize(shape.scalars(), 0.0);
    Ok(weights)
}

/// A parameter, the name of its tensor and what the file says of it.
struct Tensor {
    parameter: Parameter,
    name: String,
    found: Found,
}

/// A tensor for every parameter, but for those of a pooler that is not there at all.
fn find_all(archive: &dyn Archive, path: &Path, shape: &ModelShape) -> Result<Vec<Tensor>, ModelError> {
    let names = Names::from_archive(archive, shape.family);
    let is_pooler = |p: &Parameter| POOLER_KINDS.contains(&p.kind);
    let parameters = shape.parameters();
    let has_pooler =
        parameters.iter().any(|p| is_pooler(p) && names.by_plain.contains_key(&names.plain(&p.name())));
    let mut tensors = Vec::new();
    for parameter in parameters.into_iter().filter(|p| has_pooler || !is_pooler(p)) {
        let dims = parameter.hugging_face_dims();
        let name = names.get(path, &parameter)?;
        let Some((name, found)) = name.and_then(|name| Some((name, archive.find(name)?))) else {
            let (path, name) = (path.to_owned(), names.plain(&parameter.name()));
            let hint = names.hint();
            return Err(ModelError::MissingTensor { path, name, dims, hint });
        };
        let (path, name) = (archive.path(name), name.to_owned());
        if found.dims != dims {
            return Err(ModelError::Shape { path: path.to_owned(), name, want: dims, got: found.dims });
        }
        if found.scalar.bytes().is_none() {
            let got = found.scalar.name().to_owned();
            return Err(ModelError::Type { path: path.to_owned(), name, got });
        }
        tensors.push(Tensor { parameter, name, found });
    }
    Ok(tensors)
}

/// A file's names by what is left of them without prefixes.
struct Names {
    family: Family,
    by_plain: HashMap<String, Vec<String>>,
}

impl Names {
    fn from_archive(archive: &dyn Archive, family: Family) -> Self {
        let mut names = Self { family, by_plain: HashMap::new() };
        for name in archive.names() {
            names.by_plain.entry(names.plain(&name)).or_default().push(name);
        }
        names
    }

    /// A name without what wrappers put before it, in today's spelling.
    fn plain(&self, name: &str) -> String {
        let parts = name.split('.').filter(|part| *part != "_orig_mod");
        let parts: Vec<&str> =
            parts.skip_while(|part| ["module", self.family.prefix()].contains(part)).collect();
        let name = parts.join(".");
        name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
    }

    /// The name of a parameter's tensor.
    ///
    /// # Errors
    /// Two of them are the parameter's.
    fn get(&self, path: &Path, parameter: &Parameter) -> Result<Option<&str>, ModelError> {
        match self.by_plain.get(&self.plain(&parameter.name())).map_or(&[][..], Vec::as_slice) {
            [] => Ok(None),
            [name] => Ok(Some(name)),
            [first, second, ..] => {
                let why = format!("holds {first} as well as {second}; which of two models is meant?");
                Err(ModelError::Archive { path: path.to_owned(), why })
            }
        }
    }

    /// What stands before the names of an encoder that is there under other names.
    fn hint(&self) -> String {
        let first = "embeddings.word_embeddings.weight";
        let before = self
            .by_plain
            .keys()
            .filter_map(|name| name.strip_suffix(first))
            .find(|before| !before.is_empty());
        before.map_or_else(String::new, |before| {
            let before: String = before.chars().filter(|c| !c.is_control()).take(60).collect();
            format!(". An encoder's names begin with `{before}` in it: save that part of the model alone")
        })
    }
}

/// A new pooler as Hugging Face draws it: normal weights, zero bias; but the same every time.
fn draw_pooler(shape: &ModelShape, initializer_range: f32, weights: &mut [f32]) {
    if let Some(weight) = shape.parameter(Kind::PoolerWeight, None) {
        let mut stream = Stream::new(POOLER_SEED, Purpose::Weights, u32::MAX);
        for w in &mut weights[weight.range()] {
            *w = (initializer_range as f64 * stream.normal()) as f32;
        }
    }
}

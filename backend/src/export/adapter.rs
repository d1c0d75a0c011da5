//! What LoRA added to a model, as the library PEFT writes and reads it: a folder with `adapter_config.json` and
//! `adapter_model.safetensors`, the head among its `modules_to_save`.

use super::ExportError;
use super::card::Facts;
use crate::artifacts::Tuned;
use crate::files::Existing;
use crate::model::{ModelError, NewFolder};
use crate::tensors::TensorWriter;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tunemask_shared::hub::HubName;
use tunemask_shared::task::TaskKind;

const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";

/// What PEFT puts before the name of a tensor of the model that it wraps.
const PREFIX: &str = "base_model.model.";

/// Writes the folder.
///
/// # Errors
/// It is occupied and must stay, or cannot be written; the run was trained on a model that a delta had changed, or
/// trains tensors of the model itself, neither of which an adapter can hold.
pub(super) fn write(tuned: &Tuned, out: &Path, existing: Existing) -> Result<(), ExportError> {
    if !tuned.changed().is_empty() {
        return Err(ExportError::NotAnAdapter(tuned.run.clone()));
    }
    let folder = NewFolder::make(out, existing)?;
    let mut file = TensorWriter::default();
    // What Python's libraries want to be told of a file of tensors.
    file.set_metadata("format", "pt");
    let trained = tuned.product.trained.as_slice();
    for tensor in tuned.trains.tensors() {
        let own = trained.get(tensor.range).unwrap_or_default();
        file.floats(format!("{PREFIX}{}", tensor.name), tensor.dims.to_vec(), own);
    }
    let head = tuned.head();
    for tensor in head.layout.tensors() {
        let own = head.scalars.get(tensor.range).unwrap_or_default();
        file.floats(format!("{PREFIX}{}", tensor.name), tensor.dims, own);
    }
    file.write(&folder.file(WEIGHTS)).map_err(ModelError::from)?;
    put(&folder, CONFIG, &format!("{:#}\n", config(tuned)))?;
    put(&folder, "README.md", &Facts::from_tuned(tuned).adapter_card())?;
    folder.finish(&[])?;
    Ok(())
}

fn put(folder: &NewFolder, name: &str, text: &str) -> Result<(), ModelError> {
    let path = folder.file(name);
    fs::write(&path, text).map_err(|cause| ModelError::Write { path, cause })
}

/// The fields that PEFT needs, in its own order of the alphabet.
fn config(tuned: &Tuned) -> Value {
    let first = tuned.trains.added.first();
    let targets: Vec<String> = tuned.trains.added.iter().map(|pair| pair.layer_name()).collect();
    let hub: Option<HubName> = tuned.source.parse().ok();
    let base = hub.as_ref().map_or(tuned.source.as_str(), HubName::repository);
    let task = match tuned.spec.task.kind() {
        TaskKind::Tagging(_) => "TOKEN_CLS",
        TaskKind::Classification(_) | TaskKind::Regression(..) | TaskKind::MultiLabel(_) => "SEQ_CLS",
    };
    // The first words of its tensors' names: `classifier`, and what stands before it.
    let mut modules: Vec<String> = Vec::new();
    for tensor in tuned.head().layout.tensors() {
        let module = tensor.name.split('.').next().unwrap_or_default().to_owned();
        if !modules.contains(&module) {
            modules.push(module);
        }
    }
    json!({
        "base_model_name_or_path": base,
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
        "init_lora_weights": true,
        "lora_alpha": first.map_or(0, |pair| pair.alpha),
        "lora_dropout": 0.0,
        "modules_to_save": modules,
        "peft_type": "LORA",
        "r": first.map_or(0, |pair| pair.rank),
        "revision": hub.as_ref().and_then(HubName::revision),
        "target_modules": targets,
        "task_type": task,
        "use_dora": false,
        "use_rslora": false,
    })
}

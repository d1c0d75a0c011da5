//! What is known about a model and a data folder.

use crate::{data, model};
use std::path::Path;
use tunemask_shared::facts::Facts;

/// What is known about a model and a data folder, from what can be read at once: no weights, no examples.
pub fn inspect(model: &str, data: Option<&str>) -> Facts {
    let folder = data.map(str::trim).filter(|folder| !folder.is_empty());
    Facts {
        model: Some(model::shape(model).map_err(|e| e.to_string())),
        data: folder.map(|folder| data::tasks_in(Path::new(folder)).map_err(|e| e.to_string())),
    }
}

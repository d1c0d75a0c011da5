//! What is known about a model and a data folder.

use crate::{data, hub, model};
use std::path::Path;
use tunemask_shared::facts::Facts;
use tunemask_shared::hub::RepositoryKind;

/// What is known about a model and a data folder, from what can be read at once: no weights, no examples, no request to the hub.
pub fn inspect(model: &str, data: Option<&str>) -> Facts {
    let folder = data.map(str::trim).filter(|folder| !folder.is_empty());
    let (of_model, of_data) = (RepositoryKind::Model, RepositoryKind::Dataset);
    let absent_model = hub::absent(model, of_model);
    let absent_data = folder.and_then(|folder| hub::absent(folder, of_data));
    let absent = absent_model.iter().map(|_| of_model).chain(absent_data.iter().map(|_| of_data)).collect();
    let known_model = match absent_model {
        Some(why) => Err(why.to_string()),
        None => model::shape(model).map_err(|e| e.to_string()),
    };
    let known_data = folder.map(|folder| match &absent_data {
        Some(why) => Err(why.to_string()),
        None => data::tasks_in(Path::new(folder)).map_err(|e| e.to_string()),
    });
    Facts { model: Some(known_model), data: known_data, absent }
}

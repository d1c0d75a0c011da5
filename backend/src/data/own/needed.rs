//! What a `dataset.toml` needs of the hub before its files can be read.

use super::definition::name_of;
use super::settings;
use crate::hub::Wanted;
use std::path::PathBuf;
use tunemask_shared::dataset::DatasetSettings;
use tunemask_shared::hub::HubName;
use tunemask_shared::task::TaskName;

/// A data set, and what of it is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Needed {
    /// As it is written.
    pub name: String,
    pub wanted: Wanted,
}

/// What settings need of the hub; `None` where they name nothing of it. What is wrong with them is said when they are read.
pub(crate) fn needed(settings: &DatasetSettings) -> Option<Needed> {
    let name: HubName = settings.data.as_ref()?.parse().ok()?;
    let wanted = if settings.train.is_empty() {
        let whole = name.repository().rsplit('/').next().unwrap_or_default();
        let part = settings.config.as_deref().unwrap_or(whole);
        Wanted::Data(vec![TaskName::own(part).map_or_else(|| part.to_owned(), String::from)])
    } else {
        let inside = |path: &String| match &settings.config {
            Some(config) => format!("{config}/{path}"),
            None => path.clone(),
        };
        Wanted::Files(settings.train.iter().chain(&settings.development).map(inside).collect())
    };
    Some(Needed { name: name.to_string(), wanted })
}

/// What those of some folders that are tasks of these names need of the hub.
pub(crate) fn needed_by(folders: &[PathBuf], tasks: &[String]) -> Vec<Needed> {
    let of = |folder: &PathBuf| {
        let settings = settings::read(folder).ok()?;
        let name = name_of(folder, &settings)?;
        tasks.iter().any(|task| name == **task).then(|| needed(&settings)).flatten()
    };
    folders.iter().filter_map(of).collect()
}

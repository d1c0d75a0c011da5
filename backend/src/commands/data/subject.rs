//! What is looked at: a folder, or a data set of the hub.

use crate::commands::fetching;
use crate::commands::output::OutputFormat;
use crate::data::{self, own};
use crate::hub::{Freshness, Wanted};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use tunemask_shared::dataset::DatasetSettings;
use tunemask_shared::task::TaskName;

/// What is looked at.
pub(super) struct Subject {
    /// The folder with the files, or with the `dataset.toml` that names a data set of the hub.
    pub folder: PathBuf,
    /// What is said of it.
    pub settings: DatasetSettings,
    /// Whether the folder lies in the hub's cache.
    pub of_hub: bool,
}

impl Subject {
    /// A folder as it is named, or a data set of the hub, which is brought onto this machine first, as is what a folder's
    /// `dataset.toml` needs.
    ///
    /// # Errors
    /// A part of a folder that is not one of the hub; a data set of known tasks; a `dataset.toml` that cannot be read; it cannot be downloaded.
    pub(super) fn find(named: &Path, config: Option<&str>) -> Result<Self> {
        let text = named.to_string_lossy();
        let (data, config_said) = (Some(text.to_string()), config.map(str::to_owned));
        let asked = DatasetSettings { data, config: config_said, ..DatasetSettings::default() };
        let wanted = own::needed(&asked).map_or(Wanted::Data(Vec::new()), |needed| needed.wanted);
        let Some(fetched) = fetching::fetch(&text, &wanted, Freshness::AsItIs, OutputFormat::Text)? else {
            if config.is_some() {
                bail!("--config: only a data set of the hub has parts; name it as hf:OWNER/NAME");
            }
            let settings = own::read_settings(named)?;
            fetching::described(&settings, OutputFormat::Text)?;
            return Ok(Self { folder: named.to_owned(), settings, of_hub: false });
        };
        let root = fetched.snapshot.folder;
        let found = data::own_folders(&root)?;
        let name =
            |folder: &PathBuf| folder.strip_prefix(&root).unwrap_or(folder).to_string_lossy().into_owned();
        let names = || found.iter().map(name).collect::<Vec<_>>().join(", ");
        let meant = match (config, found.as_slice()) {
            (Some(config), _) => found.iter().find(|folder| name(folder) == config),
            (None, [only]) => Some(only),
            (None, []) => None,
            (None, _) => bail!("{text} has several parts; say which with --config: {}", names()),
        };
        let Some(folder) = meant else {
            let known = data::known_in(&root, config)?;
            match (config, found.as_slice()) {
                _ if !known.is_empty() => bail!("{}", is_known(&text, config, &known)),
                (None, _) | (_, []) => bail!("{text} has no files of rows that could be data of your own"),
                (Some(_), _) => bail!("--config: {text} has no such part; those here are {}", names()),
            }
        };
        let part = Some(name(folder)).filter(|part| !part.is_empty());
        let settings =
            DatasetSettings { data: Some(text.into_owned()), config: part, ..own::read_settings(folder)? };
        Ok(Self { folder: folder.clone(), settings, of_hub: true })
    }
}

/// What to say of data that are those of known tasks, whose columns and labels nobody has to find.
fn is_known(data: &str, config: Option<&str>, known: &[TaskName]) -> String {
    let part = config.map_or_else(String::new, |config| format!("{config} of "));
    let tasks =
        |quote: &str| known.iter().map(|name| format!("{quote}{name}{quote}")).collect::<Vec<_>>().join(", ");
    let is = if known.len() == 1 { "is the task" } else { "holds the tasks" };
    format!(
        "{part}{data} {is} {}, not data of your own, and needs no check: train with data = \"{data}\" and \
         tasks = [{}]",
        tasks("`"),
        tasks("\"")
    )
}

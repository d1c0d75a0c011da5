//! Files of settings in TOML that users write: of machines, and of what Slurm is asked for.

use crate::files;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Why a file of settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsFileError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// It is no such file.
    #[error("{}: {why}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong; of TOML, in which line.
        why: String,
    },
}

impl SettingsFileError {
    /// What is wrong with a file.
    pub(super) fn wrong(path: &Path, why: impl Into<String>) -> Self {
        Self::Wrong { path: path.to_owned(), why: why.into() }
    }
}

/// Reads a file.
///
/// # Errors
/// It cannot be read, is not TOML, or has a field that is not known.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, SettingsFileError> {
    let text = files::text(path, files::SETTINGS)?;
    toml::from_str(&text).map_err(|error| SettingsFileError::wrong(path, error.to_string().trim()))
}

/// What the tests of all such files do.
#[cfg(test)]
pub(super) mod tests {
    use std::fmt::{Debug, Display};
    use std::path::Path;

    /// What a reader makes of a file with this text, or what it says is wrong.
    pub fn of_text<T, E: Display>(read: fn(&Path) -> Result<T, E>, text: &str) -> Result<T, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).map_err(|error| error.to_string())
    }

    /// Holds a reader to it that it refuses each of these texts, with a word that helps.
    pub fn refuses<T: Debug, E: Display>(read: fn(&Path) -> Result<T, E>, texts: &[(&str, &str)]) {
        for (text, word) in texts {
            let why = of_text(read, text).unwrap_err();
            assert!(why.contains(word), "{text}: {why}");
        }
    }
}

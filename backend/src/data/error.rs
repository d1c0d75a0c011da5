//! What is wrong with a task's data, and where.

use super::file_names::training_file;
use crate::files::FileError;
use crate::hub::HubError;
use crate::model::ModelError;
use std::path::{Path, PathBuf};
use tunemask_shared::task::{Source, Task, TaskName};

/// Why a task cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A task of files without a folder.
    #[error("{} needs a data folder; name the one that holds {}", .0.title(), training_file(.0.source()))]
    NoFolder(Task),
    /// A task of the user's own without a folder.
    #[error("{} is data of your own; name the folder that holds it", .0.title())]
    NoOwnFolder(TaskName),
    /// The data folder is not there.
    #[error("{}: no such folder", .0.display())]
    Folder(PathBuf),
    /// A file where the data folder is expected.
    #[error("{} is a file; name the folder that it is in", .0.display())]
    NotAFolder(PathBuf),
    /// The data folder holds no task at all.
    #[error("{}: it contains none of GLUE's folders (RTE, SST-2, …) with a train.tsv, .csv, .jsonl or \
             .parquet, neither conll2003 nor ptb with a train.txt, and no rows of your own (.csv, .tsv, .json, .jsonl, \
             .parquet)", .0.display())]
    NoTasks(PathBuf),
    /// The data folder does not hold this task.
    #[error("{}: no {} in it", folder.display(), training_file(*wanted))]
    NoTask {
        /// The data folder.
        folder: PathBuf,
        /// Where the task's examples should be.
        wanted: Source,
    },
    /// The data folder does not hold this task of the user's own.
    #[error("{}: no folder {} with data of your own in it", folder.display(), name.title())]
    NoOwn {
        /// The data folder.
        folder: PathBuf,
        /// The task's name.
        name: TaskName,
    },
    /// Data of the hub that are not here.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line that cannot be understood.
    #[error("{}, line {line}: {why}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was found and what is expected.
        why: String,
    },
    /// A row that cannot be understood, of a file without lines.
    #[error("{}, row {row}: {why}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The row, from 1.
        row: usize,
        /// What was found and what is expected.
        why: String,
    },
    /// A file that cannot be read as rows.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it is, and what to do.
        why: String,
    },
    /// A file without a row that can be used.
    #[error("{}: no examples", .0.display())]
    Empty(PathBuf),
    /// A text that cannot be tokenised.
    #[error(transparent)]
    Tokenize(ModelError),
}

impl DataError {
    /// Says that a path is no folder.
    pub(super) fn no_folder(path: &Path) -> Self {
        if path.is_file() { Self::NotAFolder(path.to_owned()) } else { Self::Folder(path.to_owned()) }
    }

    /// The same, its file named as seen from a folder, for a reader who knows which folder is meant.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        let path = match &mut self {
            Self::File(error) => Some(error.path_mut()),
            Self::Line { path, .. } | Self::Row { path, .. } | Self::Unreadable { path, .. } => Some(path),
            Self::Empty(path) => Some(path),
            Self::NoFolder(_) | Self::NoOwnFolder(_) | Self::NoTasks(_) => None,
            Self::Folder(_) | Self::NotAFolder(_) => None,
            Self::NoTask { .. } | Self::NoOwn { .. } | Self::Hub(_) | Self::Tokenize(_) => None,
        };
        if let Some(path) = path
            && let Ok(inner) = path.strip_prefix(folder)
            && inner != Path::new("")
        {
            *path = inner.to_owned();
        }
        self
    }
}

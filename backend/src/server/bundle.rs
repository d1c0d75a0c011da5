//! Where the page is: within the program, or in a folder.

use std::io;
use std::path::{Path, PathBuf};

/// Where the page's files are, as `frontend/bundle` writes them.
#[derive(Clone, Debug)]
pub(super) enum Bundle {
    /// Within the program.
    #[cfg(not(debug_assertions))]
    Embedded,
    /// In a folder, which may change while the program runs.
    Folder(PathBuf),
}

/// The files that were there when the program was built; none is no error.
#[cfg(not(debug_assertions))]
#[derive(rust_embed::RustEmbed)]
#[folder = "../static/pkg"]
#[exclude = "sizes.json"]
#[allow_missing = true]
pub(super) struct Built;

impl Bundle {
    /// The page in this folder, else the program's own.
    pub(super) fn new(folder: Option<&Path>) -> Self {
        folder.map_or_else(Self::own, |folder| Self::Folder(folder.to_owned()))
    }

    #[cfg(not(debug_assertions))]
    fn own() -> Self {
        Self::Embedded
    }

    /// In a dev build the folder, so that a new page needs no new program.
    #[cfg(debug_assertions)]
    fn own() -> Self {
        Self::Folder(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/pkg")))
    }

    /// Its `index.html`.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(super) fn index(&self) -> io::Result<String> {
        match self {
            #[cfg(not(debug_assertions))]
            Self::Embedded => {
                let file = Built::get("index.html").ok_or(io::ErrorKind::NotFound)?;
                String::from_utf8(file.data.into_owned()).map_err(io::Error::other)
            }
            Self::Folder(folder) => std::fs::read_to_string(folder.join("index.html")),
        }
    }

    /// Why there is no page to serve, and what to do.
    pub(super) fn missing(&self) -> Option<String> {
        let error = self.index().err()?;
        Some(match self {
            #[cfg(not(debug_assertions))]
            Self::Embedded => {
                "this program was built without its page: build it with `make build`, or name the folder of a built \
                 page with --page"
                    .to_owned()
            }
            Self::Folder(folder) => format!(
                "there is no page in {} ({}): build one with `make page`, or name another folder with --page",
                folder.display(),
                error.kind()
            ),
        })
    }
}

//! An upload while it comes.

use super::UploadError;
use super::names;
use crate::data::frame::{ENDINGS, Frame, ending, unreadable};
use crate::data::{DataError, own};
use crate::store::make_private;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tunemask_shared::dataset::{DatasetSettings, MAX_UPLOAD_FILES, SETTINGS_FILE, Uploaded};
use tunemask_shared::run::hexadecimal;

/// What folders of uploads that are not whole begin with.
const UNFINISHED: &str = ".incoming-";

/// An upload while it comes. What is dropped leaves nothing.
pub(crate) struct Incoming {
    /// Where it will be kept.
    data: PathBuf,
    /// Where it is until then.
    folder: TempDir,
    /// Bytes that may come.
    most: u64,
    bytes: u64,
    files: Vec<Received>,
    writing: Option<Writing>,
}

/// A file that is there.
struct Received {
    name: String,
    sum: [u8; 32],
}

/// The file that comes.
struct Writing {
    name: String,
    path: PathBuf,
    file: File,
    hash: Sha256,
}

impl Incoming {
    /// An upload of at most so many bytes into a home folder.
    ///
    /// # Errors
    /// The home folder cannot be written to.
    pub(crate) fn begin(home: &Path, most: u64) -> Result<Self, UploadError> {
        // Experiments keep the path; the program may be started elsewhere next time.
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        let data = folder(&home);
        make_private(&data).map_err(|cause| UploadError::Write { path: data.clone(), cause })?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(&data);
        let folder = folder.map_err(|cause| UploadError::Write { path: data.clone(), cause })?;
        Ok(Self { data, folder, most, bytes: 0, files: Vec::new(), writing: None })
    }

    /// The next file begins, under the name that the browser claims; or something that is no file, of which nothing is kept.
    ///
    /// # Errors
    /// A file that has no rows by its name; a second one of the same name; too many; a disk that does not take it.
    pub(crate) fn field(&mut self, claimed: Option<&str>) -> Result<(), UploadError> {
        self.end_file()?;
        let Some(claimed) = claimed else { return Ok(()) };
        if self.files.len() == MAX_UPLOAD_FILES {
            return Err(UploadError::Many);
        }
        let name = names::plain(claimed);
        let ending = ending(Path::new(&name));
        if name != SETTINGS_FILE && !ending.as_deref().is_some_and(|ending| ENDINGS.contains(&ending)) {
            return Err(UploadError::Data(unreadable(Path::new(&name), ending.as_deref())));
        }
        // Some file systems do not tell upper from lower case.
        if self.files.iter().any(|file| file.name.to_lowercase() == name.to_lowercase()) {
            return Err(UploadError::Twice(name));
        }
        let path = self.folder.path().join(&name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let file = file.map_err(|cause| UploadError::Write { path: path.clone(), cause })?;
        self.writing = Some(Writing { name, path, file, hash: Sha256::new() });
        Ok(())
    }

    /// More bytes of what was begun last.
    ///
    /// # Errors
    /// More bytes than may come; a disk that does not take them.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), UploadError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.most {
            return Err(UploadError::Large { most: self.most });
        }
        let Some(writing) = &mut self.writing else { return Ok(()) };
        writing.hash.update(bytes);
        let written = writing.file.write_all(bytes);
        written.map_err(|cause| UploadError::Write { path: writing.path.clone(), cause })
    }

    /// All have come: reads them once, and gives their folder its name.
    ///
    /// # Errors
    /// No file of rows; one that cannot be read as rows; a disk that does not take it; the same files, changed since.
    pub(crate) fn finish(mut self) -> Result<Uploaded, UploadError> {
        self.end_file()?;
        let rows = |file: &&Received| file.name != SETTINGS_FILE;
        let Some(first) = self.files.iter().find(rows).map(|file| file.name.clone()) else {
            return Err(UploadError::NoFile);
        };
        self.read().map_err(|error| UploadError::Data(error.within(self.folder.path())))?;
        let sum = self.sum();
        if self.files.iter().all(|file| file.name != SETTINGS_FILE) {
            // The folder's own name would name the task.
            let settings = DatasetSettings { name: Some(names::task(&first)), ..DatasetSettings::default() };
            own::write_settings(self.folder.path(), &settings).map_err(UploadError::Data)?;
        }
        let kept = self.data.join(&sum);
        self.keep(&kept)?;
        let files = self.files.into_iter().map(|file| file.name).collect();
        Ok(Uploaded { folder: kept.to_string_lossy().into_owned(), files })
    }

    fn end_file(&mut self) -> Result<(), UploadError> {
        let Some(Writing { name, path, file, hash }) = self.writing.take() else { return Ok(()) };
        file.sync_all().map_err(|cause| UploadError::Write { path, cause })?;
        self.files.push(Received { name, sum: hash.finalize().into() });
        Ok(())
    }

    /// Whether every file can be read.
    fn read(&self) -> Result<(), DataError> {
        own::read_settings(self.folder.path())?;
        for file in self.files.iter().filter(|file| file.name != SETTINGS_FILE) {
            Frame::read(&[self.folder.path().join(&file.name)], &|_| ())?;
        }
        Ok(())
    }

    /// SHA-256 of all names and bytes, whatever order they came in, in hexadecimal.
    fn sum(&self) -> String {
        let mut files: Vec<&Received> = self.files.iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let mut hash = Sha256::new();
        for file in files {
            hash.update((file.name.len() as u64).to_le_bytes());
            hash.update(file.name.as_bytes());
            hash.update(file.sum);
        }
        hexadecimal(&hash.finalize())
    }

    /// Gives the folder its name, unless the same files are there.
    fn keep(&self, kept: &Path) -> Result<(), UploadError> {
        if !kept.exists() {
            let failed = |cause| UploadError::Write { path: kept.to_owned(), cause };
            sync(self.folder.path()).map_err(failed)?;
            match fs::rename(self.folder.path(), kept) {
                Ok(()) => return sync(&self.data).map_err(failed),
                // Another upload of the same files was faster.
                Err(_) if kept.exists() => {}
                Err(cause) => return Err(failed(cause)),
            }
        }
        let same = self.files.iter().filter(|file| file.name != SETTINGS_FILE);
        let same = same.map(|file| Ok(digest(&kept.join(&file.name))? == file.sum));
        match same.collect::<io::Result<Vec<bool>>>() {
            Ok(same) if same.iter().all(|&same| same) => Ok(()),
            Ok(_) | Err(_) => Err(UploadError::Altered(kept.to_owned())),
        }
    }
}

/// Where uploads of a home folder are kept.
fn folder(home: &Path) -> PathBuf {
    home.join("data")
}

/// Whether a folder is of an upload that is not whole.
pub(crate) fn is_unfinished(folder: &Path) -> bool {
    folder.file_name().unwrap_or_default().to_string_lossy().starts_with(UNFINISHED)
}

/// Removes what uploads have left that a program's end cut off; only for the holder of the home folder's lock.
pub(crate) fn sweep(home: &Path) {
    let entries = fs::read_dir(folder(home)).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| is_unfinished(path)) {
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!("{} is left of an upload and cannot be removed: {error}", path.display());
        }
    }
}

/// What is in a folder is on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(&buffer[..read]),
        }
    }
}

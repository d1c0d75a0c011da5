//! What a finished run's model has become, as a file to keep: what it trained, or the whole folder. Both are written beside the
//! home folder's runs, checked as `tunemask export` checks them, and gone from there once they are sent.

use super::context::Api;
use super::problem::Problem;
use super::request::run;
use crate::artifacts::Tuned;
use crate::export::{self, ExportError};
use crate::files::Existing;
use crate::server::request_worker::RequestWorker;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use tempfile::TempDir;
use tokio_util::io::ReaderStream;
use tunemask_shared::experiment::ReportedEpoch;

/// A file that is ready to be sent.
#[derive(Debug)]
struct Packed {
    file: File,
    name: String,
    media: &'static str,
}

/// The scalars that a run trained, and its head, as `tunemask export --delta` writes them: the folder of LoRA in a tar archive.
pub(super) async fn delta(State(api): State<Api>, Path(named): Path<String>) -> Result<Response, Problem> {
    let packed = api.carry_out(move |worker| {
        let (tuned, folder) = tuned(worker, &named)?;
        if tuned.is_adapter() {
            let name = format!("{named}.adapter");
            let path = folder.path().join(&name);
            export::delta(&tuned, &path, Existing::Keep).map_err(|error| problem(&error))?;
            let file = archive(&path, &name, &folder).map_err(|error| Problem::internal(&error))?;
            return Ok(Packed { file, name: format!("{name}.tar"), media: "application/x-tar" });
        }
        let path = folder.path().join("delta.safetensors");
        export::delta(&tuned, &path, Existing::Keep).map_err(|error| Problem::internal(&error))?;
        let file = File::open(&path).map_err(|error| Problem::internal(&error))?;
        Ok(Packed { file, name: format!("{named}.delta.safetensors"), media: "application/octet-stream" })
    });
    packed.await?.send()
}

/// That a run is not to be had as an adapter is said to who asked for it.
fn problem(error: &ExportError) -> Problem {
    match error {
        ExportError::NotAnAdapter(_) => Problem::new(StatusCode::CONFLICT, error.to_string()),
        ExportError::Model(_) | ExportError::Engine(_) | ExportError::Differs { .. } => {
            Problem::internal(error)
        }
    }
}

/// The tuned model as a Hugging Face folder, as `tunemask export` writes it, in a tar archive.
pub(super) async fn folder(State(api): State<Api>, Path(named): Path<String>) -> Result<Response, Problem> {
    let packed = api.carry_out(move |worker| {
        let (tuned, folder) = tuned(worker, &named)?;
        let path = folder.path().join(&named);
        export::folder(&tuned, &path, Existing::Keep).map_err(|error| Problem::internal(&error))?;
        let file = archive(&path, &named, &folder).map_err(|error| Problem::internal(&error))?;
        Ok(Packed { file, name: format!("{named}.tar"), media: "application/x-tar" })
    });
    packed.await?.send()
}

/// A run with its model, and a folder for what is written of it.
///
/// # Errors
/// There is no such run, or it is not finished, or its file or its model are gone or changed.
fn tuned(worker: &RequestWorker, named: &str) -> Result<(Tuned, TempDir), Problem> {
    let lab = worker.lab();
    run(&lab.state(), named)?;
    let tuned = Tuned::open(lab.home(), named, ReportedEpoch::Best)
        .or_else(|_| Tuned::open(lab.home(), named, ReportedEpoch::Last))
        .map_err(|error| Problem::new(StatusCode::CONFLICT, error.to_string()))?;
    // There, because the folder for temporary files may have no room for a model.
    let folder = tempfile::Builder::new().prefix(".export-").tempdir_in(lab.home());
    Ok((tuned, folder.map_err(|error| Problem::internal(&error))?))
}

/// The same bytes for the same folder, whoever packs it and when.
fn archive(path: &std::path::Path, name: &str, beside: &TempDir) -> std::io::Result<File> {
    let mut archive = tar::Builder::new(tempfile::tempfile_in(beside.path())?);
    archive.mode(tar::HeaderMode::Deterministic);
    archive.append_dir(name, path)?;
    let mut files =
        std::fs::read_dir(path)?.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.sort();
    for file in files {
        let within = std::path::Path::new(name).join(file.file_name().unwrap_or_default());
        archive.append_path_with_name(&file, within)?;
    }
    let mut packed = archive.into_inner()?;
    packed.seek(SeekFrom::Start(0))?;
    Ok(packed)
}

impl Packed {
    /// Its answer. The file is open and its folder gone: nothing is left when it was sent, or was not.
    fn send(self) -> Result<Response, Problem> {
        let bytes = self.file.metadata().map_err(|error| Problem::internal(&error))?.len();
        let stream = ReaderStream::new(tokio::fs::File::from_std(self.file));
        let headers = [
            (CONTENT_TYPE, self.media.to_owned()),
            (CONTENT_LENGTH, bytes.to_string()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)),
        ];
        Ok((headers, Body::from_stream(stream)).into_response())
    }
}

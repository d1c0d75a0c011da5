//! One file, from the hub into the cache: resumed after a break, verified, and only then given its name.
//!
//! What has come of a file lies in `blobs/SUM.PID.incomplete`. After a broken connection the rest is asked for with `Range`, and with
//! `If-Range` where the server has named what it sends; after a `kill -9` the next program goes on with what lies there, which it may,
//! because it holds the file's lock. Whatever was pieced together wrongly is found by its checksum and fetched again from its beginning.

use super::HubError;
use super::asked::Asked;
use super::cache::{Repository, parents};
use super::checksum::Sum;
use super::client::Client;
use super::environment::Environment;
use super::folder::listed;
use super::lock::{Lock, lock};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use ureq::Body;
use ureq::http::Response;
use ureq::http::header::{CONTENT_RANGE, ETAG};

/// Tries in a row that may bring nothing.
const MAX_TRIES: u32 = 5;
/// Bytes from which on it takes a while until another program has a file.
const WORTH_SAYING: u64 = 1 << 20;
/// Bytes that are read at once.
const CHUNK: usize = 1 << 18;

/// A file that is needed.
#[derive(Clone, Debug)]
pub(super) struct Needed<'a> {
    /// Its path in the repository.
    pub path: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// What they give.
    pub sum: Sum,
}

/// What is heard of a download.
pub(super) trait Listener {
    /// So many bytes of the file are here.
    fn here(&mut self, bytes: u64);
    /// Something that a user should know.
    fn note(&mut self, text: String);
}

/// Where a file comes from and goes to.
pub(super) struct Download<'a> {
    pub environment: &'a Environment,
    pub client: &'a Client<'a>,
    pub repository: &'a Repository,
    pub asked: Asked<'a>,
    pub commit: &'a str,
}

impl Download<'_> {
    /// Brings a file into the cache's blobs, unless it is there.
    ///
    /// # Errors
    /// Nobody answers, or nothing comes any more; the bytes are wrong twice; the cache cannot be written.
    pub(super) fn blob(&self, needed: &Needed<'_>, heard: &mut dyn Listener) -> Result<(), HubError> {
        let blob = self.repository.blobs().join(needed.sum.digits());
        if is_there(&blob, needed.size) {
            return Ok(());
        }
        parents(&blob)?;
        let held = lock(&self.repository.lock(needed.sum.digits()), || {
            if needed.size >= WORTH_SAYING {
                heard.note(format!("another program is downloading {}; waiting for it", needed.path));
            }
        });
        // Another program may have brought it meanwhile.
        if is_there(&blob, needed.size) {
            return Ok(());
        }
        let part = self.part(&blob, held.as_ref())?;
        for attempt in 0..2 {
            self.bytes(needed, &part, heard)?;
            let written = |cause| HubError::write(&part, cause);
            if needed.sum.is_of(&part).map_err(written)? {
                File::open(&part).and_then(|file| file.sync_all()).map_err(written)?;
                return std::fs::rename(&part, &blob).map_err(|cause| HubError::write(&blob, cause));
            }
            std::fs::remove_file(&part).map_err(written)?;
            heard.here(0);
            if attempt == 0 {
                heard.note(format!("{} came with wrong bytes; fetching it again", needed.path));
            }
        }
        let (name, path) = (self.asked.name.clone(), needed.path.to_owned());
        Err(HubError::Checksum { name, path, sum: needed.sum.digits().to_owned() })
    }

    /// Where this program writes a blob: what another left of it, if nobody else can be writing it, is taken over.
    fn part(&self, blob: &Path, held: Option<&Lock>) -> Result<PathBuf, HubError> {
        let name = blob.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mine = blob.with_file_name(format!("{name}.{}.incomplete", std::process::id()));
        if held.is_none() {
            return Ok(mine);
        }
        let mut left = left(self.repository, &name);
        if let Some(longest) = left.pop()
            && longest != mine
        {
            std::fs::rename(&longest, &mine).map_err(|cause| HubError::write(&mine, cause))?;
        }
        for path in left.into_iter().filter(|path| *path != mine) {
            // What is left of it takes room and no more.
            _ = std::fs::remove_file(path);
        }
        Ok(mine)
    }

    /// All of a file's bytes, whatever they are: until it has its size.
    fn bytes(&self, needed: &Needed<'_>, part: &Path, heard: &mut dyn Listener) -> Result<(), HubError> {
        let mut in_vain = 0;
        let mut known_as: Option<String> = None;
        loop {
            let before = part.metadata().map_or(0, |m| m.len());
            if before == needed.size && part.exists() {
                heard.here(before);
                return Ok(());
            }
            let got = self.more(needed, part, &mut known_as, heard);
            let after = part.metadata().map_or(0, |m| m.len());
            in_vain = if after > before { 0 } else { in_vain + 1 };
            match got {
                Err(error) if !error.may_pass() => return Err(error),
                // An empty file is whole when it has been asked for.
                Ok(()) if after == needed.size => {}
                Err(error) if in_vain >= MAX_TRIES => return Err(error),
                Ok(()) if in_vain >= MAX_TRIES => {
                    let why = format!("{} has {after} bytes instead of {}", needed.path, needed.size);
                    return Err(self.client.wrong(self.asked, why));
                }
                Ok(()) | Err(_) if in_vain > 0 => {
                    std::thread::sleep(self.environment.pause * 2u32.pow(in_vain - 1))
                }
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// What one request brings.
    fn more(
        &self,
        needed: &Needed<'_>,
        part: &Path,
        known_as: &mut Option<String>,
        heard: &mut dyn Listener,
    ) -> Result<(), HubError> {
        let written = |cause| HubError::write(part, cause);
        let mut file = OpenOptions::new().create(true).append(true).open(part).map_err(written)?;
        let mut here = file.metadata().map_err(written)?.len();
        if here > needed.size {
            file.set_len(0).map_err(written)?;
            here = 0;
        }
        let range = format!("bytes={here}-");
        let mut headers = Vec::new();
        if here > 0 {
            headers.push(("range", range.as_str()));
            headers.extend(known_as.as_deref().map(|tag| ("if-range", tag)));
        }
        let address = self.client.address(self.asked, self.commit, needed.path);
        let answer = self.client.get(self.asked, &address, &headers, self.environment.download_timeout)?;
        if here > 0 && !goes_on(&answer, here) {
            // The whole file comes, or there is nothing behind what is here: from its beginning.
            file.set_len(0).map_err(written)?;
            here = 0;
            if answer.status().as_u16() != 200 {
                return Ok(());
            }
        }
        // A weak tag says nothing about bytes.
        let tag = answer.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        *known_as = tag.filter(|tag| tag.starts_with('"')).map(str::to_owned);
        let mut body = answer.into_body().into_reader();
        let mut buffer = vec![0; CHUNK];
        loop {
            heard.here(here);
            match body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    file.write_all(&buffer[..n]).map_err(written)?;
                    here += n as u64;
                    if here > needed.size {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let (name, endpoint) = (self.asked.name.clone(), self.environment.endpoint.clone());
                    return Err(HubError::Network {
                        name,
                        endpoint,
                        why: format!("{} broke off ({error})", needed.path),
                    });
                }
            }
        }
    }
}

/// What programs have left of a blob, the longest last.
fn left(repository: &Repository, name: &str) -> Vec<PathBuf> {
    let is_left = |path: &PathBuf| {
        let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        let id = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".incomplete"));
        id.is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut left: Vec<PathBuf> = listed(&repository.blobs()).into_iter().filter(is_left).collect();
    left.sort_by_key(|path| path.metadata().map_or(0, |m| m.len()));
    left
}

/// Bytes of a file that are still to come: what was left of it is gone on with.
pub(super) fn still_to_come(repository: &Repository, needed: &Needed<'_>) -> u64 {
    let longest = left(repository, needed.sum.digits()).pop();
    let here = longest.and_then(|path| path.metadata().ok()).map_or(0, |metadata| metadata.len());
    needed.size.saturating_sub(here)
}

/// Whether a blob is there with all of its bytes.
pub(super) fn is_there(blob: &Path, size: u64) -> bool {
    blob.metadata().is_ok_and(|m| m.is_file() && m.len() == size)
}

/// Whether an answer goes on where it was asked to.
fn goes_on(answer: &Response<Body>, at: u64) -> bool {
    let range = answer.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok()).unwrap_or_default();
    answer.status().as_u16() == 206 && range.starts_with(&format!("bytes {at}-"))
}

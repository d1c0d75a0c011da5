//! All that is missing of a repository: asked for once, one progress over all files, and a branch at its commit only when all are here.

use super::asked::Asked;
use super::cache::{Cache, MAIN, PARQUET, Repository};
use super::checksum::Sum;
use super::client::Client;
use super::complete::{Holding, development_mark, holding};
use super::data_names::{is_data, is_development, of_task, own_name};
use super::download::{Download, Listener, Needed, is_there, still_to_come};
use super::environment::{Environment, Requests};
use super::listing::{Entry, Listing, list};
use super::wanted::{CONFIG, TOKENIZER, Wanted};
use super::{HubError, Snapshot};
use crate::files::free_bytes;
use std::path::Path;
use tunemask_shared::hub::{HubName, RepositoryKind};

/// Whether what is here may be old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// What is here is used as it is.
    AsItIs,
    /// The hub is asked what its branch is at now.
    Newest,
}

/// What is to be here.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where it comes from and goes to.
    pub environment: &'a Environment,
    /// Which repository.
    pub name: &'a HubName,
    /// What of it.
    pub wanted: &'a Wanted,
    /// Whether what is here may be old.
    pub freshness: Freshness,
    /// What is wrong with a model, by its config, which comes before its weights: gigabytes that cannot be trained are not downloaded.
    pub suits: fn(&Path) -> Result<(), String>,
}

/// What is heard while a repository is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// So much is to be downloaded.
    Begins {
        /// Files that are missing.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// So much of it is here.
    Comes {
        /// Bytes of all files together.
        bytes: u64,
    },
    /// Something that a user should know.
    Note(String),
}

/// A repository that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where, and at which commit.
    pub snapshot: Snapshot,
    /// Files that were downloaded for it.
    pub downloaded: usize,
}

/// Brings what is needed of a repository onto this machine; makes no request where it is here already.
///
/// # Errors
/// Something is missing and requests are forbidden, the hub cannot be reached or refuses; it does not hold what is needed; the disk has no
/// room, which is known before the first byte; bytes are wrong twice; the cache cannot be written.
pub fn fetch(request: &Request<'_>, heard: &mut dyn FnMut(Update)) -> Result<Fetched, HubError> {
    let Request { environment, name, wanted, freshness, .. } = *request;
    let cache = Cache::new(environment);
    let asked = Asked { name, kind: wanted.kind() };
    let repository = cache.repository(name, asked.kind);
    let here = cache.snapshot(name, asked.kind)?;
    let held = here.as_ref().and_then(|snapshot| Some(holding(&repository, snapshot.name.commit()?, wanted)));
    let here = here.filter(|_| held.is_some_and(|held| held != Holding::Partial));
    let as_it_is = |snapshot: Snapshot| Ok(Fetched { snapshot, downloaded: 0 });
    // What cannot be added to is asked nothing about.
    let enough = held == Some(Holding::Whole) || held == Some(Holding::Usable) && !repository.is_writable();
    match (here, &environment.requests) {
        (Some(here), _) if enough && freshness == Freshness::AsItIs => as_it_is(here),
        (Some(here), Requests::Forbidden(_)) => as_it_is(here),
        (None, Requests::Forbidden(because)) => {
            Err(HubError::Offline { name: name.clone(), because, cache: environment.cache.clone() })
        }
        (here, Requests::Allowed) => {
            let client = Client::new(environment);
            match (find(&client, asked), here) {
                (Err(error @ HubError::Network { .. }), Some(here)) => {
                    heard(Update::Note(format!("{error}; going on with what is here")));
                    as_it_is(here)
                }
                (found, _) => {
                    let (listing, revision) = found?;
                    let job = Job { request, client: &client, repository: &repository, asked };
                    job.all(&listing, &revision, heard)
                }
            }
        }
    }
}

/// What is asked for at the revision that is meant: a data set without data of its own at the branch where the hub keeps it as parquet.
fn find(client: &Client<'_>, asked: Asked<'_>) -> Result<(Listing, String), HubError> {
    if let Some(revision) = asked.name.revision() {
        return Ok((list(client, asked, revision)?, revision.to_owned()));
    }
    let main = list(client, asked, MAIN)?;
    if asked.kind == RepositoryKind::Model || main.entries.iter().any(|entry| is_data(&entry.path)) {
        return Ok((main, MAIN.to_owned()));
    }
    match list(client, asked, PARQUET) {
        Ok(converted) => Ok((converted, PARQUET.to_owned())),
        Err(HubError::NoRevision { .. }) => Ok((main, MAIN.to_owned())),
        Err(other) => Err(other),
    }
}

struct Job<'a> {
    request: &'a Request<'a>,
    client: &'a Client<'a>,
    repository: &'a Repository,
    asked: Asked<'a>,
}

impl Job<'_> {
    fn all(
        &self,
        listing: &Listing,
        revision: &str,
        heard: &mut dyn FnMut(Update),
    ) -> Result<Fetched, HubError> {
        let (name, commit) = (self.asked.name, listing.commit.as_str());
        if !listing.repository.is_empty() && listing.repository != name.repository() {
            heard(Update::Note(format!("{} is called {} now", name.repository(), listing.repository)));
        }
        let picked = self.request.wanted.pick(&listing.entries);
        let picked = picked.map_err(|why| HubError::Unusable { name: name.clone(), why })?;
        let needed =
            picked.into_iter().map(|entry| self.needed(commit, entry)).collect::<Result<Vec<_>, _>>()?;
        let is_missing =
            |needed: &&Needed<'_>| !is_there(&self.repository.blobs().join(needed.sum.digits()), needed.size);
        let missing: Vec<&Needed<'_>> = needed.iter().filter(is_missing).collect();
        let bytes = missing.iter().map(|needed| needed.size).sum();
        self.room(missing.iter().map(|needed| still_to_come(self.repository, needed)).sum())?;
        if !missing.is_empty() {
            heard(Update::Begins { files: missing.len(), bytes });
        }
        let (environment, client, repository, asked) =
            (self.request.environment, self.client, self.repository, self.asked);
        let download = Download { environment, client, repository, asked, commit };
        let mut before = 0;
        for file in &missing {
            download.blob(file, &mut OneOfAll { before, heard })?;
            before += file.size;
            heard(Update::Comes { bytes: before });
            if file.path == CONFIG && self.asked.kind == RepositoryKind::Model {
                self.repository.link(commit, file.path, file.sum.digits())?;
                let suits = (self.request.suits)(&self.repository.snapshot(commit).join(CONFIG));
                suits.map_err(|why| HubError::Unusable {
                    name: name.clone(),
                    why: format!("cannot be used: {why}"),
                })?;
            }
        }
        for file in &needed {
            self.repository.link(commit, file.path, file.sum.digits())?;
        }
        self.mark_absent(listing)?;
        self.repository.point(revision, commit)?;
        let snapshot = Snapshot { folder: self.repository.snapshot(commit), name: name.at(commit)? };
        Ok(Fetched { snapshot, downloaded: missing.len() })
    }

    /// Keeps what the repository lacks, so that it is not asked for again.
    fn mark_absent(&self, listing: &Listing) -> Result<(), HubError> {
        let paths: Vec<&str> = listing.entries.iter().map(|entry| entry.path.as_str()).collect();
        let absent: Vec<String> = match self.request.wanted {
            Wanted::Model => {
                TOKENIZER.into_iter().filter(|path| !paths.contains(path)).map(str::to_owned).collect()
            }
            Wanted::Data(tasks) => {
                let lacks = |task: &&String| !of_task(&paths, task).iter().any(|path| is_development(path));
                let own = tasks.iter().filter(lacks).filter_map(|task| own_name(task));
                own.map(|own| development_mark(&own)).collect()
            }
            Wanted::Files(_) => Vec::new(),
        };
        absent.iter().try_for_each(|path| self.repository.mark_absent(&listing.commit, path))
    }

    /// A file with size and checksum: those of the listing, or, where a mirror's has none, of the file's own headers.
    fn needed<'e>(&self, commit: &str, entry: &'e Entry) -> Result<Needed<'e>, HubError> {
        let path = entry.path.as_str();
        if let (Some(size), Some(sum)) = (entry.size, &entry.sum) {
            return Ok(Needed { path, size, sum: sum.clone() });
        }
        let headers = self.client.head(self.asked, commit, path)?;
        let header = |names: [&str; 2]| names.into_iter().find_map(|name| headers.get(name)?.to_str().ok());
        let size = header(["x-linked-size", "content-length"]).and_then(|size| size.parse().ok());
        match (size, header(["x-linked-etag", "etag"]).and_then(Sum::read)) {
            (Some(size), Some(sum)) => Ok(Needed { path, size, sum }),
            _ => Err(self.client.wrong(
                self.asked,
                format!("it gives no size and checksum of {path}, so it could not be verified"),
            )),
        }
    }

    fn room(&self, needed: u64) -> Result<(), HubError> {
        match free_bytes(&self.request.environment.cache) {
            Some(free) if free < needed => {
                let (name, cache) = (self.asked.name.clone(), self.request.environment.cache.clone());
                Err(HubError::Room { name, needed, free, cache })
            }
            _ => Ok(()),
        }
    }
}

/// One file's bytes among those of all.
struct OneOfAll<'a> {
    before: u64,
    heard: &'a mut dyn FnMut(Update),
}

impl Listener for OneOfAll<'_> {
    fn here(&mut self, bytes: u64) {
        (self.heard)(Update::Comes { bytes: self.before + bytes });
    }

    fn note(&mut self, text: String) {
        (self.heard)(Update::Note(text));
    }
}

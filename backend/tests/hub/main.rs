//! The hub's client against a hub on loopback that logs every request and can go wrong; then the program itself, from a name of the
//! hub to a finished run.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod fake;
#[path = "../program/mod.rs"]
mod program;

/// What is downloaded, and what is not.
mod fetching;
/// What breaks on the way.
mod faults;
/// What the hub refuses.
mod refusals;
/// The command line.
mod commands;
/// Data sets of the hub, from an empty cache to a finished run.
mod data;
/// A cache of another user's that can only be read.
mod read_only;
/// Files of data, made on the spot.
#[path = "../../src/data/tests/parquet.rs"]
mod parquet;
/// The cache beside Python's client.
mod python;

use fake::Hub;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tunemask::hub::{Environment, Fetched, Freshness, HubError, Request, Requests, Update, Wanted, fetch};
use tunemask_shared::hub::HubName;

/// A model's repository.
const MODEL: &str = "hf:acme/tiny";

/// A hub and an empty cache.
struct Place {
    hub: Hub,
    folder: TempDir,
    environment: Environment,
}

impl Place {
    fn new() -> Self {
        let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
        let environment = Environment {
            cache: folder.path().join("cache"),
            endpoint: hub.endpoint.clone(),
            token: None,
            requests: Requests::Allowed,
            answer_timeout: Duration::from_secs(20),
            download_timeout: Duration::from_secs(20),
            pause: Duration::from_millis(1),
        };
        Self { hub, folder, environment }
    }

    /// With a model of these weights.
    fn with_model(weights: &[u8]) -> Self {
        let place = Self::new();
        place.put_model(weights);
        place
    }

    /// Puts a model at its main branch; returns the commit.
    fn put_model(&self, weights: &[u8]) -> String {
        let files: [(&str, &[u8]); 7] = [
            ("README.md", b"# tiny"),
            ("config.json", b"{\"model_type\": \"bert\"}"),
            ("vocab.txt", b"[PAD]\n"),
            ("tokenizer_config.json", b"{}"),
            ("model.safetensors", weights),
            ("pytorch_model.bin", &[7; 9000]),
            ("tf_model.h5", &[8; 9000]),
        ];
        self.hub.put("models", "acme/tiny", "main", &files)
    }

    fn fetch(&self, name: &str, wanted: &Wanted) -> Result<Fetched, HubError> {
        self.hear(name, wanted, Freshness::AsItIs).0
    }

    /// What came, and what was heard meanwhile.
    fn hear(
        &self,
        name: &str,
        wanted: &Wanted,
        freshness: Freshness,
    ) -> (Result<Fetched, HubError>, Vec<Update>) {
        let (environment, name) = (&self.environment, &name.parse::<HubName>().unwrap());
        let suits = |config: &Path| {
            let config = fs::read_to_string(config).unwrap();
            if config.contains("gpt2") { Err("`model_type` is \"gpt2\"".to_owned()) } else { Ok(()) }
        };
        let mut heard = Vec::new();
        let request = Request { environment, name, wanted, freshness, suits };
        let fetched = fetch(&request, &mut |update| heard.push(update));
        (fetched, heard)
    }

    fn model(&self) -> Result<Fetched, HubError> {
        self.fetch(MODEL, &Wanted::Model)
    }

    fn data(&self, name: &str, tasks: &[&str]) -> Result<Fetched, HubError> {
        self.fetch(name, &Wanted::Data(tasks.iter().map(|&task| task.into()).collect()))
    }

    fn repository(&self) -> PathBuf {
        self.environment.cache.join("models--acme--tiny")
    }
}

/// Bytes of a large file, no two of them alike for long.
fn weights(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// The sentence that a user reads.
fn said<T: std::fmt::Debug>(result: Result<T, HubError>) -> String {
    result.unwrap_err().to_string()
}

/// All that is left of downloads.
fn unfinished(folder: &Path) -> Vec<PathBuf> {
    let blobs = fs::read_dir(folder.join("blobs")).into_iter().flatten().map(|entry| entry.unwrap().path());
    blobs.filter(|path| path.extension().is_some_and(|end| end == "incomplete")).collect()
}

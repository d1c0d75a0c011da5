//! Downloads from the hub that pages have asked for: a thread each, as many at once as there are names that are asked for, up to a bound.
//! A page asks again and again how far one is, so that a reload, a second page and a broken connection change nothing.

use crate::hub::{self, Environment, Freshness, Request, Update, Wanted};
use crate::model;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tunemask_shared::hub::{Download, HubName, RepositoryKind};

/// Downloads that go on at once.
const MAX_CONCURRENT_DOWNLOADS: usize = 4;
/// Those whose end is remembered.
const MAX_REMEMBERED: usize = 100;

type Key = (RepositoryKind, String);

/// The server's downloads. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(super) struct Downloads(Arc<Mutex<BTreeMap<Key, Download>>>);

impl Downloads {
    fn all(&self) -> MutexGuard<'_, BTreeMap<Key, Download>> {
        // Whole values go in and out; a panic elsewhere cannot leave one half made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far a download is.
    pub(super) fn state(&self, name: &str, kind: RepositoryKind) -> Download {
        self.all().get(&(kind, name.trim().to_owned())).cloned().unwrap_or(Download::None)
    }

    /// Begins a download, unless it goes on already, and says how far it is.
    pub(super) fn begin(&self, name: &str, kind: RepositoryKind) -> Download {
        let failed = |reason: String| Download::Failed { reason };
        let key = (kind, name.trim().to_owned());
        let name: HubName = match name.parse() {
            Ok(name) => name,
            Err(error) => return failed(hub::HubError::from(error).to_string()),
        };
        {
            let mut all = self.all();
            let runs = |download: &&Download| matches!(download, Download::Runs { .. });
            if let Some(already) = all.get(&key).filter(runs) {
                return already.clone();
            }
            if all.values().filter(runs).count() >= MAX_CONCURRENT_DOWNLOADS {
                return failed(format!(
                    "{MAX_CONCURRENT_DOWNLOADS} downloads go on already; wait for one of them"
                ));
            }
            if all.len() >= MAX_REMEMBERED {
                all.retain(|_, download| matches!(download, Download::Runs { .. }));
            }
            all.insert(key.clone(), Download::Runs { bytes: 0, of: 0 });
        }
        let (downloads, of) = (self.clone(), key.clone());
        let thread = std::thread::Builder::new().name("download".into());
        let started = thread.spawn(move || {
            let ended = downloads.run(&of, &name);
            downloads.all().insert(of, ended);
        });
        if let Err(error) = started {
            self.all().insert(key.clone(), failed(format!("the system starts no more threads ({error})")));
        }
        self.all().get(&key).cloned().unwrap_or(Download::None)
    }

    fn run(&self, key: &Key, name: &HubName) -> Download {
        let wanted = match key.0 {
            RepositoryKind::Model => Wanted::Model,
            // The form has not chosen its tasks yet.
            RepositoryKind::Dataset => Wanted::Data(Vec::new()),
        };
        let mut total = 0;
        let mut heard = |update| match update {
            Update::Begins { bytes, .. } => total = bytes,
            Update::Comes { bytes } => {
                self.all().insert(key.clone(), Download::Runs { bytes, of: total });
            }
            Update::Note(text) => tracing::info!("{name}: {text}"),
        };
        let fetched = Environment::of_process().and_then(|environment| {
            let (wanted, freshness) = (&wanted, Freshness::AsItIs);
            let request = Request { environment: &environment, name, wanted, freshness, suits: model::suits };
            hub::fetch(&request, &mut heard)
        });
        match fetched {
            Ok(_) => Download::Done,
            Err(error) => Download::Failed { reason: error.to_string() },
        }
    }
}

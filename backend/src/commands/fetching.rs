//! What a command does before it opens a model or data of the hub: it brings what is missing onto this machine, and shows how far it is.
//! What is here already is used without a word.

use super::output::{self, OutputFormat};
use crate::data;
use crate::data::own::{self, Needed};
use crate::hub::{self, Environment, Fetched, Freshness, HubError, Request, Update, Wanted};
use crate::model;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};
use tunemask_shared::dataset::DatasetSettings;
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::hub::HubName;
use tunemask_shared::task::{Task, TaskName};

/// Time between two lines of progress where there is no terminal.
const BETWEEN: Duration = Duration::from_secs(5);
/// The same for programs.
const BETWEEN_JSON: Duration = Duration::from_secs(1);

/// Brings a model onto this machine, if it is one of the hub.
///
/// # Errors
/// It cannot be downloaded.
pub fn model(name: &str) -> Result<()> {
    Ok(fetch(name, &Wanted::Model, Freshness::AsItIs, OutputFormat::Text).map(|_| ())?)
}

/// Brings the data of some tasks onto this machine, if they are named as of the hub, or the descriptions in their folders name it.
///
/// # Errors
/// They cannot be downloaded.
pub fn data(name: &str, tasks: &[String]) -> Result<()> {
    Ok(data_of(name, of_files(tasks), OutputFormat::Text)?)
}

/// Brings what a description of one's own data needs of the hub onto this machine.
///
/// # Errors
/// It cannot be downloaded.
pub fn described(settings: &DatasetSettings, format: OutputFormat) -> Result<(), HubError> {
    own::needed(settings).map_or(Ok(()), |needed| bring(&needed, format))
}

/// Brings an experiment's model and data onto this machine, if they are named as of the hub.
///
/// # Errors
/// The fields that cannot be downloaded.
pub fn experiment(experiment: &Experiment, format: OutputFormat) -> Result<(), Vec<FieldError>> {
    let wrong = |field: &str, error: HubError| FieldError { field: field.into(), message: error.to_string() };
    let model = fetch(&experiment.model, &Wanted::Model, Freshness::AsItIs, format);
    let tasks = of_files(&experiment.tasks);
    let data = experiment.data.as_deref().filter(|_| !tasks.is_empty() && model.is_ok());
    let data = data.map(|data| data_of(data, tasks, format));
    let errors = model.err().map(|error| wrong("model", error)).into_iter();
    let errors: Vec<FieldError> =
        errors.chain(data.and_then(Result::err).map(|error| wrong("data", error))).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn data_of(name: &str, tasks: Vec<String>, format: OutputFormat) -> Result<(), HubError> {
    if HubName::is_meant(name) {
        return fetch(name, &Wanted::Data(tasks), Freshness::AsItIs, format).map(|_| ());
    }
    // What is wrong with the folder is said where it is read.
    let folders = data::own_folders(Path::new(name.trim())).unwrap_or_default();
    own::needed_by(&folders, &tasks).iter().try_for_each(|needed| bring(needed, format))
}

fn bring(needed: &Needed, format: OutputFormat) -> Result<(), HubError> {
    fetch(&needed.name, &needed.wanted, Freshness::AsItIs, format).map(|_| ())
}

/// Brings a repository onto this machine and shows how far it is: as JSON lines on standard output, as a bar on a terminal, else as
/// lines on standard error. `None` for a name that is not one of the hub.
///
/// # Errors
/// As [`hub::fetch`].
pub fn fetch(
    text: &str,
    wanted: &Wanted,
    freshness: Freshness,
    format: OutputFormat,
) -> Result<Option<Fetched>, HubError> {
    if !HubName::is_meant(text) {
        return Ok(None);
    }
    let name: HubName = text.parse()?;
    let mut shown = Shown::new(name.to_string(), format);
    let environment = &Environment::of_process()?;
    let request = Request { environment, name: &name, wanted, freshness, suits: model::suits };
    let fetched = hub::fetch(&request, &mut |update| shown.hear(update));
    shown.end();
    let fetched = fetched?;
    if fetched.downloaded > 0 {
        shown.done(&fetched);
    }
    Ok(Some(fetched))
}

/// Those of an experiment's tasks that come from files. What is no task is said elsewhere.
fn of_files(tasks: &[String]) -> Vec<String> {
    let known = |name: &String| Task::known(&name.parse::<TaskName>().ok()?);
    let built_in = |name: &&String| known(name).is_some_and(|task| !task.source().needs_data());
    tasks.iter().filter(|name| !built_in(name)).cloned().collect()
}

/// How far a download is.
struct Shown {
    name: String,
    format: OutputFormat,
    bar: Option<ProgressBar>,
    total: u64,
    last: Instant,
}

impl Shown {
    fn new(name: String, format: OutputFormat) -> Self {
        Self { name, format, bar: None, total: 0, last: Instant::now() }
    }

    fn hear(&mut self, update: Update) {
        match update {
            Update::Begins { files, bytes } => self.begin(files, bytes),
            Update::Comes { bytes } => self.comes(bytes),
            Update::Note(text) if self.format == OutputFormat::Json => {
                self.line(&json!({"event": "note", "name": self.name, "text": text}));
            }
            Update::Note(text) => {
                let note = || output::note(format_args!("tunemask: {text}"));
                self.bar.as_ref().map_or_else(note, |bar| bar.suspend(note));
            }
        }
    }

    fn begin(&mut self, files: usize, bytes: u64) {
        self.total = bytes;
        if self.format == OutputFormat::Json {
            return self
                .line(&json!({"event": "download", "name": self.name, "files": files, "bytes": bytes}));
        }
        let words = format!("downloading {} ({})", self.name, hub::size(bytes));
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(bytes);
            let style = "{prefix}\n  {bar:40} {decimal_bytes}/{decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left";
            // A template that cannot be read would leave indicatif's own: no reason to stop.
            let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.progress_chars("━━╌"));
            bar.set_prefix(words);
            self.bar = Some(bar);
        } else {
            output::note(format_args!("tunemask: {words}"));
        }
    }

    fn comes(&mut self, bytes: u64) {
        if let Some(bar) = &self.bar {
            return bar.set_position(bytes);
        }
        let between = if self.format == OutputFormat::Json { BETWEEN_JSON } else { BETWEEN };
        if self.last.elapsed() < between {
            return;
        }
        self.last = Instant::now();
        if self.format == OutputFormat::Json {
            self.line(&json!({"event": "downloading", "name": self.name, "bytes": bytes, "of": self.total}));
        } else {
            let share = 100 * bytes / self.total.max(1);
            output::note(format_args!("tunemask: {share} % of {}", hub::size(self.total)));
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn done(&self, fetched: &Fetched) {
        let name = fetched.snapshot.name.to_string();
        if self.format == OutputFormat::Json {
            self.line(&json!({"event": "downloaded", "name": name, "files": fetched.downloaded, "folder": fetched.snapshot.folder}));
        } else {
            output::note(format_args!("tunemask: downloaded {name}"));
        }
    }

    /// A reader that has left is noticed at the next line of the command itself.
    fn line(&self, object: &serde_json::Value) {
        _ = output::json(object);
    }
}

//! Data of one's own are read before anything else of an experiment, and it is shown how far that is: a million rows take a while.
//! What is read stays in memory for what comes next.

use crate::data::{self, own};
use crate::hub::data_folder;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use tunemask_shared::experiment::Experiment;

/// Bytes from which on it is shown how far it is.
const LARGE: u64 = 8 << 20;

/// Reads the tasks of one's own that an experiment names. What is wrong with them is said when they are read again.
pub fn experiment(experiment: &Experiment) {
    let Some(data) = experiment.data.as_deref().map(str::trim).filter(|data| !data.is_empty()) else {
        return;
    };
    let Ok(data) = data_folder(Path::new(data)) else { return };
    for folder in data::own_folders(&data).unwrap_or_default() {
        let named = own::read_settings(&folder).ok().and_then(|settings| own::name_of(&folder, &settings));
        if named.is_some_and(|name| experiment.tasks.iter().any(|task| name == **task)) {
            read(&folder);
        }
    }
}

fn read(folder: &Path) {
    let bytes = bytes(folder);
    let bar = if bytes < LARGE { ProgressBar::hidden() } else { bar(bytes) };
    _ = own::read_ahead(folder, &|bytes| bar.set_position(bytes));
    bar.finish_and_clear();
}

/// A bar over so many bytes. It is drawn on a terminal alone.
pub fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = ProgressStyle::with_template("reading {wide_bar} {bytes} of {total_bytes}, {eta} left");
    // A template that cannot be read would leave indicatif's own: no reason to stop.
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ "));
    bar
}

/// Bytes of the files that a folder of one's own data has: what there is to read.
pub fn bytes(folder: &Path) -> u64 {
    own::data_bytes(folder).unwrap_or_default()
}

//! The language from outside. In reading order:

/// The grammar and how it is broken.
mod grammar;
/// Meanings and what follows from them.
mod meaning;
/// The sets of each task.
mod sets;

use super::dice::View;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::task::{BuiltInTask, Source, known_tasks};

fn tasks() -> impl Iterator<Item = BuiltInTask> {
    known_tasks().iter().filter_map(|task| match task.source() {
        Source::BuiltIn(task) => Some(task),
        Source::Glue(_) | Source::Columns(_) | Source::Own => None,
    })
}

fn stream(part: u32) -> Stream {
    Stream::new(17, Purpose::Language, part)
}

const ALL: View = View { unseen: true, domain: super::Domain::All };

/// Lower-case words and punctuation of a text.
fn split(text: &str) -> Vec<String> {
    let spaced = text.to_lowercase().replace('.', " .").replace(',', " ,").replace('?', " ?");
    spaced.split_whitespace().map(str::to_owned).collect()
}

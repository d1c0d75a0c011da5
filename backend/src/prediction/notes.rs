//! What a reader must know of the answers.

use super::loaded::AskedRun;
use tunemask_engine::Device;
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::prediction::ReadText;
use tunemask_shared::run::{ENGINE_VERSION, RunSpec};
use tunemask_shared::text::count;

/// What is to be said of a text that was cut.
pub(super) fn of_text(read: &ReadText, max_length: u32) -> Vec<String> {
    let mut notes = Vec::new();
    if read.truncated {
        notes.push(format!(
            "The text is longer than {max_length} tokens: what is beyond them was not read, as in training."
        ));
    }
    let unread = read.words.iter().filter(|word| !word.read).count();
    if unread > 0 {
        notes.push(format!("{} no tag: cut off, or without a token of their own.", have(unread, "word")));
    }
    notes
}

/// Where runs were scored otherwise in training than they are here.
pub(super) fn of_arithmetic(runs: &[AskedRun<'_>], device: &Device) -> Vec<String> {
    let own = device.precision();
    let count_of = |differs: &dyn Fn(&RunSpec) -> bool| runs.iter().filter(|run| differs(run.spec)).count();
    let mut notes = Vec::new();
    let others = count_of(&|spec| {
        spec.engine_kind == EngineKind::Tunemask && spec.precision.unwrap_or_default() != own
    });
    if others > 0 {
        notes.push(format!(
            "Computed here in {}; {} trained in another precision, so probabilities may differ slightly from \
             those of their evaluation.",
            own.name(),
            were(others, "run")
        ));
    }
    let older = count_of(&|spec| spec.engine != ENGINE_VERSION);
    if older > 0 {
        notes.push(format!(
            "{} trained by another version of tunemask, whose last digits may differ.",
            were(older, "run")
        ));
    }
    notes
}

fn were(n: usize, noun: &str) -> String {
    format!("{} {}", count(n, noun), if n == 1 { "was" } else { "were" })
}

fn have(n: usize, noun: &str) -> String {
    format!("{} {}", count(n, noun), if n == 1 { "has" } else { "have" })
}

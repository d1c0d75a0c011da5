//! The names that the files of a task may have.

use tunemask_shared::task::Task;

/// Where a task's training file stands in a data folder: `RTE/train.tsv`.
pub(crate) fn training_file(task: Task) -> String {
    let name = names(task, "train").swap_remove(0);
    format!("{}/{name}", task.folder().unwrap_or_default())
}

/// The names that a set's file may have, the usual one first.
pub(super) fn names(task: Task, set: &str) -> Vec<String> {
    let stems: &[&str] = match (task, set) {
        (Task::Ner | Task::Pos, "train") => &["train"],
        (Task::Ner | Task::Pos, _) => &["valid", "dev", "testa"],
        (_, "train") => return in_forms(&["train"], ""),
        (Task::Mnli, set) => return in_forms(&["dev", "validation"], &format!("_{set}")),
        _ => return in_forms(&["dev", "validation", "valid"], ""),
    };
    let mut names = Vec::new();
    for stem in stems {
        names.extend(
            ["txt", "conll", "conllu", "tsv", "iob", "iob2"].map(|ending| format!("{stem}.{ending}")),
        );
        names.extend([format!("eng.{stem}"), format!("wsj_sample.{stem}.conll")]);
    }
    names
}

/// File names of GLUE's tasks: GLUE's own first, then as the datasets library names its splits.
fn in_forms(stems: &[&str], ending: &str) -> Vec<String> {
    let forms = ["tsv", "csv", "jsonl", "json"];
    stems.iter().flat_map(|stem| forms.map(|form| format!("{stem}{ending}.{form}"))).collect()
}

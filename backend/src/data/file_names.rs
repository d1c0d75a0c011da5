//! The names that the files of a task may have.

use tunemask_shared::task::{GlueTask, Source};

/// Where a task's training file stands in a data folder: `RTE/train.tsv`.
pub(crate) fn training_file(source: Source) -> String {
    let name = names(source, "train").swap_remove(0);
    format!("{}/{name}", source.folder().unwrap_or_default())
}

/// The names that a set's file may have, the usual one first.
pub(super) fn names(source: Source, set: &str) -> Vec<String> {
    let stems: &[&str] = match (source, set) {
        (Source::Columns(_), "train") => &["train"],
        (Source::Columns(_), _) => &["valid", "dev", "testa"],
        (Source::Glue(_) | Source::BuiltIn(_) | Source::Own, "train") => return in_forms(&["train"], ""),
        (Source::Glue(GlueTask::Mnli), set) => return in_forms(&["dev", "validation"], &format!("_{set}")),
        (Source::Glue(_) | Source::BuiltIn(_) | Source::Own, _) => {
            return in_forms(&["dev", "validation", "valid"], "");
        }
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

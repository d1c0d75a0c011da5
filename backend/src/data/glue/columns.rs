//! Where a task's columns stand.

use crate::data::DataError;
use crate::data::sheet::{FirstLine, Sheet};
use tunemask_shared::task::GlueTask;

/// Where a task's columns stand.
pub(super) struct Columns {
    pub text: usize,
    pub pair: Option<usize>,
    pub target: usize,
    /// The label's column by its name.
    pub name: &'static str,
    /// Columns of a row.
    pub count: usize,
    /// What the first line is.
    pub first_line: FirstLine,
}

/// Names of a task's columns: the first text, the second, the label or score.
pub(in crate::data) type Names = (&'static str, Option<&'static str>, &'static str);

/// The column in which the datasets library has labels, and GLUE where they are names.
pub(super) const LABEL: &str = "label";

/// A task's columns as GLUE names them, then as the datasets library does.
fn names(task: GlueTask) -> &'static [Names] {
    match task {
        GlueTask::Mrpc => {
            &[("#1 String", Some("#2 String"), "Quality"), ("sentence1", Some("sentence2"), LABEL)]
        }
        GlueTask::Stsb => {
            &[("sentence1", Some("sentence2"), "score"), ("sentence1", Some("sentence2"), LABEL)]
        }
        GlueTask::Qqp => {
            &[("question1", Some("question2"), "is_duplicate"), ("question1", Some("question2"), LABEL)]
        }
        GlueTask::Mnli => {
            &[("sentence1", Some("sentence2"), "gold_label"), ("premise", Some("hypothesis"), LABEL)]
        }
        GlueTask::Qnli => &[("question", Some("sentence"), LABEL)],
        GlueTask::Rte => &[("sentence1", Some("sentence2"), LABEL)],
        // CoLA's own files have no header.
        GlueTask::Cola | GlueTask::Sst2 => &[("sentence", None, LABEL)],
    }
}

/// The columns that a task has in its repository on the hub: the first text, the second, the label or score.
pub(in crate::data) fn published(task: GlueTask) -> Names {
    names(task).last().copied().unwrap_or(("sentence", None, LABEL))
}

impl Columns {
    /// By the names of a file's header.
    ///
    /// # Errors
    /// A header without one of the names.
    pub(super) fn find(task: GlueTask, sheet: &Sheet<'_>) -> Result<Self, DataError> {
        let place = |name: &str| sheet.header.iter().position(|found| found == name);
        let count = sheet.header.len();
        for &(text, pair, name) in names(task) {
            let second = pair.map(place);
            if let (Some(text), Some(target), None | Some(Some(_))) = (place(text), place(name), second) {
                let (pair, first_line) = (second.flatten(), FirstLine::Header);
                return Ok(Self { text, pair, target, name, count, first_line });
            }
        }
        if task == GlueTask::Cola {
            let first_line = FirstLine::Row;
            return Ok(Self { text: 3, pair: None, target: 1, name: "", count: 4, first_line });
        }
        let list =
            |&(text, pair, name): &Names| [Some(text), pair, Some(name)].into_iter().flatten().collect();
        let wanted: Vec<Vec<&str>> = names(task).iter().map(list).collect();
        let missing = wanted.iter().flatten().find(|name| place(name).is_none()).unwrap_or(&LABEL);
        let other = wanted.get(1).map_or_else(String::new, |names| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("; the datasets library's would be {}", names.join(", "))
        });
        let why = format!("no column `{missing}` in the header; found {}{other}", sheet.found());
        Err(sheet.error(sheet.header_line, why))
    }
}

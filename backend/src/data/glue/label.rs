//! How labels are spelled.

use super::columns::LABEL;
use crate::data::table::shortened;
use tunemask_shared::task::{GlueTask, Range, Task, TaskKind};

/// How a file spells its labels: by the first one, all the others alike.
pub(in crate::data) struct Labels {
    kind: TaskKind,
    /// The labels' numbers, as they are written.
    digits: Vec<String>,
    /// Whether GLUE's own files have names and not numbers.
    named: bool,
    /// Whether the column may hold either.
    either: bool,
    found: Option<Spelling>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Names,
    Numbers,
}

impl Labels {
    /// The labels of a task, in the column of this name.
    pub(in crate::data) fn new(task: GlueTask, column: &str) -> Self {
        let named = matches!(task, GlueTask::Mnli | GlueTask::Qnli | GlueTask::Rte);
        let kind = Task::from(task).kind().clone();
        let digits = (0..kind.labels().len()).map(|number| number.to_string()).collect();
        Self { kind, digits, named, either: column == LABEL, found: None }
    }

    /// The label's number, or the score.
    ///
    /// # Errors
    /// What was found and what is expected.
    pub(in crate::data) fn target(&mut self, cell: &str) -> Result<f32, String> {
        let names = match &self.kind {
            &TaskKind::Regression(range) => {
                return match cell.parse::<f32>() {
                    Ok(score) if range.contains(score) => Ok(score),
                    Ok(-1.0) if self.either => Err(withheld("score", cell)),
                    _ => {
                        let (found, Range { low, high }) = (shortened(cell), range);
                        Err(format!("the score is `{found}`; expected a number from {low} to {high}"))
                    }
                };
            }
            TaskKind::Classification(names) | TaskKind::Tagging(names) | TaskKind::MultiLabel(names) => names,
        };
        let usual = if self.named { Spelling::Names } else { Spelling::Numbers };
        let list = |spelling| if spelling == Spelling::Names { names } else { &self.digits };
        let place = |spelling| list(spelling).iter().position(|name| *name == cell);
        let allowed: &[Spelling] = match (self.found, self.either) {
            (Some(Spelling::Names), _) => &[Spelling::Names],
            (Some(Spelling::Numbers), _) => &[Spelling::Numbers],
            (None, true) => &[Spelling::Names, Spelling::Numbers],
            (None, false) if self.named => &[Spelling::Names],
            (None, false) => &[Spelling::Numbers],
        };
        if let Some((spelling, place)) = allowed.iter().find_map(|&s| Some((s, place(s)?))) {
            self.found = Some(spelling);
            return Ok(place as f32);
        }
        if cell == "-1" && self.either {
            return Err(withheld("label", cell));
        }
        let (first, last) = match list(self.found.unwrap_or(usual)).as_slice() {
            [first @ .., last] => (first.join(", "), last.as_str()),
            [] => Default::default(),
        };
        let expected = format!("{first} or {last}");
        let like = if self.found.is_some_and(|found| found != usual) { ", as above" } else { "" };
        Err(format!("the label is `{}`; expected {expected}{like}", shortened(cell)))
    }

    /// That numbers were read where GLUE's own files have names.
    pub(in crate::data) fn note(&self) -> Option<String> {
        let (TaskKind::Classification(names), true, Some(Spelling::Numbers)) =
            (&self.kind, self.named, self.found)
        else {
            return None;
        };
        let order: Vec<String> = names.iter().enumerate().map(|(i, name)| format!("{i} is {name}")).collect();
        Some(format!("labels are numbers, read in GLUE's order: {}", order.join(", ")))
    }
}

/// What is said of labels that are not there.
fn withheld(what: &str, cell: &str) -> String {
    format!(
        "the {what} is `{cell}`, which GLUE writes where it withholds the label (test sets); use the \
         training and validation splits"
    )
}

//! Results of others from CSV.

use super::{Reference, ReferenceValue};
use std::collections::HashSet;
use std::io::Read;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Task, TaskName};

/// Why a reference cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// A line or a field of it.
    #[error("line {line}, {field}: {problem}")]
    Field {
        /// From 1.
        line: u64,
        /// The column's name.
        field: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The file as CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// The columns: those that must be there, and `percent` or `value`; then those that may.
const KNOWN: &str = "mask, task, percent (or value), metric, set, std, source";

/// Reads results of others from CSV.
///
/// The first line names the columns: `mask`, `task`, and `percent` (as papers print it) or `value` (in the metric's
/// own unit, as `tunemask table --format csv` writes it); optionally `metric` (else the task's first), `set` (else
/// the task's first development set), `std` (in the unit of the value) and `source`. `source` is where all lines
/// come from that do not say themselves.
///
/// # Errors
/// No CSV; a column that is missing or unknown; a field that is no mask, task, metric, set or number; a line without
/// source; a figure that stands twice. The error names the line and the field.
pub fn read_reference(input: impl Read, source: Option<&str>) -> Result<Reference, ReferenceError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input);
    let header = reader.headers()?.clone();
    let column = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
    let head = |field: &str, problem: String| ReferenceError::Field { line: 1, field: field.into(), problem };
    let names = ["mask", "task", "percent", "value", "metric", "set", "std", "source"];
    if let Some(unknown) = header.iter().find(|h| !names.iter().any(|n| n.eq_ignore_ascii_case(h))) {
        return Err(head(unknown, format!("no such column; known are {KNOWN}")));
    }
    let need = |name: &str| {
        column(name).ok_or_else(|| head(name, format!("the column is missing; known are {KNOWN}")))
    };
    let (mask_at, task_at) = (need("mask")?, need("task")?);
    let (value_at, unit) = match (column("percent"), column("value")) {
        (Some(_), Some(_)) => return Err(head("value", "give `percent` or `value`, not both".into())),
        (Some(at), None) => (at, 0.01),
        (None, Some(at)) => (at, 1.0),
        (None, None) => return Err(head("percent", format!("the column is missing; known are {KNOWN}"))),
    };
    let (metric_at, set_at, std_at, source_at) =
        (column("metric"), column("set"), column("std"), column("source"));
    let value_name = if unit == 1.0 { "value" } else { "percent" };
    let mut values: Vec<ReferenceValue> = Vec::new();
    let mut seen = HashSet::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let error =
            |field: &str, problem: String| ReferenceError::Field { line, field: field.into(), problem };
        let field = |at: usize| record.get(at).unwrap_or_default();
        let optional = |at: Option<usize>| at.map(field).filter(|text| !text.is_empty());
        let mask: Mask = field(mask_at).parse().map_err(|e| error("mask", format!("{e}")))?;
        let task: TaskName = field(task_at).parse().map_err(|e| error("task", format!("{e}")))?;
        // Of a task of the user's own, its data folder alone knows metrics and sets.
        let known = Task::known(&task);
        let metric = match (optional(metric_at), &known) {
            (None, Some(task)) => task.primary_metric(),
            (None, None) => {
                return Err(error("metric", format!("{task} is a task of your own; name its metric")));
            }
            (Some(name), known) => {
                let known = known.as_ref().map_or(&Metric::ALL[..], Task::metrics);
                let found = known.iter().copied().find(|m| m.name().eq_ignore_ascii_case(name));
                let list = || known.iter().map(|m| m.name()).collect::<Vec<_>>().join(", ");
                found.ok_or_else(|| {
                    error("metric", format!("`{name}` is not a metric of {task}; known are {}", list()))
                })?
            }
        };
        let set = match (optional(set_at), &known) {
            (None, _) => 0,
            (Some(_), None) => {
                return Err(error(
                    "set",
                    format!("{task} is a task of your own, which has one set; leave it out"),
                ));
            }
            (Some(name), Some(known)) => {
                let sets = known.development_sets();
                let at = sets.iter().position(|s| s.eq_ignore_ascii_case(name));
                let unknown = || format!("`{name}` is not a set of {task}; known are {}", sets.join(", "));
                at.ok_or_else(|| error("set", unknown()))? as u8
            }
        };
        let scale = if metric.in_percent() { unit } else { 1.0 };
        let number = |name: &str, text: &str| {
            let read = text.parse::<f64>().ok().filter(|x| x.is_finite());
            read.map(|x| x * scale).ok_or_else(|| error(name, format!("`{text}` is not a number")))
        };
        let value = number(value_name, field(value_at))?;
        if metric.in_percent() && value.abs() > 1.0 {
            let problem = format!(
                "`{}` is above {}; name the column `percent` or `value` by its unit",
                field(value_at),
                1.0 / unit
            );
            return Err(error(value_name, problem));
        }
        let std = optional(std_at).map(|text| number("std", text)).transpose()?;
        let Some(from) = optional(source_at).or(source.map(str::trim).filter(|s| !s.is_empty())) else {
            return Err(error(
                "source",
                "say where the figure comes from, in a column or for the whole file".into(),
            ));
        };
        if !seen.insert((mask.clone(), task.clone(), metric, set)) {
            return Err(error("mask", format!("`{mask}` has this figure of {} twice", task.title())));
        }
        values.push(ReferenceValue { mask, task, metric, set, value, std, source: from.to_owned() });
    }
    Ok(Reference { values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Reference, ReferenceError> {
        read_reference(text.as_bytes(), Some("Table 1"))
    }

    #[test]
    fn figures_are_read_in_their_unit() {
        let text = "mask,task,percent,metric,set,std,source\n\
                    layernorms,RTE,66.5,,,1.25,\n\
                    \"layers(1,3).ln\",mnli,80,accuracy,mismatched,,elsewhere\n";
        let got = read(text).unwrap().values;
        assert_eq!((got[0].value, got[0].std, &*got[0].source), (0.665, Some(0.0125), "Table 1"));
        assert_eq!(
            (got[1].set, &*got[1].source, got[1].mask.to_string()),
            (1, "elsewhere", "layers(1,3).ln".into())
        );
        assert_eq!(read("task,mask,value\ncola,full,0.6\n").unwrap().values[0].metric, Metric::Matthews);
        let own = read("task,mask,value,metric\nown:reviews,full,0.6,f1\n").unwrap().values.remove(0);
        assert_eq!((own.task.as_str(), own.metric), ("own:reviews", Metric::F1));
    }

    #[test]
    fn errors_name_line_and_field() {
        for (text, line, name) in [
            ("mask,task\nfull,rte\n", 1, "percent"),
            ("mask,percent\n", 1, "task"),
            ("mask,task,percent,value\n", 1, "value"),
            ("mask,task,percent,sd\n", 1, "sd"),
            ("mask,task,percent\nfull,rte,66\nfulll,rte,66\n", 3, "mask"),
            ("mask,task,percent\nfull,wnli,66\n", 2, "task"),
            ("mask,task,percent,metric\nfull,rte,66,f1\n", 2, "metric"),
            ("mask,task,percent,set\nfull,rte,66,matched\n", 2, "set"),
            ("mask,task,percent\nfull,own:reviews,66\n", 2, "metric"),
            ("mask,task,percent,metric\nfull,own:reviews,66,best\n", 2, "metric"),
            ("mask,task,percent,metric,set\nfull,own:reviews,66,f1,b\n", 2, "set"),
            ("mask,task,percent\nfull,rte,66 %\n", 2, "percent"),
            ("mask,task,value\nfull,rte,66\n", 2, "value"),
            ("mask,task,percent,std\nfull,rte,66,x\n", 2, "std"),
            ("mask,task,percent\nlayernorms,rte,66\nlayers(*).ln,rte,67\n", 3, "mask"),
        ] {
            match read(text) {
                Err(ReferenceError::Field { line: l, field, .. }) => {
                    assert_eq!((l, &*field), (line, name), "{text}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        let nowhere = read_reference("mask,task,percent\nfull,rte,66\n".as_bytes(), None);
        assert!(nowhere.unwrap_err().to_string().starts_with("line 2, source: "));
        assert!(matches!(read("mask,task,percent\nfull,rte\n"), Err(ReferenceError::Csv(_))));
    }
}

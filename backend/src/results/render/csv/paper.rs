//! The paper's tables as CSV.

use crate::results::paper::PaperTable;
use tunemask_shared::text::{csv_field, rate};

impl PaperTable {
    /// As CSV, a line for each figure, unrounded and in the metrics' own units (not percent), with each seed's value and run.
    /// A number that is not there is an empty field, and `reason` says why; `edge` is `lowest`, `highest` or `both` where a picked
    /// learning rate is an end of its grid. A row that stands in several columns of a task for comparison is written once.
    pub fn csv(&self) -> String {
        let mut out = String::from(
            "row,mask,trainable,task,set,metric,learning_rate,edge,mean,std,n,seeds,reason,bold,values,runs,settled,reference,\
             reference_std\n",
        );
        let number = |x: f64| if x.is_finite() { x.to_string() } else { String::new() };
        let optional = |x: Option<f64>| x.map(number).unwrap_or_default();
        for row in &self.rows {
            let mut written = Vec::new();
            for (column, cell) in self.columns.iter().zip(&row.cells) {
                let Some(cell) = cell else { continue };
                let what = (&cell.mask, &column.task, column.metric, column.set);
                if written.contains(&what) {
                    continue;
                }
                written.push(what);
                let sets = column.task.development_sets();
                let join = |items: Vec<String>| items.join(";");
                let fields = [
                    csv_field(&row.label),
                    csv_field(&cell.mask.to_string()),
                    row.trainable.map_or_else(String::new, |n| n.to_string()),
                    column.task.to_string(),
                    sets.get(usize::from(column.set)).map_or_else(String::new, |s| (*s).to_owned()),
                    column.metric.name().to_owned(),
                    join(cell.rates.iter().map(|&r| rate(r)).collect()),
                    cell.edge.map_or_else(String::new, |edge| edge.name().to_owned()),
                    number(cell.summary.mean),
                    number(cell.summary.std),
                    cell.summary.n.to_string(),
                    cell.seeds.to_string(),
                    csv_field(cell.gap.as_deref().unwrap_or_default()),
                    cell.best.to_string(),
                    join(cell.values.iter().map(|&v| number(v)).collect()),
                    join(cell.runs.iter().map(|r| r.0.clone()).collect()),
                    cell.settled.to_string(),
                    optional(cell.reference.map(|r| r.0)),
                    optional(cell.reference.and_then(|r| r.1)),
                ];
                out.push_str(&fields.join(","));
                out.push('\n');
            }
        }
        out
    }
}

//! The result table as CSV.

use super::field;
use crate::results::render::text::picked_rates;
use crate::results::table::ResultTable;

/// The table as CSV, a line a mask, task, development set and metric, unrounded and in the metrics' own units
/// (not percent). A number that is not there is an empty field;
/// `reason` says what the seeds lack that it is not over.
pub fn table(table: &ResultTable) -> String {
    let mut out =
        String::from("mask,trainable,task,set,metric,learning_rate,mean,std,n,seeds,reason,settled\n");
    let number = |x: f64| if x.is_finite() { x.to_string() } else { String::new() };
    for row in &table.rows {
        for cell in &row.cells {
            for figure in &cell.figures {
                let sets = cell.task.development_sets();
                let fields = [
                    field(&row.mask.to_string()),
                    row.trainable.map_or_else(String::new, |n| n.to_string()),
                    cell.task.name().to_owned(),
                    sets.get(usize::from(figure.set)).map_or_else(String::new, |s| (*s).to_owned()),
                    figure.metric.name().to_owned(),
                    // Several rates would need quotes with a comma between them.
                    picked_rates(cell).replace(", ", ";"),
                    number(figure.summary.mean),
                    number(figure.summary.std),
                    figure.summary.n.to_string(),
                    cell.seeds().to_string(),
                    field(figure.gap.as_deref().unwrap_or_default()),
                    cell.settled.to_string(),
                ];
                out.push_str(&fields.join(","));
                out.push('\n');
            }
        }
    }
    out
}

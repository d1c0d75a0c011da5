//! The result table as CSV.

use crate::results::render::text::picked_rates;
use crate::results::table::ResultTable;
use tunemask_shared::text::csv_field;

/// The table as CSV, a line for each mask, task, development set and metric, unrounded and in the metrics' own units
/// (not percent). A number that is not there is an empty field;
/// `reason` says what the seeds lack that it is not over. `edge` is `lowest`, `highest` or `both` where a picked learning
/// rate is an end of its grid; `bold` is whether the figure stands bold in the other forms.
pub fn table(table: &ResultTable) -> String {
    let mut out = String::from(
        "mask,trainable,task,set,metric,learning_rate,edge,mean,std,n,seeds,reason,bold,settled\n",
    );
    let number = |x: f64| if x.is_finite() { x.to_string() } else { String::new() };
    let bold = table.bold();
    for (at, row) in table.rows.iter().enumerate() {
        let mut marks = bold.iter().filter_map(|column| column.get(at));
        for cell in &row.cells {
            for figure in &cell.figures {
                let sets = cell.task.development_sets();
                let fields = [
                    csv_field(&row.mask.to_string()),
                    row.trainable.map_or_else(String::new, |n| n.to_string()),
                    cell.task.to_string(),
                    sets.get(usize::from(figure.set)).map_or_else(String::new, |s| (*s).to_owned()),
                    figure.metric.name().to_owned(),
                    // Several rates would need quotes with a comma between them.
                    picked_rates(cell).replace(", ", ";"),
                    cell.edge.map_or_else(String::new, |edge| edge.name().to_owned()),
                    number(figure.summary.mean),
                    number(figure.summary.std),
                    figure.summary.n.to_string(),
                    cell.seeds().to_string(),
                    csv_field(figure.gap.as_deref().unwrap_or_default()),
                    marks.next().is_some_and(|mark| *mark).to_string(),
                    cell.settled.to_string(),
                ];
                out.push_str(&fields.join(","));
                out.push('\n');
            }
        }
    }
    out
}

//! All numbers of a claim's comparisons, as a table.

use crate::results::claims::{Comparison, Verdict};
use crate::results::format::points;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Cell, Column, Table};
use tunemask_shared::text::{NONE, thousands};

/// All numbers of a claim's comparisons.
pub(super) fn evidence(verdict: &Verdict) -> Table {
    let columns = vec![
        Column::words("Compared"),
        Column::numbers("Difference"),
        Column::numbers("90 % interval"),
        Column::numbers("p"),
        Column::numbers("p of the contrary"),
        Column::numbers("p of equivalence"),
        Column::words("On"),
        Column::words("Seeds to decide"),
        Column::words("Varies with"),
    ];
    let rows = verdict.evidence.iter().map(row).collect();
    Table::new(format!("Evidence: {}", verdict.claim.sentence()), columns, rows)
}

fn row(c: &Comparison) -> Vec<Cell> {
    let ends: Vec<String> = c.interval.iter().copied().map(points).collect();
    let (above, below) =
        (format!("above {}", points(c.bound)), format!("below {}", points(c.contrary_bound)));
    let tasks: Vec<&str> = c.tasks.iter().map(|t| t.title()).collect();
    vec![
        Cell::code(name(c)),
        Cell { under: "points".into(), runs: c.runs.clone(), ..Cell::text(points(c.difference)) },
        Cell::text(ends.join(" to ")),
        Cell { under: above, ..Cell::text(p_value(c.p)) },
        Cell { under: below, ..Cell::text(p_value(c.p_contrary)) },
        Cell::text(c.p_equivalence.map_or_else(|| NONE.to_owned(), p_value)),
        Cell::text(tasks.join(", ")),
        Cell::text(c.seeds_needed.map_or_else(|| NONE.to_owned(), |n| thousands(u64::from(n)))),
        Cell::text(c.method.to_string()),
    ]
}

/// What is taken from what: `mha − full`.
pub(super) fn name(c: &Comparison) -> String {
    let list = |masks: &[Mask]| masks.iter().map(Mask::to_string).collect::<Vec<_>>().join(", ");
    format!("{} − {}", list(&c.left), list(&c.right))
}

/// A p-value as it is read.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p.is_nan() => NONE.to_owned(),
        p if p < 0.001 => "< 0.001".to_owned(),
        p => format!("{p:.3}"),
    }
}

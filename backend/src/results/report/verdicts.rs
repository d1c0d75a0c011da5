//! The report on the paper's claims.

use super::evidence::p_value;
use super::file;
use super::forest::forest;
use super::{kept, optimism, pairs};
use crate::results::claims::{self, FrontPlace, Options, Verdict};
use crate::results::significance::{MIN_SEEDS, Study};
use crate::results::table::ResultTable;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{
    Block, Cell, Column, FileForm, Link, Report, ReportKind, ReportRequest, Table,
};
use tunemask_shared::run::RunId;
use tunemask_shared::text::thousands;

/// Margins that are offered, in percentage points.
const MARGINS: [f64; 4] = [1.0, 2.0, 3.0, 5.0];

/// A verdict on each claim of the paper; `margin` in percentage points.
pub fn judge(study: &Study, margin: f64) -> Vec<Verdict> {
    let options = Options { margin: margin / 100.0, ..Options::default() };
    claims::verdicts(study, options)
}

/// The verdicts with their evidence; `margin` in percentage points.
pub(super) fn report(results: &ResultTable, margin: f64, verdicts: &[Verdict], study: &Study) -> Report {
    let mut offered: Vec<f64> = MARGINS.to_vec();
    if !offered.contains(&margin) {
        offered.push(margin);
        offered.sort_by(f64::total_cmp);
    }
    let links = offered.into_iter().map(|points| Link {
        text: points.to_string(),
        target: ReportRequest {
            kind: ReportKind::Verdicts,
            margin: Some(points),
            ..ReportRequest::default()
        },
        here: points == margin,
    });
    let options = Options { margin: margin / 100.0, ..Options::default() };
    let columns = vec![Column::words("Claim"), Column::words("Verdict"), Column::words("Why")];
    let rows = verdicts.iter().map(|v| {
        let outcome = Cell { strong: true, ..Cell::text(v.outcome.title()) };
        vec![Cell::text(v.claim.sentence()), outcome, Cell::text(v.reason.clone())]
    });
    let all = Table::new("Verdicts on the paper's claims", columns, rows.collect());
    let label = |what| format!("experiment-{}-{what}", results.experiment_id);
    let all = kept(all, &[&results.name, "verdicts"], &label("verdicts"), &[]);
    let mut blocks = vec![
        Block::Links { label: "Margin in percentage points".into(), links: links.collect() },
        Block::Paragraph(format!(
            "Differences between masks with 90 % intervals; within the margin, {margin} points, they do not matter. A claim is \
             supported if it is shown at the level {}, not supported if its contrary is.",
            options.alpha
        )),
        Block::Forest(forest(results, verdicts, options)),
        Block::Fold {
            summary: "How claims are tested".into(),
            blocks: vec![Block::Paragraph(method(margin))],
        },
        Block::Fold { summary: "All verdicts as a table".into(), blocks: vec![Block::Table(all)] },
    ];
    blocks.extend(pairs::block(results, study));
    let front = claims::front(study);
    if front.len() > 1 {
        blocks.push(Block::Heading("Quality against trained parameters".into()));
        let table = front_table(results, &front, options);
        blocks.push(Block::Table(kept(table, &[&results.name, "front"], &label("front"), &[])));
    }
    blocks.extend(optimism::blocks(results, study).into_iter().flatten());
    let lines = verdicts.iter().filter_map(|v| serde_json::to_string(v).ok());
    let text = lines.fold(String::new(), |out, line| out + &line + "\n");
    let what = "verdicts";
    let lines = file(FileForm::JsonLines, &[&results.name, what], text);
    blocks.push(Block::Files { what: what.into(), files: vec![lines] });
    Report { blocks }
}

/// How claims are tested, in full.
fn method(margin: f64) -> String {
    format!(
        "A claim is supported if its hypothesis is shown at the level {}, not supported if its contrary is. \
         Close and enough mean not worse by {margin} points or more; better means better at all, and its \
         contrary not better by that much. Tests are one-sided; intervals \
         are of 90 %, so that each end is a one-sided bound at 5 %. Where all comparisons of a claim must hold, each is \
         tested at that level; where one is enough, its p-value is Holm-corrected for all that were planned. Seeds and \
         development examples both count as sources of chance. A verdict takes {MIN_SEEDS} seeds or more, and stored predictions.",
        Options::default().alpha
    )
}

/// The runs of a mask whose scores are reported.
fn reported(results: &ResultTable, mask: &Mask) -> Vec<RunId> {
    let row = results.rows.iter().find(|row| row.mask == *mask);
    let cells = row.into_iter().flat_map(|row| &row.cells);
    cells.flat_map(|cell| cell.reported(results.rate_pick)).filter_map(|seed| seed.run.clone()).collect()
}

fn front_table(results: &ResultTable, front: &[FrontPlace], options: Options) -> Table {
    let columns = vec![
        Column::words("Mask"),
        Column::numbers("Trainable"),
        Column::numbers("Mean"),
        Column::words("Place"),
        Column::numbers("p"),
    ];
    let rows = front.iter().map(|place| {
        vec![
            Cell::code(place.mask.to_string()),
            Cell::text(thousands(place.trainable)),
            Cell {
                strong: place.beaten_by.is_none(),
                runs: reported(results, &place.mask),
                ..Cell::text(format!("{:.1}", place.mean * 100.0))
            },
            Cell::text(place.sentence(options)),
            Cell::text(p_value(place.p)),
        ]
    });
    Table::new("Which masks nothing beats that trains no more parameters (bold)", columns, rows.collect())
}

//! The report on how weights are distributed, and what a run changed of them.

use super::{file, kept};
use crate::artifacts::Tuned;
use crate::model;
use crate::results::format::digits;
use crate::results::render::{csv, latex, markdown};
use crate::results::table::ResultTable;
use crate::results::weights::{
    self, TunedWeights, WeightRow, change_figure, distribution_figure, norm_epochs, weight_map, weight_rows,
};
use std::path::Path;
use tunemask_shared::mask::MaskSwitches;
use tunemask_shared::report::{
    Block, Cell, Column, Figure, File, FileForm, Link, Panel, Report, ReportKind, ReportRequest, Table,
};
use tunemask_shared::run::RunId;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::text::{count, rate, thousands};

/// Bins of the distributions behind moments and quantiles.
const BINS: usize = 60;
/// Outliers of each LayerNorm that are listed.
const OUTLIERS: usize = 4;
/// Rows of the list of outliers that are shown; the file has all.
const SHOWN: usize = 60;

/// How the weights of an experiment's model are distributed, and what one of its runs changed of them.
///
/// # Errors
/// The model cannot be read; the run has not finished, or what it left cannot be read.
pub(super) fn report(
    results: &ResultTable,
    switches: MaskSwitches,
    delta: Option<&Path>,
    asked: &ReportRequest,
    home: &Path,
) -> Result<Report, String> {
    let links = choice(results, asked.run.as_ref());
    let offered = if links.len() > 1 { Choice::OfRuns } else { Choice::None };
    let mut blocks = vec![Block::Links { label: "Tuned by".into(), links }];
    let tuned = match &asked.run {
        None => None,
        Some(run) => Some(Tuned::open(home, &run.0, results.reported_epoch).map_err(|e| e.to_string())?),
    };
    let after = tuned.as_ref().map(Tuned::weights);
    let model = match &tuned {
        Some(tuned) => tuned.model.clone(),
        None => model::open_with(&results.model, delta).map_err(|e| e.to_string())?,
    };
    let (shape, before) = (model.config.shape, model.weights.as_slice());
    let figure = distribution_figure(&model.title, &shape, before);
    let name = tuned.as_ref().map(name_of).unwrap_or_default();
    let weights = after.as_deref().map(|weights| TunedWeights { name: &name, weights });
    blocks.push(Block::Weights(weight_map(&model.title, &shape, before, weights, &figure)));
    let mut pictures = vec![Block::Figure(picture(&figure))];
    if let (Some(tuned), Some(after)) = (&tuned, &after) {
        pictures.push(Block::Figure(picture(&change(tuned, after))));
    }
    blocks.push(Block::Fold { summary: "Figures of all modules".into(), blocks: pictures });
    let rows = weight_rows(&shape, before, after.as_deref(), BINS);
    blocks.extend(moments(&rows));
    blocks.extend(outliers(&shape, switches, before, after.as_deref())?);
    blocks.extend(epochs(tuned.as_ref(), offered));
    Ok(Report { blocks })
}

/// What a run changed, by module and block.
pub fn change(tuned: &Tuned, after: &[f32]) -> weights::Figure {
    change_figure(&tuned.model.title, &name_of(tuned), &tuned.model.config.shape, &tuned.model.weights, after)
}

/// What a run is: `full on Sentiment`.
fn name_of(tuned: &Tuned) -> String {
    format!("{} on {}", tuned.spec.mask, tuned.spec.task.title())
}

/// Which run's weights stand beside the pretrained ones: those that a table reports.
fn choice(results: &ResultTable, asked: Option<&RunId>) -> Vec<Link> {
    let link = |text, run: Option<RunId>| Link {
        text,
        here: run.as_ref() == asked,
        target: ReportRequest { kind: ReportKind::Weights, run, ..ReportRequest::default() },
    };
    let mut links = vec![link("pretrained only".into(), None)];
    for row in results.rows.iter().filter(|row| row.trainable.is_some_and(|n| n > 0)) {
        for cell in &row.cells {
            // A run for each cell: the first seed's at its learning rate.
            let Some(run) = cell.reported(results.rate_pick).first().and_then(|s| s.run.clone()) else {
                continue;
            };
            let rate = cell.picked.first().map_or(String::new(), |&r| rate(r));
            links.push(link(format!("{}, {}, {rate}", row.mask, cell.task.title()), Some(run)));
        }
    }
    links
}

fn picture(figure: &weights::Figure) -> Figure {
    let caption = match figure.note.as_str() {
        "" => figure.title.clone(),
        note => format!("{}. {note}", figure.title),
    };
    let panels = figure.panels.iter().map(|panel| Panel { summary: panel.description(), svg: panel.svg() });
    let panels = panels.collect();
    let files =
        vec![file(FileForm::Csv, &[&caption], figure.csv()), file(FileForm::Svg, &[&caption], figure.svg())];
    Figure { caption, legend: figure.legend(), panels, files }
}

/// A table of moments: every group in all blocks together; the file has each block's, and quantiles.
fn moments(rows: &[WeightRow]) -> [Block; 3] {
    let names = ["Mean", "Std", "Skewness", "Excess kurtosis", "Smallest", "Largest"];
    let mut columns = vec![Column::words("Module"), Column::words("Weights"), Column::numbers("Scalars")];
    columns.extend(names.map(Column::numbers));
    let mut lines = Vec::new();
    for row in rows.iter().filter(|row| row.block.is_none()) {
        let kinds = [
            ("pretrained", Some(&row.pretrained)),
            ("tuned", row.tuned.as_ref()),
            ("difference", row.difference.as_ref()),
        ];
        for (kind, of) in kinds.into_iter().filter_map(|(kind, of)| Some((kind, of?))) {
            let mut cells =
                vec![Cell::text(row.group.title()), Cell::text(kind), Cell::text(thousands(of.n as u64))];
            let numbers = [of.mean, of.std, of.skewness, of.excess_kurtosis, of.min, of.max];
            cells.extend(numbers.map(|x| Cell::text(digits(x))));
            lines.push(cells);
        }
    }
    [
        Block::Heading("Moments, all blocks together".into()),
        Block::Table(kept(
            Table::new("Moments of the weights by module", columns, lines),
            &["moments"],
            "moments",
            &[],
        )),
        Block::Files {
            what: "moments and quantiles of each block".into(),
            files: vec![file(FileForm::Csv, &["weights"], csv::moments(rows))],
        },
    ]
}

fn outliers(
    shape: &ModelShape,
    switches: MaskSwitches,
    before: &[f32],
    after: Option<&[f32]>,
) -> Result<Vec<Block>, String> {
    let found = weights::outliers(OUTLIERS, shape, switches, before, after).map_err(|e| e.to_string())?;
    let mut columns = vec![
        Column::words("Tensor"),
        Column::numbers("Place"),
        Column::numbers("Value"),
        Column::numbers("Distance in σ"),
    ];
    columns.extend(after.map(|_| Column::numbers("Tuned")));
    let rows = found.iter().map(|o| {
        let mut cells = vec![
            Cell::code(o.scalar.tensor.clone()),
            Cell::text(o.scalar.index.to_string()),
            Cell::text(digits(f64::from(o.scalar.value))),
            Cell::text(digits(o.scalar.sigma)),
        ];
        cells.extend(o.tuned.map(|v| Cell::text(digits(f64::from(v)))));
        cells
    });
    let all = Table::new(format!("The {OUTLIERS} outliers of each LayerNorm"), columns, rows.collect());
    let files = vec![
        file(FileForm::Markdown, &["outliers"], markdown::grid(&all)),
        file(FileForm::Latex, &["outliers"], latex::grid(&all, "outliers", &[])),
        file(FileForm::Csv, &["outliers"], csv::outliers(&found)),
    ];
    let shown = Table { rows: all.rows.into_iter().take(SHOWN).collect(), ..all };
    let mut blocks = vec![Block::Heading(format!("What outliers:{OUTLIERS} selects")), Block::Table(shown)];
    if found.len() > SHOWN {
        blocks.push(Block::Paragraph(format!(
            "The first {SHOWN} of {}; the file has all.",
            thousands(found.len() as u64)
        )));
    }
    blocks.push(Block::Files { what: "outliers".into(), files });
    Ok(blocks)
}

/// Whether there are runs to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// There are some.
    OfRuns,
    /// There are none.
    None,
}

/// The LayerNorms after every epoch of a run as a file, with words on what it holds or why there is none.
fn epochs(tuned: Option<&Tuned>, choice: Choice) -> Vec<Block> {
    let title = "LayerNorms after every epoch";
    let (sentence, file) = match tuned {
        None if choice == Choice::OfRuns => {
            let text = "A run that trained LayerNorms has a file of their γ and β after each epoch: choose \
                        the run at the top.";
            (text.to_owned(), None)
        }
        None => ("A run's file of γ and β after each epoch is there once it has finished.".to_owned(), None),
        Some(tuned) => of_run(tuned),
    };
    let mut blocks = vec![Block::Heading(title.into())];
    let shown = tuned.and_then(|tuned| {
        let model = &tuned.model;
        norm_epochs(&model.config.shape, &model.weights, &tuned.norm_scalars(), &tuned.norms)
    });
    blocks.extend(shown.map(Block::NormEpochs));
    blocks.push(Block::Paragraph(sentence));
    blocks.extend(file.map(|file| Block::Files { what: title.into(), files: vec![file] }));
    blocks
}

fn of_run(tuned: &Tuned) -> (String, Option<File>) {
    let Tuned { run, spec, norms, .. } = tuned;
    let name = format!("`{}` on {} (run {run})", spec.mask, spec.task.title());
    let Some(last) = norms.last() else {
        return (
            format!("There is no file of {name}: an earlier version trained it and did not keep them."),
            None,
        );
    };
    if last.is_empty() {
        return (format!("There is no file of {name}: it trained no scalar of a LayerNorm."), None);
    }
    let model = &tuned.model;
    let text = csv::epochs(&model.config.shape, &tuned.norm_scalars(), &model.weights, norms);
    let sentence = format!(
        "The file holds γ and β of every LayerNorm that {name} trained, {}: as pretrained (epoch 0), then \
         after each of {}. Each line is a scalar in an epoch: its tensor, its position there, its value.",
        count(last.len(), "scalar"),
        count(norms.len(), "epoch"),
    );
    (sentence, Some(file(FileForm::Csv, &["layernorms", &run.0], text)))
}

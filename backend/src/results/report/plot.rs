//! The paper's tables as plots, one a task: the figures of the task's first metric, as the table beside them has them.
//!
//! Modules stand at the share of the parameters that they train, single blocks at their number, outliers at theirs. Masks that have no
//! place on the axis are lines for comparison; so is `frozen`, whose share of 0 a logarithmic axis does not hold.

use super::csv_text;
use crate::results::format::{column, mean_and_deviation};
use crate::results::paper::{PaperCell, PaperTable};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::report::{Layout, Plot, PlotPoint, PlotScale, PlotSeries, PlotState, PlotStyle};
use tunemask_shared::task::Task;
use tunemask_shared::text::{count, percent};

/// A plot for each task of which the table has a figure.
pub(super) fn plots(paper: &PaperTable, tasks: &[Task]) -> Vec<Plot> {
    tasks.iter().filter_map(|task| plot(paper, task)).collect()
}

/// A figure of a row, with what the row trains.
struct Figure<'a> {
    cell: &'a PaperCell,
    trainable: Option<u64>,
}

fn plot(paper: &PaperTable, task: &Task) -> Option<Plot> {
    let metric = task.primary_metric();
    let figures = figures(paper, task, metric);
    let all = figures.iter().find(|figure| figure.cell.mask == Mask::Full).and_then(|full| full.trainable);
    let axis = Axis::of(paper.layout, all);
    let (mut series, mut references): (Vec<PlotSeries>, Vec<PlotPoint>) = (Vec::new(), Vec::new());
    for figure in &figures {
        let point = |x| point(figure, x, metric, &axis);
        let Some(place) = axis.place(figure) else {
            references.extend(point(0.0));
            continue;
        };
        let Some(point) = point(place.x) else { continue };
        match series.iter_mut().find(|known| known.name == place.series) {
            Some(known) => known.points.push(point),
            None => {
                series.push(PlotSeries {
                    name: place.series.into(),
                    style: place.style,
                    points: vec![point],
                });
            }
        }
    }
    series.iter_mut().for_each(|series| series.points.sort_by(|a, b| a.x.total_cmp(&b.x)));
    (!series.is_empty()).then(|| Plot {
        title: column(task, metric, 0),
        summary: summary(&series, &references),
        across: axis.title().into(),
        scale: if paper.layout == Layout::Layers { PlotScale::Whole } else { PlotScale::Logarithmic },
        csv: csv(&figures, &axis),
        series,
        references,
    })
}

/// The figures of a task's first metric on its first set, each once: what is compared stands in several columns.
fn figures<'a>(paper: &'a PaperTable, task: &Task, metric: Metric) -> Vec<Figure<'a>> {
    let mut figures: Vec<Figure> = Vec::new();
    for row in &paper.rows {
        for (column, cell) in paper.columns.iter().zip(&row.cells) {
            let of_task = column.task == *task && column.metric == metric && column.set == 0;
            let Some(cell) = cell.as_ref().filter(|_| of_task) else { continue };
            if figures.iter().all(|known| known.cell.mask != cell.mask) {
                figures.push(Figure { cell, trainable: row.trainable });
            }
        }
    }
    figures
}

/// What a plot's horizontal axis measures.
enum Axis {
    /// The share of the model's parameters that train, in percent.
    Share {
        /// The model's parameters.
        all: u64,
    },
    /// The parameters that train, where the model's are not known.
    Trained,
    /// The block.
    Block,
    /// The number of outliers in each LayerNorm.
    Outliers,
}

/// Where a figure stands, and with which others.
struct Position {
    x: f64,
    series: &'static str,
    style: PlotStyle,
}

impl Axis {
    fn of(layout: Layout, all: Option<u64>) -> Self {
        match (layout, all) {
            (Layout::Modules, Some(all)) => Axis::Share { all },
            (Layout::Modules, None) => Axis::Trained,
            (Layout::Layers, _) => Axis::Block,
            (Layout::Outliers, _) => Axis::Outliers,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Axis::Share { .. } => "trained parameters, % of the model",
            Axis::Trained => "trained parameters",
            Axis::Block => "block, 1 is the lowest",
            Axis::Outliers => "values per LayerNorm",
        }
    }

    /// `None` for what has no place on the axis.
    fn place(&self, figure: &Figure) -> Option<Position> {
        let trained = figure.trainable.filter(|trained| *trained > 0);
        let alone = |x| Position { x, series: "", style: PlotStyle::Points };
        match (self, &figure.cell.mask) {
            (Axis::Share { all }, _) => Some(alone(trained? as f64 / *all as f64 * 100.0)),
            (Axis::Trained, _) => Some(alone(trained? as f64)),
            (Axis::Block, Mask::SingleNorm(block)) => {
                Some(Position { x: *block as f64, series: "LayerNorms of one block", style: PlotStyle::Line })
            }
            (Axis::Outliers, Mask::Outliers(n)) => {
                Some(Position { x: *n as f64, series: "outliers", style: PlotStyle::Line })
            }
            (Axis::Outliers, Mask::OutliersRandom { count, .. }) => {
                Some(Position { x: *count as f64, series: "random control", style: PlotStyle::Dashed })
            }
            (Axis::Block | Axis::Outliers, _) => None,
        }
    }
}

/// A figure as a point; `None` where no seed has a number.
fn point(figure: &Figure, x: f64, metric: Metric, axis: &Axis) -> Option<PlotPoint> {
    let Figure { cell, trainable } = figure;
    let unit = if metric.in_percent() { 100.0 } else { 1.0 };
    let (value, std) = (cell.summary.mean * unit, cell.summary.std * unit);
    let deviation = if std.is_finite() { std } else { 0.0 };
    let mut said = format!("{}: {}", cell.mask, mean_and_deviation(metric, cell.summary));
    if let (Axis::Share { all }, Some(trained)) = (axis, trainable) {
        said += &format!(", trains {}", percent(*trained as f64 / *all as f64));
    }
    said.extend(cell.share().map(|share| format!(", {share}")));
    if cell.is_provisional() {
        said += ", runs to come";
    }
    let whole = cell.settled && cell.gap.is_none();
    value.is_finite().then(|| PlotPoint {
        mask: cell.mask.clone(),
        x,
        value,
        low: value - deviation,
        high: value + deviation,
        state: if whole { PlotState::Whole } else { PlotState::Partial },
        said,
        runs: cell.runs.clone(),
    })
}

/// What is to be seen, in sentences.
fn summary(series: &[PlotSeries], references: &[PlotPoint]) -> String {
    let points = || series.iter().flat_map(|series| &series.points);
    let highest = points().max_by(|a, b| a.value.total_cmp(&b.value));
    let lowest = points().min_by(|a, b| a.value.total_cmp(&b.value));
    let mut sentences = vec![format!("{}.", count(points().count(), "mask"))];
    sentences.extend(highest.map(|point| format!("Highest: {}.", point.said)));
    sentences.extend(lowest.map(|point| format!("Lowest: {}.", point.said)));
    let compared: Vec<&str> = references.iter().map(|point| point.said.as_str()).collect();
    if !compared.is_empty() {
        sentences.push(format!("For comparison: {}.", compared.join("; ")));
    }
    sentences.join(" ")
}

/// A line for each figure, unrounded and in the metric's own unit (not percent).
fn csv(figures: &[Figure], axis: &Axis) -> String {
    let number = |x: f64| if x.is_finite() { x.to_string() } else { String::new() };
    let mut lines = vec![["mask", "trainable", "x", "mean", "std", "n", "seeds"].map(str::to_owned)];
    lines.extend(figures.iter().map(|figure| {
        let Figure { cell, trainable } = figure;
        [
            cell.mask.to_string(),
            trainable.map_or_else(String::new, |n| n.to_string()),
            axis.place(figure).map_or_else(String::new, |place| place.x.to_string()),
            number(cell.summary.mean),
            number(cell.summary.std),
            cell.summary.n.to_string(),
            cell.seeds.to_string(),
        ]
    }));
    csv_text(&lines)
}

//! What a page lets the server work out: reports on an experiment.
//!
//! The server makes them from the log and from what runs left, and sends them as blocks, which the page draws. In
//! reading order:

/// What a report is made of.
mod block;
/// Matrices of coloured figures.
mod heat;
/// Claims with intervals.
mod forest;
/// Points on two axes.
mod plot;
/// Weights by module and block.
mod weights;
/// LayerNorms over the epochs.
mod norms;

pub use block::{Block, Cell, Column, Figure, File, FileForm, Link, Panel, Report, Table, Warning};
pub use forest::{Finding, Forest, ForestClaim, ForestRow, OpenClaim};
pub use heat::{Choice, HeatCell, HeatMap, HeatRow};
pub use norms::{NormEpochs, NormVector, NormVectors};
pub use plot::{Plot, PlotPoint, PlotScale, PlotSeries, PlotState, PlotStyle};
pub use weights::{WeightBins, WeightMap, WeightModule, WeightPart};

use crate::object::objects_only;
use crate::run::RunId;
use serde::{Deserialize, Serialize};

/// Most bytes of figures of others that go along with a request.
pub const MAX_REFERENCE_BYTES: usize = 200_000;

/// What a report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// The result table as runs finish.
    #[default]
    Results,
    /// The results as one of the paper's tables, with run hashes.
    Table,
    /// The paper's claims held against the results.
    Verdicts,
    /// Every learning rate and seed behind each cell.
    Rates,
    /// How the model's weights are distributed, and what a run changed of them.
    Weights,
}

/// How a table is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Tables 1 and 2: a row for each mask, a column for each task.
    #[default]
    Modules,
    /// Table 3: a row for each block of `single_norm`, `full` and `frozen` above if they are there.
    Layers,
    /// Table 4: a row for each number of outliers; of each task the outliers beside their random control.
    Outliers,
}

/// Every kind with its word in an address.
pub const REPORT_WORDS: [(ReportKind, &str); 5] = [
    (ReportKind::Results, "results"),
    (ReportKind::Table, "table"),
    (ReportKind::Verdicts, "verdicts"),
    (ReportKind::Rates, "rates"),
    (ReportKind::Weights, "weights"),
];

/// Every layout with its word in an address.
pub const LAYOUT_WORDS: [(Layout, &str); 3] =
    [(Layout::Modules, "modules"), (Layout::Layers, "layers"), (Layout::Outliers, "outliers")];

/// A report that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
pub struct ReportRequest {
    /// What it is about.
    pub kind: ReportKind,
    /// How a table is laid out; by what masks there are if `None`.
    pub layout: Option<Layout>,
    /// What difference does not matter to verdicts, in percentage points; 2 if `None`.
    pub margin: Option<f64>,
    /// The run whose weights are shown.
    pub run: Option<RunId>,
    /// Figures of others that a table stands beside.
    pub reference: Option<ReferenceFile>,
}

/// Figures of others, as the user has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ReferenceFile {
    /// The file's name: the source of figures that name none.
    pub name: String,
    /// CSV, at most [`MAX_REFERENCE_BYTES`].
    pub text: String,
}

objects_only!(ReportRequest);
objects_only!(ReferenceFile);

/// The word of a kind.
pub fn kind_word(kind: ReportKind) -> &'static str {
    REPORT_WORDS.iter().find(|(k, _)| *k == kind).map_or("", |(_, word)| word)
}

/// The word of a layout.
pub fn layout_word(layout: Layout) -> &'static str {
    LAYOUT_WORDS.iter().find(|(l, _)| *l == layout).map_or("", |(_, word)| word)
}

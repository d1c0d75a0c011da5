//! What a report is made of: blocks, from top to bottom, as data. Texts are plain, and what stands between backticks is
//! code; whoever shows a report decides how it looks and where its links lead.

use super::{Forest, HeatMap, NormEpochs, Plot, ReportRequest, WeightMap};
use crate::event::ExperimentId;
use crate::mask::Mask;
use crate::run::RunId;
use serde::{Deserialize, Serialize};

/// A report on an experiment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A heading below that of the report.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// What a reader must know of what stands above, a sentence each.
    Notes(Vec<String>),
    /// A choice between reports on the same experiment.
    Links {
        /// What is chosen.
        label: String,
        /// The choices.
        links: Vec<Link>,
    },
    /// A table.
    Table(Table),
    /// A picture.
    Figure(Figure),
    /// Matrices of figures beside each other.
    HeatMaps(Vec<HeatMap>),
    /// Points on two axes, plots beside each other.
    Plots(Vec<Plot>),
    /// Claims with the differences that speak for or against them.
    Forest(Forest),
    /// Weights by module and block.
    Weights(WeightMap),
    /// LayerNorms over the epochs of a run.
    NormEpochs(NormEpochs),
    /// What is shown when it is asked for.
    Fold {
        /// What it is.
        summary: String,
        /// What it holds.
        blocks: Vec<Block>,
    },
    /// What stands above, to keep.
    Files {
        /// What it is: `results`.
        what: String,
        /// The forms.
        files: Vec<File>,
    },
}

/// Another report on the same experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// For people.
    pub text: String,
    /// The report that it leads to.
    pub target: ReportRequest,
    /// Whether it is this one.
    pub here: bool,
}

/// A table; the first cell of a row is its head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// The table as files to download; absent where the report's own files contain it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
}

impl Table {
    /// One without files.
    pub fn new(caption: impl Into<String>, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
        Table { caption: caption.into(), columns, rows, files: Vec::new() }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its title.
    pub title: String,
    /// Whether it holds numbers.
    pub number: bool,
}

/// A cell. What it has not is left out on the wire: most cells are a text and some runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What it says below, smaller.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub under: String,
    /// What a reader is warned of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Warning>,
    /// Whether it stands out.
    #[serde(skip_serializing_if = "is_false")]
    pub strong: bool,
    /// Whether it is a name.
    #[serde(skip_serializing_if = "is_false")]
    pub code: bool,
    /// The mask that it names, if that has a colour in the charts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// The runs of the experiment that are behind it, to which it leads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunId>,
    /// The experiment that they are seen from, where a report is on several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_from: Option<ExperimentId>,
}

/// A sign behind a cell's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// The sign.
    pub sign: char,
    /// What it warns of.
    pub reason: String,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it shows.
    pub caption: String,
    /// How to read it.
    pub legend: String,
    /// Its panels, which are laid out by the room there is.
    pub panels: Vec<Panel>,
    /// All of it, and its numbers, to keep.
    pub files: Vec<File>,
}

/// A part of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// What it shows, for a reader who does not see it.
    pub summary: String,
    /// A whole SVG file.
    pub svg: String,
}

/// A text to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Its form.
    pub form: FileForm,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileForm {
    /// A table of numbers.
    Csv,
    /// A table for people.
    Markdown,
    /// A table for a paper.
    Latex,
    /// A JSON object a line.
    JsonLines,
    /// A picture.
    Svg,
}

impl FileForm {
    /// Its name, for people.
    pub fn title(self) -> &'static str {
        match self {
            FileForm::Csv => "CSV",
            FileForm::Markdown => "Markdown",
            FileForm::Latex => "LaTeX",
            FileForm::JsonLines => "JSON Lines",
            FileForm::Svg => "SVG",
        }
    }

    /// Its media type.
    pub fn media(self) -> &'static str {
        match self {
            FileForm::Csv => "text/csv",
            FileForm::Markdown => "text/markdown",
            FileForm::Latex => "application/x-tex",
            FileForm::JsonLines => "application/jsonl",
            FileForm::Svg => "image/svg+xml",
        }
    }

    /// The ending of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            FileForm::Csv => "csv",
            FileForm::Markdown => "md",
            FileForm::Latex => "tex",
            FileForm::JsonLines => "jsonl",
            FileForm::Svg => "svg",
        }
    }
}

impl Column {
    /// A column of words.
    pub fn words(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: false }
    }
    /// A column of numbers.
    pub fn numbers(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: true }
    }
}

impl Cell {
    /// A plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
    /// A name.
    pub fn code(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: true, ..Self::default() }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

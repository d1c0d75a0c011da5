//! Figures as points on two axes, with how much they vary, beside lines for comparison.
//!
//! Numbers are as a reader sees them: percentages where a metric is in percent. A point that is not finite is not there; one that does not
//! vary, or of which it is not known, has its value for both ends.

use crate::mask::Mask;
use crate::run::RunId;
use serde::{Deserialize, Serialize};

/// A plot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// What it shows, for a reader who does not see it.
    pub summary: String,
    /// What the horizontal axis measures.
    pub across: String,
    /// How it is divided.
    pub scale: PlotScale,
    /// Its points.
    pub series: Vec<PlotSeries>,
    /// What they are compared with: lines from edge to edge.
    pub references: Vec<PlotPoint>,
    /// Its numbers, unrounded.
    pub csv: String,
}

/// How a horizontal axis is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlotScale {
    /// Whole numbers, a step each.
    Whole,
    /// Equal ratios take equal space; above 0.
    Logarithmic,
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotSeries {
    /// What they are; empty where each point has its own name.
    pub name: String,
    /// How they are drawn.
    pub style: PlotStyle,
    /// The points, from left to right.
    pub points: Vec<PlotPoint>,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlotStyle {
    /// Points alone, each with its name and a bar.
    Points,
    /// Joined by a line, with a band.
    Line,
    /// Joined by a dashed line, with bars: the control.
    Dashed,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotPoint {
    /// What it is of.
    pub mask: Mask,
    /// Where it stands on the horizontal axis; of a line for comparison nowhere: 0.
    pub x: f64,
    /// The mean.
    pub value: f64,
    /// One standard deviation below.
    pub low: f64,
    /// One standard deviation above.
    pub high: f64,
    /// Whether it is over all seeds and all their learning rates.
    pub state: PlotState,
    /// All of it in words.
    pub said: String,
    /// The runs behind it, to which it leads.
    pub runs: Vec<RunId>,
}

/// Whether runs of a figure are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlotState {
    /// None is.
    Whole,
    /// It may change, or is over fewer seeds.
    Partial,
}

//! How all charts of an experiment are drawn; part of the address.

use crate::grouping::Grouping;
use crate::legend::Colours;

/// What stands on the horizontal axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// Steps done.
    #[default]
    Step,
    /// Epochs done.
    Epoch,
    /// Seconds of training.
    Time,
}

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScaleKind {
    /// Equal differences take equal space.
    #[default]
    Linear,
    /// Equal ratios take equal space: only what is above 0 has a place.
    Logarithmic,
}

/// Whether single values far from all others stretch the vertical axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outliers {
    /// Yes: every value is in sight.
    #[default]
    Shown,
    /// No: the axis spans the middle nine tenths of the values.
    Ignored,
}

/// How charts are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The horizontal axis.
    pub axis: Axis,
    /// Weight of the past in the smoothed line, 0 to below 1.
    pub smoothing: f64,
    /// How positions are spread over the horizontal axis.
    pub x_scale: ScaleKind,
    /// How losses and norms are spread over the vertical axis; all else stands on a linear one.
    pub loss_scale: ScaleKind,
    /// Which runs make one line, if the reader chose.
    pub grouping: Option<Grouping>,
    /// What single values do to the vertical axis.
    pub outliers: Outliers,
    /// Colours that the reader has chosen.
    pub colours: Colours,
}

impl Default for Setting {
    fn default() -> Self {
        Setting {
            axis: Axis::Step,
            smoothing: 0.8,
            x_scale: ScaleKind::Linear,
            loss_scale: ScaleKind::Linear,
            grouping: None,
            outliers: Outliers::Shown,
            colours: Colours::default(),
        }
    }
}

impl ScaleKind {
    /// The word in an address; a linear axis has none.
    pub fn word(self) -> Option<&'static str> {
        match self {
            ScaleKind::Linear => None,
            ScaleKind::Logarithmic => Some("1"),
        }
    }

    /// Reads [`ScaleKind::word`].
    pub fn read(word: &str) -> ScaleKind {
        if word == "1" { ScaleKind::Logarithmic } else { ScaleKind::Linear }
    }
}

impl Axis {
    /// Every axis.
    pub const ALL: [Axis; 3] = [Axis::Step, Axis::Epoch, Axis::Time];

    /// The word in an address.
    pub fn word(self) -> &'static str {
        match self {
            Axis::Step => "step",
            Axis::Epoch => "epoch",
            Axis::Time => "time",
        }
    }
    /// What stands at the axis if it is linear.
    pub fn title(self) -> &'static str {
        match self {
            Axis::Step => "Step",
            Axis::Epoch => "Epoch",
            Axis::Time => "Training time",
        }
    }
    /// Reads [`Axis::word`].
    pub fn read(word: &str) -> Option<Axis> {
        Axis::ALL.into_iter().find(|a| a.word() == word)
    }
}

//! A chart's size, and where within it its lines are drawn.

use crate::interval::Interval;

/// A chart's size in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlotSize {
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
}

/// The part of a chart within its axes: its edges, in pixels from the chart's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlotArea {
    /// The left edge, where the vertical axis stands.
    pub left: f64,
    /// The right edge.
    pub right: f64,
    /// The upper edge.
    pub top: f64,
    /// The lower edge, where the horizontal axis stands.
    pub bottom: f64,
}

impl PlotSize {
    /// The chart without its margins: the ticks of the axes stand left of it and below it, there with the axis's title.
    pub fn area(self) -> PlotArea {
        PlotArea { left: 46.0, right: self.width - 10.0, top: 8.0, bottom: self.height - 38.0 }
    }
}

impl PlotArea {
    /// Its width in pixels.
    pub fn width(self) -> f64 {
        self.right - self.left
    }

    /// Its height in pixels.
    pub fn height(self) -> f64 {
        self.bottom - self.top
    }

    /// The pixels of the horizontal axis.
    pub fn across(self) -> Interval {
        Interval::new(self.left, self.right)
    }

    /// The pixels of the vertical axis.
    pub fn upwards(self) -> Interval {
        Interval::new(self.bottom, self.top)
    }

    /// Whether a pixel of the horizontal axis lies within it.
    pub fn has_column(self, pixel: f64) -> bool {
        (self.left - 0.5..=self.right + 0.5).contains(&pixel)
    }

    /// The pixel of the horizontal axis within it that is nearest to this one.
    pub fn clamp_column(self, pixel: f64) -> f64 {
        pixel.clamp(self.left, self.right)
    }
}

//! Which part of its axes a chart shows. Pure. All charts of a board share the horizontal part; the vertical one is a
//! chart's own.

use super::scale::Scale;
use crate::interval::Interval;

/// The parts shown; all of an axis where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Zoom {
    /// What is seen of the horizontal axis.
    pub x: Option<Interval>,
    /// What is seen of the vertical axis.
    pub y: Option<Interval>,
}

/// The part of an axis between two pixels.
pub fn part(scale: &Scale, from: f64, to: f64) -> Option<Interval> {
    Interval::between(scale.pixel_to_value(from), scale.pixel_to_value(to))
}

/// An axis moved by some pixels.
pub fn moved(scale: &Scale, pixels: f64) -> Option<Interval> {
    part(scale, scale.range.start + pixels, scale.range.end + pixels)
}

/// An axis of which `share` is shown, more than all of it if that is above 1; the value at a pixel stays where it is.
pub fn stretched(scale: &Scale, pixel: f64, share: f64) -> Option<Interval> {
    let end = |end: f64| pixel + (end - pixel) * share;
    part(scale, end(scale.range.start), end(scale.range.end))
}

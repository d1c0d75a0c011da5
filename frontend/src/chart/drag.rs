//! What a drag over a chart means. Pure.

use super::area::PlotArea;
use super::drawing::Drawing;
use super::scale::Scale;
use super::shapes::Rect;
use super::zoom::{Zoom, moved, part};

/// Pixels that a pointer must be dragged for a zoom along the horizontal axis.
const DRAG_PIXELS: f64 = 6.0;
/// The same along the vertical one: more, because a drag to the side is seldom level.
const STEEP_PIXELS: f64 = 32.0;

/// What a drag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DragKind {
    /// Chooses the part to be shown.
    Select,
    /// Moves what is shown.
    Pan,
}

/// A place in pixels from the chart's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixel {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// A drag over a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drag {
    /// What it does.
    pub kind: DragKind,
    /// Where it began.
    pub from: Pixel,
    /// Where it is.
    pub to: Pixel,
    /// The horizontal axis when it began.
    pub x: Scale,
    /// The vertical axis when it began.
    pub y: Scale,
}

impl Drag {
    /// One that begins.
    pub fn begin(kind: DragKind, at: Pixel, drawing: &Drawing) -> Drag {
        Drag { kind, from: at, to: at, x: drawing.x, y: drawing.y }
    }

    fn is_wide(&self) -> bool {
        (self.to.x - self.from.x).abs() >= if self.is_steep() { STEEP_PIXELS } else { DRAG_PIXELS }
    }

    fn is_steep(&self) -> bool {
        (self.to.y - self.from.y).abs() >= STEEP_PIXELS
    }

    /// Whether the pointer has moved so far that this is no click.
    pub fn is_drag(&self) -> bool {
        self.is_wide() || self.is_steep()
    }

    /// The parts that it chooses: along the axes along which it went far enough.
    pub fn selected(&self) -> Zoom {
        Zoom {
            x: self.is_wide().then(|| part(&self.x, self.from.x, self.to.x)).flatten(),
            y: self.is_steep().then(|| part(&self.y, self.from.y, self.to.y)).flatten(),
        }
    }

    /// The axes moved along with the pointer; the vertical one only if a part of it was shown before.
    pub fn panned(&self, before: Zoom) -> Zoom {
        Zoom {
            x: moved(&self.x, self.from.x - self.to.x),
            y: before.y.and_then(|_| moved(&self.y, self.from.y - self.to.y)),
        }
    }

    /// What it would choose, as a rectangle within the plot.
    pub fn rect(&self, area: PlotArea) -> Rect {
        let column = |pixel: f64| area.clamp_column(pixel);
        let row = |pixel: f64| pixel.clamp(area.top, area.bottom);
        let (left, right) = match self.is_wide() || !self.is_steep() {
            true => (column(self.from.x.min(self.to.x)), column(self.from.x.max(self.to.x))),
            false => (area.left, area.right),
        };
        let (top, bottom) = match self.is_steep() {
            true => (row(self.from.y.min(self.to.y)), row(self.from.y.max(self.to.y))),
            false => (area.top, area.bottom),
        };
        Rect { x: left, y: top, width: right - left, height: bottom - top }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::zoom::stretched;
    use crate::interval::Interval;
    use crate::setting::ScaleKind;

    const AREA: PlotArea = PlotArea { left: 0.0, right: 100.0, top: 0.0, bottom: 50.0 };

    fn drag(from: Pixel, to: Pixel) -> Drag {
        let x = Scale::linear(Interval::new(0.0, 10.0), AREA.across());
        let y = Scale::new(ScaleKind::Logarithmic, Interval::new(1.0, 100.0), AREA.upwards());
        Drag { kind: DragKind::Select, from, to, x, y }
    }

    fn between(start: f64, end: f64) -> Option<Interval> {
        Interval::between(start, end)
    }

    #[test]
    fn a_drag_chooses_along_the_axes_along_which_it_goes() {
        let at = |x, y| Pixel { x, y };
        let level = drag(at(80.0, 10.0), at(20.0, 20.0));
        assert_eq!(level.selected(), Zoom { x: between(2.0, 8.0), y: None });
        assert_eq!(level.rect(AREA), Rect { x: 20.0, y: 0.0, width: 60.0, height: 50.0 });
        let steep = drag(at(50.0, 0.0), at(60.0, 50.0));
        assert_eq!(steep.selected().x, None);
        assert!(
            steep.selected().y.is_some_and(|y| (y.start - 1.0).abs() < 1e-9 && (y.end - 100.0).abs() < 1e-9)
        );
        assert_eq!(steep.rect(AREA).width, 100.0);
        let both = drag(at(0.0, 0.0), at(50.0, 40.0));
        assert!(both.selected().x.is_some() && both.selected().y.is_some());
        let click = drag(at(50.0, 10.0), at(53.0, 20.0));
        assert!(!click.is_drag() && click.selected() == Zoom::default());
    }

    #[test]
    fn axes_move_and_stretch() {
        let at = |x, y| Pixel { x, y };
        let pan = drag(at(50.0, 10.0), at(60.0, 35.0));
        assert_eq!(pan.panned(Zoom::default()), Zoom { x: between(-1.0, 9.0), y: None });
        let y = pan.panned(Zoom { x: None, y: between(1.0, 100.0) }).y;
        assert!(y.is_some_and(|y| (y.start - 10.0).abs() < 1e-9 && (y.end - 1000.0).abs() < 1e-6), "{y:?}");
        assert_eq!(stretched(&pan.x, 50.0, 0.5), between(2.5, 7.5));
        assert_eq!(stretched(&pan.x, 0.0, 2.0), between(0.0, 20.0));
    }
}

//! What a diagram is drawn of: shapes in pixels, and above them the figures that lead somewhere.

use crate::interval::Interval;
use tunemask_shared::run::RunId;

/// A drawn diagram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagram {
    /// Its width in pixels; more than there was room for where less would not be read.
    pub width: f64,
    /// Its height in pixels.
    pub height: f64,
    /// Its shapes, the lowest first.
    pub shapes: Vec<Shape>,
    /// What can be pointed at, in reading order.
    pub targets: Vec<Target>,
}

/// A shape with the class that gives it its colours.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rectangle with corners that are a little round.
    Rect { class: String, area: Area },
    /// A path.
    Path { class: String, d: String },
    /// A line of text.
    Text { class: String, x: f64, y: f64, anchor: Anchor, text: String },
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its first letter.
    Start,
    /// Its middle.
    Middle,
    /// Its last letter.
    End,
}

/// A figure that leads to the runs behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What it says.
    pub said: String,
    /// The runs; none where there is nothing to lead to.
    pub runs: Vec<RunId>,
    /// Where a pointer meets it.
    pub area: Area,
}

impl Anchor {
    /// That of a word in SVG.
    pub fn of_word(word: &str) -> Anchor {
        match word {
            "middle" => Anchor::Middle,
            "end" => Anchor::End,
            _ => Anchor::Start,
        }
    }

    /// Its word in SVG.
    pub fn word(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

impl Area {
    /// A square around a point.
    pub fn around(x: f64, y: f64, side: f64) -> Self {
        Self { x: x - side / 2.0, y: y - side / 2.0, width: side, height: side }
    }

    /// Its middle from left to right.
    pub fn middle(self) -> f64 {
        self.x + self.width / 2.0
    }

    /// Its middle from top to bottom.
    pub fn centre(self) -> f64 {
        self.y + self.height / 2.0
    }

    /// Its lower edge.
    pub fn bottom(self) -> f64 {
        self.y + self.height
    }

    /// Its right edge.
    pub fn right(self) -> f64 {
        self.x + self.width
    }

    /// The pixels of a horizontal axis along it.
    pub fn across(self) -> Interval {
        Interval::new(self.x, self.right())
    }

    /// The pixels of a vertical axis along it.
    pub fn upwards(self) -> Interval {
        Interval::new(self.bottom(), self.y)
    }

    /// Whether two have a point in common.
    pub fn meets(self, other: Area) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

impl Diagram {
    /// Adds a text.
    pub fn text(&mut self, class: &str, x: f64, y: f64, anchor: Anchor, text: impl Into<String>) {
        self.shapes.push(Shape::Text { class: class.to_owned(), x, y, anchor, text: text.into() });
    }

    /// Adds a rectangle.
    pub fn rect(&mut self, class: &str, area: Area) {
        self.shapes.push(Shape::Rect { class: class.to_owned(), area });
    }

    /// Adds a path.
    pub fn path(&mut self, class: impl Into<String>, d: String) {
        self.shapes.push(Shape::Path { class: class.into(), d });
    }
}

/// About how wide a text is at a size in pixels. Letters of the page's fonts are nowhere wider on average.
pub fn text_width(text: &str, size: f64) -> f64 {
    0.6 * size * text.chars().count() as f64
}

/// A text cut to a width with an ellipsis, whole if it fits.
pub fn fitted(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let letters = (width / text_width("m", size)).floor() as usize;
    let kept: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_its_room() {
        assert_eq!(fitted("layernorms", 12.0, 100.0), "layernorms");
        let cut = fitted("outliers_random:256", 12.0, 60.0);
        assert!(cut.ends_with('…') && text_width(&cut, 12.0) <= 60.0, "{cut}");
        assert_eq!(fitted("abc", 12.0, 0.0), "…");
    }

    #[test]
    fn areas_that_touch_do_not_meet() {
        let area = Area::around(10.0, 10.0, 4.0);
        assert_eq!((area.middle(), area.centre(), area.right(), area.bottom()), (10.0, 10.0, 12.0, 12.0));
        assert!(area.meets(Area::around(13.0, 12.0, 4.0)) && !area.meets(Area::around(14.0, 10.0, 4.0)));
    }
}

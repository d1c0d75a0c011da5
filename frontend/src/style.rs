//! How a line is drawn, and the shapes of its marks.

/// Colours of the palette in `static/styles`; `--series-0` is the first.
pub const COLOURS: usize = 10;
/// Dash patterns; the first is a solid line.
pub const DASHES: usize = 8;
/// Marks; the first is none.
pub const MARKS: usize = 5;
/// Widths; the first is the usual one.
pub const WIDTHS: usize = 3;

/// How a line is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Place in the palette.
    pub colour: usize,
    /// Dash pattern.
    pub dash: usize,
    /// Marks upon it.
    pub mark: usize,
    /// Its width.
    pub width: usize,
}

impl std::ops::Add for Style {
    type Output = Style;

    /// Puts parts of a style together, of which each has what the others have not.
    fn add(self, other: Style) -> Style {
        Style {
            colour: self.colour + other.colour,
            dash: self.dash + other.dash,
            mark: self.mark + other.mark,
            width: self.width + other.width,
        }
    }
}

impl Style {
    /// The classes of a path in this style.
    pub fn classes(self) -> String {
        let mut classes = format!("s{} d{}", self.colour, self.dash);
        if self.width > 0 {
            classes.push_str(&format!(" w{}", self.width));
        }
        classes
    }

    /// The path of its mark at a point; nothing if it has none.
    pub fn mark_at(self, x: f64, y: f64) -> String {
        let shape = match self.mark {
            0 => return String::new(),
            1 => "m-3.2,-3.2h6.4v6.4h-6.4z",
            2 => "m0,-4.2l4.2,7.4h-8.4z",
            3 => "m0,-4.6l4.6,4.6l-4.6,4.6l-4.6,-4.6z",
            _ => "m-1.4,-4.2h2.8v2.8h2.8v2.8h-2.8v2.8h-2.8v-2.8h-2.8v-2.8h2.8z",
        };
        format!("M{x:.1},{y:.1}{shape}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_has_a_shape_of_its_own() {
        let shapes: Vec<String> =
            (0..MARKS).map(|mark| Style { mark, ..Style::default() }.mark_at(1.0, 2.0)).collect();
        assert!(shapes[0].is_empty());
        assert!((1..MARKS).all(|i| shapes[i].starts_with("M1.0,2.0m") && !shapes[..i].contains(&shapes[i])));
    }
}

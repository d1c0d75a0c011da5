//! Differences with their intervals on one axis, claim by claim.
//!
//! All claims share the axis. It holds every difference and twice the margin; an interval that reaches further ends in an arrow.
//! A difference of which nothing tells how it varies has no interval; one that is not a number is not drawn.

use super::mark::{Anchor, Area, Diagram, Target, fitted, text_width};
use crate::chart::scale::{Scale, padded};
use crate::interval::Interval;
use crate::setting::ScaleKind;
use tunemask_shared::report::{Finding, Forest, ForestClaim, ForestRow};
use tunemask_shared::ticks;

/// From a comparison to the next: beside each other, or the names above the intervals.
const ROW: f64 = 26.0;
const TALL_ROW: f64 = 40.0;
/// Room for the axis below the comparisons.
const AXIS: f64 = 36.0;
/// A line of a claim's sentence where it stands in the picture.
const LINE: f64 = 17.0;
/// Below this width names stand above their intervals.
const NARROW: f64 = 620.0;
/// The most that names take.
const NAMES: f64 = 330.0;
/// For the numbers beside the intervals.
const NUMBERS: f64 = 130.0;
const NAME_SIZE: f64 = 12.0;
/// Half of a mark's width.
const MARK: f64 = 4.5;
/// How far beyond the margins and the differences the axis reaches at most, as a multiple of them.
const REACH: f64 = 2.0;

/// Whether claims stand above their comparisons in the picture, as in a file, or beside it on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headings {
    /// They do.
    Drawn,
    /// They do not.
    Left,
}

/// The ends of the axis that all claims of a forest share, in points.
pub fn ends(forest: &Forest) -> Interval {
    let rows = || forest.claims.iter().flat_map(|claim| &claim.comparisons);
    let known = rows().flat_map(|row| [row.low, row.high, row.difference]).filter(|x| x.is_finite());
    let differences = rows().map(|row| row.difference.abs()).filter(|x| x.is_finite());
    let most = differences.fold(forest.margin, f64::max) * REACH;
    let span = known.fold(Interval::new(-forest.margin, forest.margin), Interval::reaching);
    padded(ScaleKind::Linear, Interval::new(span.start.max(-most), span.end.min(most)), 0.04)
}

/// Draws some claims of a forest into this width, one below the other.
pub fn forest(all: &Forest, claims: &[&ForestClaim], width: f64, headings: Headings) -> Diagram {
    let frame = Frame::new(all, width);
    let mut drawn = Diagram { width: frame.width, ..Diagram::default() };
    let mut top = 4.0;
    for claim in claims {
        if headings == Headings::Drawn {
            top += 8.0;
            drawn.text(
                &format!("strong {}", class(claim.finding)),
                0.0,
                top + 11.0,
                Anchor::Start,
                format!("{} {}", sign(claim.finding), claim.finding.title()),
            );
            top += LINE;
            for line in wrapped(&claim.sentence, NAME_SIZE, frame.width) {
                drawn.text("sentence", 0.0, top + 11.0, Anchor::Start, line);
                top += LINE;
            }
        }
        top = frame.claim(&mut drawn, claim, top);
    }
    drawn.height = top;
    drawn
}

/// Where names, intervals and numbers stand.
struct Frame {
    width: f64,
    scale: Scale,
    margin: f64,
    names: f64,
    narrow: bool,
    axis_title: String,
}

impl Frame {
    fn new(all: &Forest, width: f64) -> Self {
        let width = width.max(260.0);
        let narrow = width < NARROW;
        let rows = all.claims.iter().flat_map(|claim| &claim.comparisons);
        let longest = rows.map(|row| text_width(&row.name, NAME_SIZE)).fold(0.0, f64::max) + 12.0;
        let names = if narrow { 0.0 } else { longest.min(NAMES) };
        let right = if narrow { width } else { width - NUMBERS };
        Self {
            width,
            scale: Scale::linear(ends(all), Interval::new(names + 10.0, right - 10.0)),
            margin: all.margin,
            names,
            narrow,
            axis_title: format!("difference in points, {}", all.intervals),
        }
    }

    /// Draws a claim's comparisons below `top`, and their axis; gives where it ends.
    fn claim(&self, drawn: &mut Diagram, claim: &ForestClaim, top: f64) -> f64 {
        let row_height = if self.narrow { TALL_ROW } else { ROW };
        let bottom = top + row_height * claim.comparisons.len() as f64;
        let at = |value: f64| self.scale.value_to_pixel(value);
        let (from, to) = (at(-self.margin), at(self.margin));
        drawn.rect("margin", Area { x: from, y: top, width: to - from, height: bottom - top });
        drawn.path("zero", format!("M{:.1} {top:.1}V{bottom:.1}", at(0.0)));
        for (i, row) in claim.comparisons.iter().enumerate() {
            let area = Area { x: 0.0, y: top + row_height * i as f64, width: self.width, height: row_height };
            self.row(drawn, row, area);
        }
        self.axis(drawn, bottom);
        bottom + AXIS
    }

    fn row(&self, drawn: &mut Diagram, row: &ForestRow, area: Area) {
        let (baseline, y) =
            if self.narrow { (area.y + 13.0, area.y + 26.0) } else { (area.centre() + 4.0, area.centre()) };
        let numbers = text_width(&row.text, 11.0);
        let room = if self.narrow { self.width - numbers - 12.0 } else { self.names };
        drawn.text("name", 0.0, baseline, Anchor::Start, fitted(&row.name, NAME_SIZE, room));
        drawn.text("number", self.width, baseline, Anchor::End, row.text.clone());
        if row.difference.is_finite() {
            self.interval(drawn, row, y);
        }
        if !row.runs.is_empty() {
            drawn.targets.push(Target { said: row.said.clone(), runs: row.runs.clone(), area });
        }
    }

    /// The interval with its ends, and the difference as a mark whose shape says what it shows.
    fn interval(&self, drawn: &mut Diagram, row: &ForestRow, y: f64) {
        let Interval { start: left, end: right } = self.scale.range;
        let (low, high) = (self.scale.value_to_pixel(row.low), self.scale.value_to_pixel(row.high));
        if low.is_finite() && high.is_finite() {
            let (from, to) = (low.clamp(left, right), high.clamp(left, right));
            let bar = |x: f64| format!("M{x:.1} {:.1}v8", y - 4.0);
            let arrow = |x: f64, towards: f64| {
                format!("M{:.1} {:.1}L{x:.1} {y:.1}l{:.1} 4", x - 5.0 * towards, y - 4.0, -5.0 * towards)
            };
            let lower = if low >= left { bar(from) } else { arrow(from, -1.0) };
            let upper = if high <= right { bar(to) } else { arrow(to, 1.0) };
            drawn.path(
                format!("interval {}", class(row.finding)),
                format!("M{from:.1} {y:.1}H{to:.1}{lower}{upper}"),
            );
        }
        let x = self.scale.value_to_pixel(row.difference).clamp(left, right);
        drawn.path(format!("verdict {}", class(row.finding)), mark(row.finding, x, y));
    }

    fn axis(&self, drawn: &mut Diagram, top: f64) {
        let Interval { start: left, end: right } = self.scale.range;
        drawn.path("axis", format!("M{left:.1} {top:.1}H{right:.1}"));
        let values = self.scale.ticks(if self.narrow { 5 } else { 8 });
        let labels = ticks::labels(&values, self.scale.domain.length());
        for (value, label) in values.iter().zip(labels) {
            let x = self.scale.value_to_pixel(*value);
            drawn.path("axis", format!("M{x:.1} {top:.1}v4"));
            drawn.text("tick", x, top + 15.0, Anchor::Middle, label);
        }
        drawn.text(
            "axis-title",
            self.scale.range.middle(),
            top + 29.0,
            Anchor::Middle,
            self.axis_title.clone(),
        );
    }
}

/// The class of a finding's colour.
fn class(finding: Finding) -> &'static str {
    match finding {
        Finding::Supported => "supported",
        Finding::NotSupported => "contrary",
        Finding::Undecided => "undecided",
    }
}

/// A finding's sign in a text.
fn sign(finding: Finding) -> char {
    match finding {
        Finding::Supported => '✓',
        Finding::NotSupported => '✕',
        Finding::Undecided => '?',
    }
}

/// A finding's mark: a disc, a cross, or a ring.
fn mark(finding: Finding, x: f64, y: f64) -> String {
    let (r, d) = (MARK, 2.0 * MARK);
    match finding {
        Finding::Supported | Finding::Undecided => {
            format!("M{:.1} {y:.1}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z", x - r)
        }
        Finding::NotSupported => {
            format!("M{:.1} {:.1}l{d} {d}m0 -{d}l-{d} {d}", x - r, y - r)
        }
    }
}

/// A text in lines of at most this width.
fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::mark::Shape;
    use tunemask_shared::run::RunId;

    fn row(finding: Finding, difference: f64, low: f64, high: f64) -> ForestRow {
        ForestRow {
            name: "mha − full".into(),
            finding,
            difference,
            low,
            high,
            text: "−0.4 [−1.2, 0.5]".into(),
            said: "mha less full".into(),
            runs: vec![RunId("r".into())],
        }
    }

    fn plot(comparisons: Vec<ForestRow>) -> Forest {
        let claim = ForestClaim {
            sentence: "Every module alone comes close to full fine-tuning.".into(),
            finding: Finding::Supported,
            plain: String::new(),
            comparisons,
            details: Vec::new(),
        };
        Forest {
            title: "Claims".into(),
            margin: 2.0,
            intervals: "90 % intervals".into(),
            claims: vec![claim],
            open: Vec::new(),
            csv: String::new(),
        }
    }

    fn draw(forest: &Forest, width: f64, headings: Headings) -> Diagram {
        super::forest(forest, &forest.claims.iter().collect::<Vec<_>>(), width, headings)
    }

    fn paths<'a>(drawn: &'a Diagram, class: &str) -> Vec<&'a str> {
        let of = |shape: &'a Shape| match shape {
            Shape::Path { class: own, d } if own.starts_with(class) => Some(d.as_str()),
            _ => None,
        };
        drawn.shapes.iter().filter_map(of).collect()
    }

    /// The two ends of the horizontal line that a path begins with.
    fn span(path: &str) -> Interval {
        let (from, rest) = path[1..].split_once(' ').unwrap();
        let (_, to) = rest.split_once('H').unwrap();
        let to: String = to.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        Interval::new(from.parse().unwrap(), to.parse().unwrap())
    }

    #[test]
    fn intervals_stand_where_their_ends_are_on_the_axis_that_all_share() {
        let all = plot(vec![
            row(Finding::Supported, -0.4, -1.2, 0.5),
            row(Finding::NotSupported, -4.0, -5.0, -3.0),
            row(Finding::Undecided, 1.0, f64::NAN, f64::NAN),
        ]);
        let Interval { start: low, end: high } = ends(&all);
        assert!(low < -5.0 && low > -6.0 && high > 2.0 && high < 2.5, "{low} {high}");
        let drawn = draw(&all, 800.0, Headings::Left);
        let frame = Frame::new(&all, 800.0);
        let at = |value: f64| frame.scale.value_to_pixel(value);
        let spans: Vec<Interval> = paths(&drawn, "interval").into_iter().map(span).collect();
        assert_eq!(spans.len(), 2);
        for (span, (low, high)) in spans.iter().zip([(-1.2, 0.5), (-5.0, -3.0)]) {
            assert!((span.start - at(low)).abs() < 0.1 && (span.end - at(high)).abs() < 0.1, "{span:?}");
        }
        let margin = drawn.shapes.iter().find_map(|shape| match shape {
            Shape::Rect { class, area } if class == "margin" => Some(*area),
            _ => None,
        });
        let margin = margin.unwrap();
        assert!((margin.x - at(-2.0)).abs() < 1e-9 && (margin.right() - at(2.0)).abs() < 1e-9);
        assert_eq!(paths(&drawn, "zero")[0], format!("M{:.1} 4.0V{:.1}", at(0.0), 4.0 + 3.0 * ROW));
        assert_eq!((paths(&drawn, "verdict").len(), drawn.targets.len()), (3, 3));
    }

    #[test]
    fn an_interval_that_reaches_beyond_the_axis_ends_in_an_arrow() {
        let all = plot(vec![row(Finding::Undecided, 1.0, -60.0, 62.0)]);
        let Interval { start: low, end: high } = ends(&all);
        assert!(low > -5.0 && high < 5.0, "{low} {high}");
        let drawn = draw(&all, 800.0, Headings::Left);
        let path = paths(&drawn, "interval")[0];
        let frame = Frame::new(&all, 800.0);
        assert_eq!(span(path), frame.scale.range);
        assert_eq!(path.matches('L').count(), 2, "{path}");
    }

    #[test]
    fn a_narrow_picture_has_names_above_and_a_file_has_the_claims() {
        let all = plot(vec![row(Finding::Supported, -0.4, -1.2, 0.5)]);
        let narrow = draw(&all, 340.0, Headings::Left);
        assert!(narrow.height > draw(&all, 800.0, Headings::Left).height);
        assert_eq!(narrow.width, 340.0);
        let text = |drawn: &Diagram, of: &str| {
            drawn.shapes.iter().any(|s| matches!(s, Shape::Text { text, .. } if text == of))
        };
        let file = draw(&all, 340.0, Headings::Drawn);
        assert!(text(&file, "✓ supported") && !text(&narrow, "✓ supported"));
        assert!(wrapped("Every module alone comes close", 12.0, 120.0).len() > 1);
        // What is not a number is told, not drawn.
        let none = plot(vec![row(Finding::Undecided, f64::NAN, f64::NAN, f64::NAN)]);
        assert!(paths(&draw(&none, 800.0, Headings::Left), "verdict").is_empty());
    }
}

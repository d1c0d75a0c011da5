//! Which figure of a diagram the arrow keys lead to.

use super::mark::{Area, Target};

/// A way on the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusStep {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Upwards.
    Up,
    /// Downwards.
    Down,
    /// To the first.
    First,
    /// To the last.
    Last,
}

impl FocusStep {
    /// The way of a key; `None` for a key without one.
    pub fn of_key(key: &str) -> Option<FocusStep> {
        Some(match key {
            "ArrowLeft" => FocusStep::Left,
            "ArrowRight" => FocusStep::Right,
            "ArrowUp" => FocusStep::Up,
            "ArrowDown" => FocusStep::Down,
            "Home" => FocusStep::First,
            "End" => FocusStep::Last,
            _ => return None,
        })
    }
}

/// The figure to which a way leads from one: the nearest in that direction, where a step aside counts twice. The same where
/// there is none; the first where `from` is not there.
pub fn next(targets: &[Target], from: usize, way: FocusStep) -> usize {
    let Some(here) = targets.get(from).map(|target| target.area) else { return 0 };
    // Ahead and aside, of what lies in the direction.
    let distance = |there: Area| {
        let (x, y) = (there.middle() - here.middle(), there.centre() - here.centre());
        let (ahead, aside) = match way {
            FocusStep::Left => (-x, y),
            FocusStep::Right => (x, y),
            FocusStep::Up => (-y, x),
            FocusStep::Down => (y, x),
            FocusStep::First | FocusStep::Last => return None,
        };
        (ahead > 0.5).then_some(ahead + 2.0 * aside.abs())
    };
    let nearest = || {
        let known = targets.iter().enumerate().filter_map(|(i, target)| Some((i, distance(target.area)?)));
        known.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(from, |(i, _)| i)
    };
    match way {
        FocusStep::First => 0,
        FocusStep::Last => targets.len() - 1,
        FocusStep::Left | FocusStep::Right | FocusStep::Up | FocusStep::Down => nearest(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_keys_lead_to_the_nearest_figure_in_their_direction() {
        let at = |x: f64, y: f64| Target { said: String::new(), runs: vec![], area: Area::around(x, y, 4.0) };
        // Two rows of three, the lower one without its middle.
        let targets = [at(0.0, 0.0), at(50.0, 0.0), at(100.0, 0.0), at(0.0, 40.0), at(100.0, 40.0)];
        let to = |from, key| next(&targets, from, FocusStep::of_key(key).unwrap());
        assert_eq!([to(0, "ArrowRight"), to(1, "ArrowRight"), to(2, "ArrowRight")], [1, 2, 2]);
        assert_eq!([to(0, "ArrowDown"), to(2, "ArrowDown"), to(4, "ArrowUp")], [3, 4, 2]);
        assert_eq!([to(3, "ArrowRight"), to(4, "ArrowLeft"), to(0, "ArrowLeft")], [4, 3, 0]);
        assert_eq!([to(1, "Home"), to(1, "End"), to(9, "ArrowUp")], [0, 4, 0]);
        assert_eq!((FocusStep::of_key("a"), next(&[], 0, FocusStep::Last)), (None, 0));
    }
}

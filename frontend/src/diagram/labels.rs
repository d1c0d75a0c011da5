//! Places for names beside what they name.

use super::mark::{Anchor, Area, text_width};

/// What is taken of a plot's room.
pub struct Placed {
    room: Area,
    taken: Vec<Area>,
}

/// Where a name stands: its baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Free {
    pub x: f64,
    pub y: f64,
    pub anchor: Anchor,
}

impl Placed {
    /// Nothing yet, of this room.
    pub fn within(room: Area) -> Self {
        Self { room, taken: Vec::new() }
    }

    /// Takes an area.
    pub fn keep(&mut self, area: Area) {
        self.taken.push(area);
    }

    /// Takes the first place for a name beside a mark at a point where it meets nothing: right, left, above, below. `None` if
    /// there is none.
    pub fn beside(&mut self, x: f64, y: f64, mark: f64, name: &str, size: f64) -> Option<Free> {
        let (width, gap) = (text_width(name, size), mark + 3.0);
        let place = |x, y, anchor| Free { x, y, anchor };
        let places = [
            place(x + gap, y + 4.0, Anchor::Start),
            place(x - gap, y + 4.0, Anchor::End),
            place(x, y - gap - 2.0, Anchor::Middle),
            place(x, y + gap + size - 1.0, Anchor::Middle),
        ];
        let area = |Free { x, y, anchor }: Free| {
            let left = match anchor {
                Anchor::Start => x,
                Anchor::Middle => x - width / 2.0,
                Anchor::End => x - width,
            };
            Area { x: left, y: y - size + 1.0, width, height: size + 1.0 }
        };
        let is_free = |area: Area| {
            let Area { x, y, .. } = self.room;
            let inside = area.x >= x && area.y >= y && area.right() <= self.room.right();
            inside && area.bottom() <= self.room.bottom() && !self.taken.iter().any(|taken| taken.meets(area))
        };
        let free = places.into_iter().find(|place| is_free(area(*place)))?;
        self.taken.push(area(free));
        Some(free)
    }
}

/// Moves places along a line apart until each is `gap` from the next, in their order and as near to where they were as may be from
/// above; what would leave `low` to `high` is pushed back where there is room.
pub fn spread(places: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]));
    let mut out = places.to_vec();
    let mut before = low - gap;
    for &i in &order {
        out[i] = out[i].max(before + gap);
        before = out[i];
    }
    let mut behind = high + gap;
    for &i in order.iter().rev() {
        out[i] = out[i].min(behind - gap);
        behind = out[i];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_where_they_meet_nothing() {
        let mut placed = Placed::within(Area { x: 0.0, y: 0.0, width: 200.0, height: 100.0 });
        let mut at = |x, y| placed.beside(x, y, 4.0, "layernorms", 11.0).map(|free| free.anchor);
        // To the right; below, as the right is taken and the left is the edge; to the left at the right edge.
        assert_eq!(at(50.0, 50.0), Some(Anchor::Start));
        assert_eq!(at(52.0, 52.0), Some(Anchor::Middle));
        assert_eq!(at(190.0, 20.0), Some(Anchor::End));
        for _ in 0..4 {
            at(100.0, 90.0);
        }
        assert_eq!(at(100.0, 90.0), None);
    }

    #[test]
    fn places_are_moved_apart_in_their_order() {
        assert_eq!(spread(&[10.0, 50.0], 12.0, 0.0, 100.0), [10.0, 50.0]);
        assert_eq!(spread(&[50.0, 50.0, 40.0], 12.0, 0.0, 100.0), [52.0, 64.0, 40.0]);
        assert_eq!(spread(&[95.0, 98.0], 12.0, 0.0, 100.0), [88.0, 100.0]);
        assert!(spread(&[], 12.0, 0.0, 100.0).is_empty());
    }
}

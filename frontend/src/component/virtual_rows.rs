//! Rows of a long list or table: only those in sight are there, and a few beside them, however many there are.
//!
//! What it costs: the browser's own search in the page meets those rows alone. Filters and the saved files of a list reach
//! all of its rows, so wherever rows are virtual there is a filter by text. Who hears the page learns the whole from
//! `aria-rowcount` and `aria-rowindex`, or from the list's words. While the page is printed all rows are there, up to
//! [`MAX_PRINTED`]; while a list of many is out of sight as a whole, [`RESTING`] are.
//!
//! Rows that are not there stand for a usual height. Rows of uneven heights are measured as they come to be, so that what
//! is in sight does not jump; a row carries its place as `data-place`. Places beyond the end are none of the window.

use super::focus_move::FocusMove;
use super::lost_focus::is_lost;
use super::print::printed;
use super::sight::in_sight;
use leptos::html::Div;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use web_sys::{Element, FocusEvent, HtmlElement, KeyboardEvent};

/// Rows that are there above and below those in sight.
const MARGIN: usize = 4;

/// Most rows that are printed: some forty pages.
const MAX_PRINTED: usize = 2_000;

/// Most rows of a list that are there whether or not anybody sees the list.
const FEW: usize = 40;

/// Rows that are there of a longer one that is out of sight.
const RESTING: usize = 4;

/// Height of a list that is not laid out yet, in pixels.
const FIRST_HEIGHT: f64 = 600.0;

/// Heights closer than this are equal, in pixels.
const EQUAL: f64 = 0.5;

/// How high rows are, in pixels.
#[derive(Clone, Debug, PartialEq)]
struct Heights {
    /// The height of a row that was not measured.
    usual: f64,
    /// The heights of rows that were, by their places.
    measured: BTreeMap<usize, f64>,
}

impl Heights {
    fn all(usual: f64) -> Heights {
        Heights { usual, measured: BTreeMap::new() }
    }

    /// Where a row begins.
    fn top(&self, place: usize) -> f64 {
        let before: Vec<f64> = self.measured.range(..place).map(|(_, height)| *height).collect();
        before.iter().sum::<f64>() + (place - before.len()) as f64 * self.usual
    }

    /// The row that a height falls into, of so many.
    fn place_at(&self, y: f64, rows: usize) -> usize {
        let (mut place, mut top) = (0, 0.0);
        for (&next, height) in &self.measured {
            let usual_end = top + (next - place) as f64 * self.usual;
            if y < usual_end {
                break;
            }
            if y < usual_end + height {
                return next.min(rows);
            }
            (place, top) = (next + 1, usual_end + height);
        }
        (place + ((y - top).max(0.0) / self.usual) as usize).min(rows)
    }

    /// Places of the rows that are there, of a list scrolled so far that shows so many pixels.
    fn window(&self, scrolled: f64, height: f64, rows: usize) -> Range<usize> {
        let first = self.place_at(scrolled, rows);
        let last = self.place_at(scrolled.max(0.0) + height, rows) + 1 + MARGIN;
        first.saturating_sub(MARGIN)..last.min(rows)
    }

    /// How far to scroll so that a row is in sight: as far as it is if the row is.
    fn scroll_to(&self, place: usize, scrolled: f64, height: f64) -> f64 {
        let (top, end) = (self.top(place), self.top(place + 1));
        if top < scrolled {
            top
        } else if end > scrolled + height {
            end - height
        } else {
            scrolled
        }
    }

    /// Takes what was measured; whether anything is different now. The first measure says what is usual.
    fn take(&mut self, found: &[(usize, f64)]) -> bool {
        if self.measured.is_empty() && !found.is_empty() {
            self.usual = found.iter().map(|(_, height)| height).sum::<f64>() / found.len() as f64;
        }
        let mut changed = false;
        for &(place, height) in found {
            if self.measured.get(&place).is_none_or(|known| (known - height).abs() > EQUAL) {
                self.measured.insert(place, height);
                changed = true;
            }
        }
        changed
    }
}

/// The rows of a list, inside what scrolls it. Copies are the same rows.
#[derive(Clone, Copy)]
pub struct VirtualRows {
    scroller: NodeRef<Div>,
    count: Memo<usize>,
    heights: RwSignal<Heights>,
    scrolled: RwSignal<f64>,
    height: RwSignal<f64>,
    /// Width for which rows were measured.
    width: StoredValue<i32>,
    /// Whether the focus is in it, or was when its rows went.
    focused: StoredValue<bool>,
    /// How many rows it had when it was last scrolled, if that was to its end.
    at_end: StoredValue<Option<usize>>,
    /// Places of the rows that are there.
    pub shown: Memo<Range<usize>>,
}

impl VirtualRows {
    /// So many rows, each about `usual` pixels high, in what scrolls them.
    pub fn new(scroller: NodeRef<Div>, count: Memo<usize>, usual: f64) -> VirtualRows {
        let heights = RwSignal::new(Heights::all(usual));
        let (scrolled, height) = (RwSignal::new(0.0), RwSignal::new(FIRST_HEIGHT));
        let (printed, near) = (printed(), in_sight(scroller));
        let shown = Memo::new(move |_| {
            let count = count.get();
            if printed.get() {
                return 0..count.min(MAX_PRINTED);
            }
            let window = heights.with(|h| h.window(scrolled.get(), height.get(), count));
            // A row that has the focus keeps it, wherever the page is scrolled to.
            let awake = near.get() || count <= FEW || has_focus(scroller);
            if awake { window } else { window.start..window.end.min(window.start + RESTING) }
        });
        let (width, focused, at_end) = (StoredValue::new(0), StoredValue::new(false), StoredValue::new(None));
        VirtualRows { scroller, count, heights, scrolled, height, width, focused, at_end, shown }
    }

    /// Pixels of the rows above those that are there.
    pub fn above(&self) -> f64 {
        self.top_of(self.shown.with(|shown| shown.start))
    }

    /// Pixels of the rows below those that are there.
    pub fn below(&self) -> f64 {
        self.whole() - self.top_of(self.shown.with(|shown| shown.end))
    }

    /// Pixels of all rows.
    pub fn whole(&self) -> f64 {
        self.top_of(self.count.get())
    }

    /// Where a row begins, in pixels.
    pub fn top_of(&self, place: usize) -> f64 {
        self.heights.with(|heights| heights.top(place))
    }

    /// To be called when the list was scrolled. A row that has the focus and goes hands it to the list, so that the next
    /// key is not lost.
    pub fn follow(&self) {
        let Some(list) = self.scroller.get_untracked() else { return };
        let (scrolled, height) = (f64::from(list.scroll_top()), f64::from(list.client_height()));
        let count = self.count.get_untracked();
        let next = self.heights.with_untracked(|h| h.window(scrolled, height, count));
        if focused_place(&list).is_some_and(|place| !next.contains(&place)) {
            focus(&list);
        }
        let at_end = scrolled > 0.0 && scrolled + height > f64::from(list.scroll_height()) - 1.0;
        self.at_end.set_value(at_end.then_some(count));
        self.height.set(height);
        self.scrolled.set(scrolled);
    }

    /// To be called when a key is pressed in the list: Home and End lead to its first and its last row. The browser's own way
    /// to the end ends where it was before the last rows came to be and were measured.
    pub fn key(&self, event: &KeyboardEvent) {
        let other = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
        let Some(list) = self.scroller.get_untracked().filter(|_| !other) else { return };
        match event.key().as_str() {
            "Home" => list.set_scroll_top(0),
            "End" => list.set_scroll_top(list.scroll_height()),
            _ => return,
        }
        event.prevent_default();
    }

    /// Scrolls as far as needed to show a row.
    pub fn bring_into_sight(&self, place: usize) {
        let Some(list) = self.scroller.get_untracked() else { return };
        let (scrolled, height) = (f64::from(list.scroll_top()), f64::from(list.client_height()));
        let to = self.heights.with_untracked(|h| h.scroll_to(place, scrolled, height));
        list.set_scroll_top(to as i32);
        self.scrolled.set(to);
    }

    /// To be called when the focus comes into the list.
    pub fn focus_came(&self) {
        self.focused.set_value(true);
    }

    /// To be called when it leaves: for something else, or for nothing, as when its row goes.
    pub fn focus_left(&self, event: &FocusEvent) {
        if FocusMove::of(event) == FocusMove::Elsewhere {
            self.focused.set_value(false);
        }
    }

    /// Gives the list the focus if it was on a row that went, so that the next key is not lost.
    pub fn take_lost_focus(&self) {
        if self.focused.get_value()
            && is_lost()
            && let Some(list) = self.scroller.get_untracked()
        {
            focus(&list);
        }
    }

    /// Scrolls to the first row.
    pub fn scroll_to_top(&self) {
        if let Some(list) = self.scroller.get_untracked() {
            list.set_scroll_top(0);
            self.scrolled.set(0.0);
        }
    }

    /// Other rows stand at the places now: what was measured is no longer theirs.
    pub fn forget(&self) {
        self.heights.maybe_update(|heights| {
            let known = !heights.measured.is_empty();
            heights.measured.clear();
            known
        });
    }

    /// Measures the rows that are there. To be called when they may have another size than before. A list that was scrolled to
    /// its end stays there, unless it has other rows now.
    pub fn measure(&self) {
        let Some(list) = self.scroller.try_get_untracked().flatten() else { return };
        let width = list.client_width();
        if self.width.get_value() != width {
            self.width.set_value(width);
            self.forget();
        }
        // Rows stand side by side.
        let first = list.query_selector("[data-place]").ok().flatten();
        let rows = std::iter::successors(first, Element::next_element_sibling);
        let found: Vec<(usize, f64)> = rows
            .filter_map(|row| Some((place_of(&row)?, row.get_bounding_client_rect().height())))
            .filter(|(_, height)| *height > 0.0)
            .collect();
        self.heights.maybe_update(|heights| heights.take(&found));
        let height = f64::from(list.client_height());
        if self.height.get_untracked() != height {
            self.height.set(height);
        }
        if self.at_end.get_value() == Some(self.count.get_untracked()) {
            list.set_scroll_top(list.scroll_height());
        }
    }
}

fn place_of(row: &Element) -> Option<usize> {
    row.get_attribute("data-place")?.parse().ok()
}

/// The place of the row that has the focus.
fn focused_place(list: &HtmlElement) -> Option<usize> {
    let focused = document().active_element().filter(|element| list.contains(Some(element)))?;
    place_of(&focused.closest("[data-place]").ok().flatten()?)
}

/// Whether the focus is in a list, or on it.
fn has_focus(scroller: NodeRef<Div>) -> bool {
    let focused = document().active_element();
    scroller.get_untracked().is_some_and(|list| focused.is_some_and(|element| list.contains(Some(&element))))
}

/// Gives a list the focus where it stands.
fn focus(list: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // What cannot take it leaves it where it is.
    let _ = list.focus_with_options(&options);
}

/// Room of a table's rows that are not there.
#[component]
pub fn Gap(
    /// Its height in pixels.
    height: Signal<f64>,
    /// Columns of the table.
    columns: usize,
) -> impl IntoView {
    view! {
        <Show when=move || { height.get() > 0.0 }>
            <tr class="gap" aria-hidden="true">
                <td colspan=columns.to_string() style=move || format!("block-size:{}px", height.get())></td>
            </tr>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_in_sight_are_there() {
        let rows = Heights::all(28.0);
        assert_eq!(rows.window(0.0, 280.0, 4242), 0..15);
        assert_eq!(rows.window(28.0 * 100.0, 280.0, 4242), 96..115);
        assert_eq!(rows.window(28.0 * 4235.0, 280.0, 4242), 4231..4242);
        assert_eq!(rows.window(-9.0, 280.0, 3), 0..3);
        // Scrolled further than a list that has become short, and a list of nothing.
        assert_eq!((rows.window(900.0, 280.0, 3), rows.window(0.0, 280.0, 0)), (0..3, 0..0));
    }

    #[test]
    fn a_row_that_is_sought_comes_into_sight_and_no_farther() {
        let rows = Heights::all(28.0);
        assert_eq!((rows.scroll_to(3, 0.0, 280.0), rows.scroll_to(3, 280.0, 280.0)), (0.0, 84.0));
        assert_eq!(rows.scroll_to(20, 0.0, 280.0), 308.0);
    }

    #[test]
    fn rows_of_uneven_heights_stand_where_they_were_measured() {
        let mut rows = Heights::all(10.0);
        assert!(rows.take(&[(0, 30.0), (1, 50.0)]));
        assert_eq!(
            (rows.usual, rows.top(0), rows.top(1), rows.top(2), rows.top(4)),
            (40.0, 0.0, 30.0, 80.0, 160.0)
        );
        // The usual height is that of the first rows; what is known already changes nothing.
        assert!(rows.take(&[(4, 100.0)]) && !rows.take(&[(4, 100.2), (0, 30.0)]));
        assert_eq!((rows.usual, rows.top(5), rows.top(6)), (40.0, 260.0, 300.0));
        let at = |y| rows.place_at(y, 100);
        assert_eq!([at(0.0), at(29.0), at(30.0), at(79.0), at(80.0), at(119.0)], [0, 0, 1, 1, 2, 2]);
        assert_eq!([at(159.0), at(160.0), at(259.0), at(260.0), at(1e9)], [3, 4, 4, 5, 100]);
    }
}

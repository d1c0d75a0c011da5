//! A table of many rows: those in sight alone are there, see [`crate::component::virtual_rows`], and a text finds the others.

use super::long_tables::{HeldTable, LongTables};
use super::row::{cells, class};
use crate::component::resize::on_resize;
use crate::component::virtual_rows::Gap;
use crate::format::{counted, thousands};
use crate::legend::Legend;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Cell, Column, Table};

/// Widest column that keeps its width whichever rows are there, in digits; a wider one breaks its lines.
const MAX_WIDTH: usize = 30;

/// A table of many rows. When its report comes anew it stays where it is scrolled to, and finds what it did.
#[component]
pub fn LongTable(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: Legend,
    /// The table.
    table: Table,
) -> impl IntoView {
    let Table { caption, columns, rows, files: _ } = table;
    let widths: Vec<usize> = (0..columns.len()).map(|column| width(&rows, column)).collect();
    let (all, span) = (rows.len(), columns.len());
    let HeldTable { region, rows, text, found, list } = LongTables::around().hold(&caption, rows);
    let (columns, legend) = (StoredValue::new(columns), StoredValue::new(legend));
    on_resize(
        region,
        |region| std::iter::once(region.clone()).chain(region.first_element_child()).collect(),
        move |_| {
            list.measure();
            list.take_lost_focus();
        },
    );
    Effect::watch(move || found.track(), move |(), _, _| list.forget(), false);
    let shown = move || {
        let at = list.shown.get();
        found.with(|found| at.filter_map(|place| Some((place, *found.get(place)?))).collect::<Vec<_>>())
    };
    let row = move |(place, at): (usize, usize)| {
        let row = rows.with_untracked(|rows| rows.get(at).cloned()).unwrap_or_default();
        let cells = columns.with_value(|columns| legend.with_value(|legend| cells(id, legend, columns, row)));
        // Below the heads.
        view! { <tr aria-rowindex=(place + 2).to_string() data-place=place.to_string()>{cells}</tr> }
    };
    let head = |(column, width): (&Column, usize)| {
        let width = format!("min-inline-size:{width}ch");
        view! { <th scope="col" class=class(column) style=width>{column.title.clone()}</th> }
    };
    let heads = columns.with_value(|columns| columns.iter().zip(widths).map(head).collect_view());
    let count = move || found.with(Vec::len);
    let words = move || {
        let some = text.with(|text| !text.trim().is_empty());
        some.then(|| format!("{} of {}", thousands(count() as u64), counted(all, "row")))
    };
    view! {
        <div class="sought-rows">
            <input
                type="search"
                aria-label=format!("Filter rows of {caption}")
                placeholder="Filter rows"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            />
            <span class="hint" role="status">{words}</span>
        </div>
        <div
            class="scroll long"
            node_ref=region
            role="region"
            tabindex="0"
            aria-label=caption.clone()
            on:scroll=move |_| list.follow()
            on:keydown=move |event| list.key(&event)
            on:focusin=move |_| list.focus_came()
            on:focusout=move |event| list.focus_left(&event)
        >
            <table class="results" aria-rowcount=move || (count() + 1).to_string()>
                <caption class="visually-hidden">{caption.clone()}</caption>
                <thead>
                    <tr aria-rowindex="1">{heads}</tr>
                </thead>
                <tbody>
                    <Gap height=Signal::derive(move || list.above()) columns=span />
                    <For each=shown key=|row| *row children=row />
                    <Gap height=Signal::derive(move || list.below()) columns=span />
                </tbody>
            </table>
        </div>
    }
}

/// How wide a column must be for all of its rows, in digits.
fn width(rows: &[Vec<Cell>], column: usize) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(column));
    let wide = |cell: &Cell| cell.text.chars().count().max(cell.under.chars().count());
    cells.map(wide).max().unwrap_or(0).min(MAX_WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_widest_cell_but_no_sentence() {
        let row =
            |texts: [&str; 2]| texts.map(|text| Cell { text: text.to_owned(), ..Cell::default() }).to_vec();
        let rows = vec![row(["full", "a"]), row(["outliers:4", &"long ".repeat(20)])];
        assert_eq!((width(&rows, 0), width(&rows, 1), width(&rows, 2)), (10, MAX_WIDTH, 0));
    }
}

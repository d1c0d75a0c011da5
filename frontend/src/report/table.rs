//! A table of a report.

use super::files::ReportFiles;
use super::long_table::LongTable;
use super::row::{cells, class};
use crate::component::scroll::Scroll;
use crate::legend::Legend;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Cell, Column, Table};

/// Most rows that are all there.
const FEW_ROWS: usize = 40;

/// A table that scrolls sideways where it has no room. The first cell of a row is its head. Of many rows those in sight
/// alone are there.
#[component]
pub fn ReportTable<'a>(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: &'a Legend,
    /// The table.
    table: Table,
) -> impl IntoView + use<> {
    let (what, files) = (table.caption.clone(), table.files.clone());
    let files = (!files.is_empty()).then(|| view! { <ReportFiles what=what files=files /> });
    let table = match table.rows.len() > FEW_ROWS {
        true => view! { <LongTable id=id legend=legend.clone() table=table /> }.into_any(),
        false => view! { <ShortTable id=id legend=legend table=table /> }.into_any(),
    };
    view! { {table} {files} }
}

#[component]
fn ShortTable<'a>(id: ExperimentId, legend: &'a Legend, table: Table) -> impl IntoView + use<> {
    let Table { caption, columns, rows, files: _ } = table;
    let head = |column: &Column| view! { <th scope="col" class=class(column)>{column.title.clone()}</th> };
    let heads = columns.iter().map(head).collect_view();
    let row = |row: Vec<Cell>| view! { <tr>{cells(id, legend, &columns, row)}</tr> };
    let rows = rows.into_iter().map(row).collect_view();
    let label = caption.clone();
    view! {
        <Scroll label=label>
            <table class="results">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
}

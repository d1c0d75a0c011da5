//! A table of a report.

use super::cell::ReportCell;
use crate::component::scroll::Scroll;
use crate::legend::Legend;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Cell, Column, Table};

/// A table that scrolls sideways where it has no room. The first cell of a row is its head.
#[component]
pub fn ReportTable<'a>(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: &'a Legend,
    /// The table.
    table: Table,
) -> impl IntoView + use<> {
    let class = |column: &Column| column.number.then_some("n");
    let Table { caption, columns, rows } = table;
    let head = |column: &Column| view! { <th scope="col" class=class(column)>{column.title.clone()}</th> };
    let heads = columns.iter().map(head).collect_view();
    let row = |cells: Vec<Cell>| {
        let cells = cells.into_iter().zip(&columns).enumerate().map(|(i, (cell, column))| {
            let class = class(column);
            let content = view! { <ReportCell id=id legend=legend cell=cell /> };
            if i == 0 {
                view! { <th scope="row" class=class>{content}</th> }.into_any()
            } else {
                view! { <td class=class>{content}</td> }.into_any()
            }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    };
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

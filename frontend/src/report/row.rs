//! A row of a report's table, long or short.

use super::cell::ReportCell;
use crate::legend::Legend;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Cell, Column};

/// The class of a column's cells.
pub fn class(column: &Column) -> Option<&'static str> {
    column.number.then_some("n")
}

/// The cells of a row.
pub fn cells(id: ExperimentId, legend: &Legend, columns: &[Column], row: Vec<Cell>) -> AnyView {
    let cell = |(i, (cell, column)): (usize, (Cell, &Column))| {
        let class = class(column);
        let content = view! { <ReportCell id=id legend=legend cell=cell /> };
        if i == 0 {
            view! { <th scope="row" class=class>{content}</th> }.into_any()
        } else {
            view! { <td class=class>{content}</td> }.into_any()
        }
    };
    row.into_iter().zip(columns).enumerate().map(cell).collect_view().into_any()
}

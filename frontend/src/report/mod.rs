//! A report as the server sends it, drawn: a component a kind of block. In reading order:

/// Texts in which names are code.
mod words;
/// What a reader must know.
mod notes;
/// Choices between reports.
mod links;
/// Tables.
mod table;
/// What a table's cell says, and where it leads.
mod cell;
/// Pictures.
mod figure;
/// Texts to keep.
mod files;

use crate::legend::Legend;
use figure::ReportFigure;
use files::ReportFiles;
use leptos::prelude::*;
use links::ReportLinks;
use notes::ReportNotes;
use table::ReportTable;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Block, Report};
use words::Words;

/// A report on an experiment, to stand below a heading of the second level.
#[component]
pub fn ReportBlocks(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: Legend,
    /// The report.
    report: Report,
) -> impl IntoView {
    let block = move |block| match block {
        Block::Heading(text) => view! { <h3>{text}</h3> }.into_any(),
        Block::Paragraph(text) => view! { <p class="hint"><Words text=text /></p> }.into_any(),
        Block::Notes(notes) => view! { <ReportNotes notes=notes /> }.into_any(),
        Block::Links { label, links } => view! { <ReportLinks id=id label=label links=links /> }.into_any(),
        Block::Table(table) => view! { <ReportTable id=id legend=&legend table=table /> }.into_any(),
        Block::Figure(figure) => view! { <ReportFigure figure=figure /> }.into_any(),
        Block::Files { what, files } => view! { <ReportFiles what=what files=files /> }.into_any(),
    };
    view! { <div class="report">{report.blocks.into_iter().map(block).collect_view()}</div> }
}

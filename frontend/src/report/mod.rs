//! A report as the server sends it, drawn: a component for each kind of block. In reading order:

/// Texts in which names are code.
mod words;
/// What a reader must know.
mod notes;
/// Choices between reports.
mod links;
/// Tables.
mod table;
/// Tables of many rows.
mod long_table;
/// What stays of these from report to report.
mod long_tables;
/// A row of either.
mod row;
/// What a table's cell says, and where it leads.
mod cell;
/// Pictures.
mod figure;
/// Diagrams, which the page draws.
mod diagrams;
/// Every seed by itself.
mod seed_maps;
/// Weights by module and block.
mod weights;
/// LayerNorms over the epochs.
mod norms;
/// Claims and what the results say of them.
mod claims;
/// What is shown when it is asked for.
mod fold;
/// Texts to keep.
mod files;

use crate::legend::Legend;
use claims::ReportClaims;
use diagrams::{ReportHeatMaps, ReportPlots};
use figure::ReportFigure;
use files::ReportFiles;
use fold::ReportFold;
use leptos::prelude::*;
use links::ReportLinks;
pub use long_tables::LongTables;
use norms::ReportNorms;
use notes::ReportNotes;
pub use seed_maps::ChosenMap;
use seed_maps::ReportSeedMaps;
use table::ReportTable;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Block, HeatMap, Report};
use weights::ReportWeights;
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
    view! { <div class="report">{blocks(id, &legend, report.blocks)}</div> }
}

/// Blocks, one below the other.
fn blocks(id: ExperimentId, legend: &Legend, blocks: Vec<Block>) -> AnyView {
    let block = |block| match block {
        Block::Heading(text) => view! { <h3>{text}</h3> }.into_any(),
        Block::Paragraph(text) => view! { <p class="hint"><Words text=text /></p> }.into_any(),
        Block::Notes(notes) => view! { <ReportNotes notes=notes /> }.into_any(),
        Block::Links { label, links } => view! { <ReportLinks id=id label=label links=links /> }.into_any(),
        Block::Table(table) => view! { <ReportTable id=id legend=legend table=table /> }.into_any(),
        Block::Figure(figure) => view! { <ReportFigure figure=figure /> }.into_any(),
        Block::HeatMaps(maps) if maps.iter().any(HeatMap::is_of_seeds) => {
            view! { <ReportSeedMaps id=id legend=legend maps=maps /> }.into_any()
        }
        Block::HeatMaps(maps) => view! { <ReportHeatMaps id=id legend=legend maps=maps /> }.into_any(),
        Block::Plots(plots) => view! { <ReportPlots id=id legend=legend plots=plots /> }.into_any(),
        Block::Forest(forest) => view! { <ReportClaims id=id legend=legend forest=forest /> }.into_any(),
        Block::Weights(map) => view! { <ReportWeights id=id map=map /> }.into_any(),
        Block::NormEpochs(epochs) => view! { <ReportNorms id=id epochs=epochs /> }.into_any(),
        Block::Fold { summary, blocks } => {
            let content = self::blocks(id, legend, blocks);
            view! { <ReportFold summary=summary>{content}</ReportFold> }.into_any()
        }
        Block::Files { what, files } => view! { <ReportFiles what=what files=files /> }.into_any(),
    };
    blocks.into_iter().map(block).collect_view().into_any()
}

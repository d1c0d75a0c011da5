//! What each mask says: a row for each mask.

use super::Shape;
use super::bars::Bar;
use super::examples::gold_words;
use super::said::{decided, otherwise, summary};
use super::table::{Written, table};
use super::words::{Tagging, colours};
use crate::component::icon::Icon;
use crate::component::part::{mask_glyph, swatch};
use crate::component::scroll::Scroll;
use crate::component::text_table::TableFiles;
use crate::format::{counted, number, percent, rate};
use crate::legend::Legend;
use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::mask::MaskSwitches;
use tunemask_shared::prediction::{Agreement, LeftOut, MaskPrediction, Prediction, SeedPrediction};
use tunemask_shared::task::TaskKind;

/// Most labels that have a column.
const COLUMNS: usize = 8;

/// The experiment that answers, as its masks are shown.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Its number.
    pub id: ExperimentId,
    /// Its masks with their colours.
    pub legend: Legend,
    /// The model's shape, once it is known.
    pub shape: Shape,
    /// What else its masks hold.
    pub switches: MaskSwitches,
}

/// All that is said of a text.
#[component]
pub fn Answers(grid: Grid, prediction: Prediction, gold: Option<Vec<String>>) -> impl IntoView {
    let words = summary(&prediction);
    let gold = gold.map(|gold| view! { <p class="gold">"Gold: " <b>{gold_words(&gold)}</b></p> });
    let table = match prediction.task.kind() {
        TaskKind::Tagging(_) => tagged(&grid, &prediction).into_any(),
        TaskKind::Classification(_) | TaskKind::MultiLabel(_) | TaskKind::Regression(_) => {
            figures(&grid, &prediction).into_any()
        }
    };
    view! {
        <h3>{words}</h3>
        {gold}
        {table}
        {files(&prediction)}
        {remarks(&prediction)}
    }
}

/// A row for each mask with its probabilities, or its number on the range.
fn figures(grid: &Grid, prediction: &Prediction) -> impl IntoView + use<> {
    let kind = prediction.task.kind();
    let agreement = prediction.agreement();
    let shown = prediction.likeliest(COLUMNS);
    let heads: Vec<String> = match kind {
        TaskKind::Regression(range) => {
            vec![format!("{} to {}", number(range.low.into()), number(range.high.into()))]
        }
        _ => shown.iter().filter_map(|&label| kind.labels().get(label).cloned()).collect(),
    };
    let row = |row: &MaskPrediction| {
        let cells: Vec<Option<Bar>> = match kind {
            TaskKind::Regression(range) => vec![Bar::of_number(row, *range)],
            _ => shown.iter().map(|&label| Bar::of_label(row, label)).collect(),
        };
        let cell = |bar: Option<Bar>| view! { <td class="probability">{bar.map(Bar::show)}</td> };
        view! {
            <tr>
                <th scope="row">{mask(grid, row)}</th>
                <td>{decided(kind, &row.mean)} {differs(kind, &agreement, row)}</td>
                {cells.into_iter().map(cell).collect_view()}
            </tr>
        }
    };
    let rows = prediction.rows.iter().map(row).collect_view();
    let more = kind.labels().len().saturating_sub(shown.len());
    let left = (more > 0 && !shown.is_empty()).then(|| {
        let verb = if more == 1 { "has" } else { "have" };
        view! { <p class="hint">{format!("{} that no mask finds likely {verb} no column.", counted(more, "label"))}</p> }
    });
    let head = |text: String| view! { <th scope="col">{text}</th> };
    view! {
        <Scroll label="What each mask says".to_owned()>
            <table class="results answers">
                <caption class="visually-hidden">"What each mask says; below each figure that of each seed"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Mask"</th>
                        <th scope="col">"Says"</th>
                        {heads.into_iter().map(head).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
        {left}
    }
}

/// A row for each mask with the words that it tags, and those of each seed where there are several.
fn tagged(grid: &Grid, prediction: &Prediction) -> impl IntoView + use<> {
    let kind = prediction.task.kind();
    let labels = kind.labels().to_vec();
    let tagging = Tagging {
        colours: colours(&labels),
        labels,
        read: prediction.read.clone(),
        agreement: prediction.agreement(),
    };
    let row = |row: &MaskPrediction| {
        let seed = |seed: &SeedPrediction| {
            view! { <li><span class="hint">{format!("Seed {}", seed.seed)}</span> {tagging.show(&seed.answer)}</li> }
        };
        let seeds = (row.seeds.len() > 1).then(|| {
            let each = row.seeds.iter().map(seed).collect_view();
            view! { <details><summary>"Each seed"</summary> <ul>{each}</ul></details> }
        });
        view! {
            <li>
                <div class="of-mask">{mask(grid, row)} {differs(kind, &tagging.agreement, row)}</div>
                {tagging.show(&row.mean)}
                {seeds}
            </li>
        }
    };
    view! { <ul class="tagged-by" aria-label="What each mask says">{prediction.rows.iter().map(row).collect_view()}</ul> }
}

/// A mask with its picture, its learning rate and the runs that say it.
fn mask(grid: &Grid, row: &MaskPrediction) -> impl IntoView + use<> {
    let picture = grid.shape.map(|shape| mask_glyph(&row.mask, &shape, grid.switches));
    let colour = grid.legend.mask_style(&row.mask).map(|style| swatch(style.colour));
    let learning_rate = row.learning_rate.map(|own| format!("{}, ", rate(own)));
    let id = grid.id;
    let seed = move |seed: &SeedPrediction| {
        let page = href(&Page::Run(id, seed.run.clone()).url());
        view! { <a class="behind" href=page>{format!("seed {}", seed.seed)}</a> " " }
    };
    view! {
        <span class="mask">{colour} {picture} <code>{row.mask.to_string()}</code></span>
        <span class="under">{learning_rate} {row.seeds.iter().map(seed).collect_view()}</span>
    }
}

/// That most masks say otherwise, in words.
fn differs(kind: &TaskKind, agreement: &Agreement, row: &MaskPrediction) -> Option<AnyView> {
    let words = otherwise(kind, agreement, &row.mean)?;
    Some(view! { <span class="differs">{Icon::Warning.show()} <span>{words}</span></span> }.into_any())
}

/// What is said, to keep.
fn files(prediction: &Prediction) -> impl IntoView + use<> {
    let of = |written| StoredValue::new(table(prediction, written));
    let (rounded, whole) = (of(Written::Rounded), of(Written::Whole));
    let task = prediction.task.to_string();
    let files = || {
        let (shown, exact) = (move || rounded.get_value(), move || whole.get_value());
        view! { <TableFiles what="answers" name=task shown=shown exact=exact /> }
    };
    (!prediction.rows.is_empty()).then(files)
}

/// What a reader must know, and what the pass took.
fn remarks(prediction: &Prediction) -> impl IntoView + use<> {
    let tokens = counted(prediction.read.tokens as usize, "token");
    let read = match prediction.shared {
        shared if shared > 0.0 => {
            format!("Read as {tokens}; {} of the rows were computed once for several runs.", percent(shared))
        }
        _ => format!("Read as {tokens}."),
    };
    let left = |left: &LeftOut| {
        view! { <li><code>{left.mask.to_string()}</code> " left out: " {left.reason.clone()}</li> }
    };
    let note = |note: &String| view! { <li>{note.clone()}</li> };
    view! {
        <ul class="notes">
            <li>{read}</li>
            {prediction.notes.iter().map(note).collect_view()}
            {prediction.left_out.iter().map(left).collect_view()}
        </ul>
    }
}

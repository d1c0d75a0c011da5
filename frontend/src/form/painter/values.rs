//! The values of the LayerNorms that a mask picks from by a rule, with those that it selects: what training would select, by
//! the program's own answer.

use super::histogram::{HEIGHT, Row, diagram, draw, table};
use super::state::Painter;
use crate::chart::shapes::TickLabel;
use crate::component::debounce::{Action, debounce};
use crate::component::resize::on_resize;
use crate::diagram::mark::Diagram;
use crate::diagram::view::DiagramFiles;
use crate::form::state::Form;
use crate::format::{number, thousands};
use crate::net::client::{NormQuestion, Norms, use_client};
use leptos::html::Div;
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::norms::{BinCounts, Norm, NormHistogram};

/// Quiet time before the program is asked: it reads the model.
const ASK_AFTER: Duration = Duration::from_millis(400);

/// Width in pixels until the browser says another.
const WIDTH: f64 = 480.0;

/// The histogram of one of the LayerNorms, where the mask has a rule that picks of some.
#[component]
pub fn Values(form: Form, painter: Painter) -> impl IntoView {
    let client = use_client();
    let question = Memo::new(move |_| question(form, painter));
    debounce(ASK_AFTER, move || {
        let question = question.get()?;
        client.is_live().then(|| Box::new(move || client.ask_norms(question)) as Action)
    });
    let answer = Memo::new(move |_| {
        let asked = question.get()?;
        client
            .norms
            .with(|known| known.as_ref().filter(|(of, _)| *of == asked).map(|(_, norms)| norms.clone()))
    });
    view! {
        <Show when=move || question.with(Option::is_some)>
            <section class="painter-values" aria-labelledby="painter-values">
                <h4 id="painter-values">"Which values it selects"</h4>
                <Answer answer=answer />
            </section>
        </Show>
    }
}

/// What is asked: nothing where no rule picks of a LayerNorm, or the mask is none of the model.
fn question(form: Form, painter: Painter) -> Option<NormQuestion> {
    let shape = painter.shape.get()?;
    if painter.error().is_some() {
        return None;
    }
    let switches = form.switches();
    let picks_of_norms = painter.mask.with(|mask| {
        let sketch = mask.sketch(&shape, switches);
        let is_norm = |norm: Norm, kind| norm.kinds().contains(&kind);
        let norms = shape.parameters().into_iter().filter(|p| {
            [Norm::Embedding, Norm::Attention, Norm::FeedForward]
                .into_iter()
                .any(|norm| is_norm(norm, p.kind))
        });
        !mask.holds_whole_tensors() && norms.into_iter().any(|p| !sketch.within(p.range()).is_empty())
    });
    // What does not matter here keeps its default, so that a change of it asks nothing.
    let (experiment, seed) = form.parsed.with(|parsed| {
        let e = &parsed.experiment;
        let of_mask = Experiment {
            model: e.model.clone(),
            delta: e.delta.clone(),
            pooler_trains: e.pooler_trains,
            embedding_norm_counts: e.embedding_norm_counts,
            outlier_pool: e.outlier_pool,
            outlier_statistic: e.outlier_statistic,
            ..Experiment::default()
        };
        (Box::new(of_mask), e.seeds.first().copied().unwrap_or(1))
    });
    let mask = painter.mask.with(ToString::to_string);
    picks_of_norms.then_some(NormQuestion { experiment, mask, seed })
}

/// The answer: a choice of LayerNorm, its picture, its numbers.
#[component]
fn Answer(answer: Memo<Option<Norms>>) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    let norms = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(norms)) => norms.clone(),
            _ => Vec::new(),
        })
    });
    let shown = Memo::new(move |_| {
        norms.with(|norms| {
            let chosen = norms.iter().find(|norm| chosen.with(|chosen| title(norm) == *chosen));
            chosen.or_else(|| norms.first()).cloned()
        })
    });
    let options = move || {
        let now = shown.with(|norm| norm.as_ref().map(title));
        let option = |norm: &NormHistogram| {
            let title = title(norm);
            let selected = now.as_ref() == Some(&title);
            view! { <option value=title.clone() selected=selected>{title.clone()}</option> }
        };
        norms.with(|norms| norms.iter().map(option).collect_view())
    };
    let state = move || {
        answer.with(|answer| match answer {
            None => Some("Reading the model's values…".to_owned()),
            Some(Err(why)) => Some(why.clone()),
            Some(Ok(_)) => shown.with(|norm| norm.as_ref().map(words)),
        })
    };
    view! {
        <Show when=move || { norms.with(Vec::len) > 0 }>
            <label class="painter-norm">
                "LayerNorm "
                <select on:change=move |e| chosen.set(event_target_value(&e))>{options}</select>
            </label>
            <Histogram shown=shown />
        </Show>
        <p class="hint" aria-live="polite">{state}</p>
    }
}

/// The picture of a LayerNorm's values.
#[component]
fn Histogram(shown: Memo<Option<NormHistogram>>) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let width = RwSignal::new(WIDTH);
    on_resize(
        node,
        |element| vec![element.clone()],
        move |element| {
            let _ = width.try_set(element.get_bounding_client_rect().width());
        },
    );
    let tick = |TickLabel { x, y, anchor, text }: TickLabel| {
        view! { <text class="tick" x=format!("{x:.1}") y=format!("{y:.1}") text-anchor=anchor>{text}</text> }
    };
    let row = |Row { name, floor, all, selected }: Row| {
        view! {
            <text class="axis" x="4" y=format!("{floor:.1}")>{name}</text>
            <path class="all" d=all />
            <path class="selected" d=selected />
        }
    };
    let shapes = move || {
        let picture = shown.with(|norm| norm.as_ref().map(|norm| draw(norm, width.get())))?;
        Some(view! {
            <path class="grid" d=picture.grid />
            {picture.rows.map(row).into_iter().collect_view()}
            {picture.ticks.into_iter().map(tick).collect_view()}
        })
    };
    let label = move || shown.with(|norm| norm.as_ref().map(words)).unwrap_or_default();
    let file = move || {
        let width = width.get_untracked();
        shown.with_untracked(|norm| {
            norm.as_ref().map_or_else(Diagram::default, |norm| diagram(&draw(norm, width), width))
        })
    };
    let csv = Signal::derive(move || {
        shown.with(|norm| norm.as_ref().map(|norm| table(norm).csv())).unwrap_or_default()
    });
    // A file's name says which LayerNorm.
    let named = Memo::new(move |_| shown.with(|norm| norm.as_ref().map(title)));
    let files = move || named.get().map(|title| view! { <DiagramFiles title=title file=file csv=csv /> });
    view! {
        <div class="schedule-picture painter-histogram" node_ref=node>
            <svg role="img" aria-label=label width=move || width.get().to_string() height=HEIGHT.to_string()>{shapes}</svg>
        </div>
        {files}
    }
}

/// What a LayerNorm is called: `Block 3, LayerNorm A`.
fn title(norm: &NormHistogram) -> String {
    let name = match norm.norm {
        Norm::Embedding => return "Embeddings, LayerNorm".to_owned(),
        Norm::Attention => "LayerNorm A",
        Norm::FeedForward => "LayerNorm F",
    };
    format!("Block {}, {name}", norm.block.unwrap_or(0) + 1)
}

/// How many values are selected.
fn words(norm: &NormHistogram) -> String {
    let of = |counts: &BinCounts| {
        format!("{} of {}", thousands(counts.selected().into()), thousands(counts.all().into()))
    };
    format!(
        "{}: selected are {} values of γ and {} of β. All are between {} and {}.",
        title(norm),
        of(&norm.gamma),
        of(&norm.beta),
        number(norm.low.into()),
        number(norm.high.into())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norm_is_said_in_words() {
        let norm = NormHistogram {
            block: Some(2),
            norm: Norm::FeedForward,
            low: -0.5,
            high: 1.25,
            gamma: BinCounts { all: vec![1000, 24], selected: vec![0, 3] },
            beta: BinCounts { all: vec![1024, 0], selected: vec![1, 0] },
        };
        let want = "Block 3, LayerNorm F: selected are 3 of 1,024 values of γ and 1 of 1,024 of β. All are between −0.5000 and 1.250.";
        assert_eq!(words(&norm), want);
        assert_eq!(
            title(&NormHistogram { block: None, norm: Norm::Embedding, ..norm }),
            "Embeddings, LayerNorm"
        );
    }
}

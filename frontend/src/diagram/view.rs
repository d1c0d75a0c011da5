//! A diagram on the page: its picture, above it a link for each figure, and its files.
//!
//! The links are one stop of the Tab key; arrow keys lead from figure to figure. What a figure says stands beside it while it is pointed
//! at or focused, until Escape.

use super::focus::{FocusStep, next};
use super::kept_focus::KeptFocus;
use super::mark::{Area, Diagram, Shape, Target};
use super::svg_file::svg_file;
use crate::component::download::{SVG, file_name, save, save_png};
use crate::component::part::{FileButtons, FileFormat};
use crate::component::resize::width_of;
use crate::format::counted;
use crate::root::href;
use crate::route::Route;
use leptos::html::Div;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The width before the page is laid out.
const FIRST_WIDTH: f64 = 560.0;
/// The most that what a figure says is wide.
const SAID_WIDTH: f64 = 280.0;

/// Where the figures of a diagram lead.
#[derive(Clone, Copy)]
pub enum Leads {
    /// To the runs behind them.
    Runs,
    /// To something else of the same page, which is told their places.
    Choice(Callback<usize>),
    /// Nowhere: they say what they are.
    Nowhere,
}

/// A diagram that follows the room there is.
#[derive(Clone, Copy)]
pub struct Fitted {
    room: NodeRef<Div>,
    drawn: Memo<Diagram>,
    /// Whether it is wider than its room.
    scrolls: Memo<bool>,
}

impl Fitted {
    /// A diagram that `draw` draws into a width in pixels.
    pub fn new(draw: impl Fn(f64) -> Diagram + Send + Sync + 'static) -> Self {
        let room = NodeRef::new();
        let width = width_of(room);
        let drawn = Memo::new(move |_| {
            let width = width.get();
            draw(if width > 0.0 { width } else { FIRST_WIDTH })
        });
        // A width has a rest below a pixel.
        let scrolls = Memo::new(move |_| {
            let width = width.get();
            width > 0.0 && drawn.with(|d| d.width >= width + 1.0)
        });
        Self { room, drawn, scrolls }
    }

    /// The diagram as it is now.
    pub fn diagram(self) -> Diagram {
        self.drawn.get_untracked()
    }
}

/// A diagram with its title and its files.
#[component]
pub fn DiagramFigure(
    /// The experiment to whose runs figures lead.
    id: ExperimentId,
    /// What it shows.
    title: String,
    /// What it shows, for a reader who does not see it.
    summary: String,
    /// The diagram.
    fitted: Fitted,
    /// Its figures as a file.
    csv: String,
    /// Where its figures lead.
    #[prop(default = Leads::Runs)]
    leads: Leads,
) -> impl IntoView {
    view! {
        <figure class="chart drawn">
            <figcaption><h3>{title.clone()}</h3></figcaption>
            <DiagramPlot id=id title=title.clone() summary=summary fitted=fitted leads=leads />
            <div class="chart-foot"><DiagramFiles title=title file=move || fitted.diagram() csv=csv /></div>
        </figure>
    }
}

/// A diagram, as wide as there is room for.
#[component]
pub fn DiagramPlot(
    /// The experiment to whose runs figures lead.
    id: ExperimentId,
    /// What it shows.
    title: String,
    /// What it shows, for a reader who does not see it.
    summary: String,
    /// The diagram.
    fitted: Fitted,
    /// Where its figures lead.
    #[prop(default = Leads::Runs)]
    leads: Leads,
) -> impl IntoView {
    let Fitted { room, drawn, scrolls } = fitted;
    // What scrolls takes the focus, so that keys scroll it, too.
    let (label, as_region) = (title.clone(), move || scrolls.get().then_some("region"));
    let shown = RwSignal::new(None::<usize>);
    view! {
        <div class="diagram-frame">
            <div
                class="diagram-room"
                node_ref=room
                role=as_region
                tabindex=move || scrolls.get().then_some("0")
                aria-label=move || scrolls.get().then(|| label.clone())
            >
                <div class="diagram-plot" style:width=move || drawn.with(|d| format!("{:.0}px", d.width))>
                    <Picture drawn=drawn summary=format!("{}. {summary}", title.trim_end_matches('.')) />
                    <Targets id=id title=title drawn=drawn shown=shown leads=leads />
                </div>
            </div>
            <Said drawn=drawn shown=shown room=room />
        </div>
    }
}

/// The shapes of a diagram.
#[component]
fn Picture(drawn: Memo<Diagram>, summary: String) -> impl IntoView {
    let size = move |of: fn(&Diagram) -> f64| drawn.with(|d| format!("{:.0}", of(d)));
    view! {
        <svg class="diagram" role="img" aria-label=summary width=move || size(|d| d.width) height=move || size(|d| d.height)>
            {move || drawn.with(|d| d.shapes.iter().map(shape).collect_view())}
        </svg>
    }
}

fn shape(shape: &Shape) -> AnyView {
    let pixels = |length: f64| format!("{length:.1}");
    match shape.clone() {
        Shape::Rect { class, area: Area { x, y, width, height } } => {
            view! { <rect class=class x=pixels(x) y=pixels(y) width=pixels(width) height=pixels(height) /> }
                .into_any()
        }
        Shape::Path { class, d } => view! { <path class=class d=d /> }.into_any(),
        Shape::Text { class, x, y, anchor, text } => {
            view! { <text class=class x=pixels(x) y=pixels(y) text-anchor=anchor.word()>{text}</text> }
                .into_any()
        }
    }
}

/// A link upon each figure.
#[component]
fn Targets(
    id: ExperimentId,
    title: String,
    drawn: Memo<Diagram>,
    shown: RwSignal<Option<usize>>,
    leads: Leads,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let kept = KeptFocus::around();
    let current = RwSignal::new(kept.place_in(&title).unwrap_or(0));
    let name = StoredValue::new(title.clone());
    Effect::new(move |_| {
        if let Some(links) = node.get() {
            name.with_value(|name| kept.give_back(&links, name));
        }
    });
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            shown.set(None);
        }
        let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key());
        let Some(way) = FocusStep::of_key(&event.key()).filter(|_| plain) else { return };
        event.prevent_default();
        let to = drawn.with_untracked(|d| next(&d.targets, current.get_untracked(), way));
        let all = node.get_untracked();
        let found = all.and_then(|all| all.query_selector(&format!("[data-at='{to}']")).ok().flatten());
        if let Some(link) = found.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            // What cannot be focused stays as it is.
            _ = link.focus();
        }
    };
    let link = move |(at, target): (usize, &Target)| {
        let Target { said, runs, area: Area { x, y, width, height } } = target.clone();
        let place = format!("left:{x:.1}px;top:{y:.1}px;width:{width:.1}px;height:{height:.1}px");
        let hide = move || shown.update(|now| *now = now.filter(|now| *now != at));
        let focus = move |_| {
            current.set(at);
            shown.set(Some(at));
            kept.came(name.get_value(), at);
        };
        let blur = move |event| {
            kept.left(&event);
            hide();
        };
        let tabindex = move || if current.get() == at { "0" } else { "-1" };
        let (enter, leave) = (move |_| shown.set(Some(at)), move |_| hide());
        let common = view! {
            <{..}
                class="target"
                data-at=at.to_string()
                style=place
                tabindex=tabindex
                on:focus=focus
                on:blur=blur
                on:pointerenter=enter
                on:pointerleave=leave
            />
        };
        match leads {
            Leads::Runs => {
                let address = href(&Route::of_runs(id, runs.clone()).url());
                let label = format!("{said}. Show {}", counted(runs.len(), "run"));
                view! { <a {..common} href=address aria-label=label></a> }.into_any()
            }
            Leads::Choice(choose) => {
                view! { <button {..common} type="button" aria-label=said on:click=move |_| choose.run(at)></button> }
                    .into_any()
            }
            Leads::Nowhere => view! { <span {..common} role="img" aria-label=said></span> }.into_any(),
        }
    };
    let label = format!("{title}: arrow keys lead from figure to figure");
    view! {
        <div role="group" aria-label=label node_ref=node on:keydown=key>
            {move || drawn.with(|d| d.targets.iter().enumerate().map(link).collect_view())}
        </div>
    }
}

/// What the figure says that is pointed at, below it.
#[component]
fn Said(drawn: Memo<Diagram>, shown: RwSignal<Option<usize>>, room: NodeRef<Div>) -> impl IntoView {
    move || {
        let at = shown.get()?;
        let Target { said, area, .. } = drawn.with(|d| d.targets.get(at).cloned())?;
        let (scrolled, width) = room.get_untracked().map_or((0.0, SAID_WIDTH), |room| {
            (f64::from(room.scroll_left()), f64::from(room.client_width()))
        });
        let left = (area.middle() - scrolled - SAID_WIDTH / 2.0).min(width - SAID_WIDTH).max(0.0);
        let place = format!("left:{left:.0}px;top:{:.0}px", area.bottom() + 5.0);
        Some(view! { <p class="said" aria-hidden="true" style=place>{said}</p> })
    }
}

/// Buttons that save a diagram and its figures.
#[component]
pub fn DiagramFiles(
    /// What it shows.
    title: String,
    /// The diagram as a file has it.
    file: impl Fn() -> Diagram + Copy + 'static,
    /// Its figures.
    #[prop(into)]
    csv: Signal<String>,
) -> impl IntoView {
    let title = StoredValue::new(title);
    let name = move |extension: &str| title.with_value(|title| file_name(&[title], extension));
    let svg = move || title.with_value(|title| svg_file(&file(), title));
    let save_csv = move || csv.with_untracked(|csv| save(&name("csv"), "text/csv", csv));
    let formats = vec![
        FileFormat { name: "CSV", save: Box::new(save_csv) },
        FileFormat { name: "SVG", save: Box::new(move || save(&name("svg"), SVG, &svg())) },
        FileFormat { name: "PNG", save: Box::new(move || save_png(name("png"), &svg())) },
    ];
    view! { <FileButtons what=title.get_value() formats=formats /> }
}

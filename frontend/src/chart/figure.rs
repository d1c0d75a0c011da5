//! A chart on the page: a figure with its plot, its values in words and as a table, and its files.

use super::area::PlotSize;
use super::board::Board;
use super::drawing::{Drawing, left_out_words};
use super::plot::{Plot, SHOWN_VALUES};
use super::pointer::PointerHandler;
use super::quantity::Quantity;
use super::reading::{CursorValue, CursorValues, around, csv, rows, values_at};
use super::shapes::PointDots;
use super::svg_file::svg_file;
use crate::component::download::{SVG, file_name, save, save_png};
use crate::component::icon::Icon;
use crate::component::lost_focus::keep_focus;
use crate::component::part::{FileButtons, FileFormat, picture, sample};
use crate::component::resize::on_resize;
use crate::component::sight::in_sight;
use crate::format::{duration, number, thousands};
use crate::grouping::Grouping;
use crate::nav::use_nav;
use crate::route::Toward;
use crate::setting::Axis;
use leptos::html::{Button, Div, Figure};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// One chart.
#[component]
pub fn Chart(
    board: Board,
    quantity: Quantity,
    /// Its place among the charts.
    place: usize,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let (size, in_sight) = (size_of(node), in_sight(node));
    let figure = NodeRef::<Figure>::new();
    let (title, unit) = (quantity.title(), quantity.unit());
    let dots = if quantity.is_per_epoch() { PointDots::Shown } else { PointDots::Hidden };
    let quantity = StoredValue::new(quantity);
    let turn = board.scheduler.turns_of(place);
    // To compare two drawings would cost more than to show the new one.
    let drawing = Memo::new_with_compare(
        move |_| {
            turn.get();
            quantity.with_value(|quantity| board.draw(quantity, size.get()))
        },
        |_, _| true,
    );
    let cursor_values = Memo::new(move |_| {
        let cursor = board.cursor.get()?;
        let values = drawing.with(|d| values_at(d, cursor.x));
        Some(CursorValues { x: cursor.x, leads: quantity.with_value(|own| cursor.leader == *own), values })
    });
    let pointer = PointerHandler::new(board, quantity, drawing, cursor_values);
    let plot_label = format!(
        "{title}: left and right read values, plus and minus zoom, comma and full stop move, up and down zoom the values, Escape shows all"
    );
    view! {
        <figure class="chart" node_ref=figure>
            <figcaption>
                <h3>{title.clone()}</h3>
                <span class="unit">{unit}</span>
                <ChartActions board=board quantity=quantity figure=figure />
            </figcaption>
            <div
                class="plot"
                node_ref=node
                role="group"
                tabindex="0"
                aria-label=plot_label
                on:pointermove=move |e| pointer.pointer_moved(&e)
                on:pointerdown=move |e| pointer.button_pressed(&e)
                on:pointerup=move |_| pointer.button_released()
                on:pointerleave=move |_| pointer.left()
                on:blur=move |_| pointer.left()
                on:dblclick=move |_| board.reset_zoom()
                on:keydown=move |e| pointer.key_pressed(&e)
            >
                <Plot board=board quantity=quantity drawing=drawing pointer=pointer cursor_values=cursor_values dots=dots in_sight=in_sight />
                <ValuesBox board=board cursor_values=cursor_values />
            </div>
            <div class="visually-hidden" role="status">
                {move || if pointer.by_keys.get() { cursor_values.get().map(|now| spoken(board, &now)) } else { None }}
            </div>
            {move || left_out(board, drawing)}
            {move || drawing.with(|d| d.stride).map(bucketed)}
            <div class="chart-foot">
                <Table drawing=drawing title=title.clone() />
                <Files title=title quantity=quantity drawing=drawing board=board dots=dots />
            </div>
        </figure>
    }
}

/// The size of a plot, as the style sheet lays it out; a small one until then.
fn size_of(node: NodeRef<Div>) -> RwSignal<PlotSize> {
    let size = RwSignal::new(PlotSize { width: 200.0, height: 230.0 });
    on_resize(
        node,
        |element| vec![element.clone()],
        move |element| {
            let (width, height) = (f64::from(element.client_width()), f64::from(element.client_height()));
            let now = PlotSize { width: width.max(200.0), height: height.max(120.0) };
            if width > 0.0 && size.try_with_untracked(|before| *before != now) == Some(true) {
                size.set(now);
            }
        },
    );
    size
}

/// The ways to move a chart, with their words.
const MOVES: [(Toward, &str); 2] = [(Toward::Earlier, "earlier"), (Toward::Later, "later")];

/// Where a chart stands: before or behind another, first, not at all, alone on the whole screen.
#[component]
fn ChartActions(board: Board, quantity: StoredValue<Quantity>, figure: NodeRef<Figure>) -> impl IntoView {
    let nav = use_nav();
    let word = StoredValue::new(quantity.with_value(Quantity::word));
    let title = quantity.with_value(Quantity::title);
    let pinned =
        Memo::new(move |_| nav.route.with(|r| word.with_value(|word| r.view.charts.pinned.contains(word))));
    let pin = move |_| {
        nav.update_view(|view| {
            let (pinned, word) = (&mut view.charts.pinned, word.get_value());
            match pinned.iter().position(|other| *other == word) {
                Some(at) => drop(pinned.remove(at)),
                None => pinned.push(word),
            }
        });
    };
    let hide = move |_| nav.update_view(|view| view.charts.hidden.push(word.get_value()));
    let enlarge = move |_| {
        let Some(figure) = figure.get() else { return };
        // A browser that has no full screen, or does not allow it, leaves the page as it is.
        match document().fullscreen_element() {
            Some(_) => document().exit_fullscreen(),
            None => drop(figure.request_fullscreen()),
        }
    };
    let order = Memo::new(move |_| nav.route.with(|r| r.view.charts.clone()));
    let charts = Memo::new(move |_| board.quantities().iter().map(Quantity::word).collect::<Vec<_>>());
    let moved = move |to| {
        order.with(|order| charts.with(|all| word.with_value(|word| order.with_moved(word, to, all))))
    };
    let move_button = |(to, way): (Toward, &'static str)| {
        let button = NodeRef::<Button>::new();
        let icon = match to {
            Toward::Earlier => Icon::Up,
            Toward::Later => Icon::Down,
        };
        let press = move |_| {
            if let Some(order) = untrack(|| moved(to)) {
                nav.update_view(|view| view.charts = order);
                // What is moved in a document loses the focus.
                keep_focus(move || button.get_untracked().map(Into::into));
            }
        };
        view! {
            // Not disabled: who moves it to the end by keyboard stays at the button.
            <button
                class="icon-only"
                node_ref=button
                aria-label=format!("Move {title} {way}")
                aria-disabled=move || moved(to).is_none().to_string()
                title=format!("Move {way}")
                on:click=press
            >
                {icon.show()}
            </button>
        }
    };
    let order = board.can_be_ordered().then(|| {
        view! {
            {MOVES.map(move_button)}
            <button
                class="icon-only"
                aria-pressed=move || if pinned.get() { "true" } else { "false" }
                aria-label=format!("Show {title} first")
                title="Show first"
                on:click=pin
            >
                {Icon::Pin.show()}
            </button>
            <button class="icon-only" aria-label=format!("Hide {title}") title="Hide this chart" on:click=hide>
                {Icon::EyeOff.show()}
            </button>
        }
    });
    view! {
        <span class="chart-actions">
            {order}
            <button class="icon-only" aria-label=format!("{title} on the full screen") title="Full screen" on:click=enlarge>
                {Icon::Expand.show()}
            </button>
        </span>
    }
}

/// Says that a chart has no room for all of its lines, and what to do.
fn left_out(board: Board, drawing: Memo<Drawing>) -> Option<impl IntoView> {
    let drawn = drawing.with(|d| (d.left_out > 0).then(|| left_out_words(d)))?;
    let group = board.grouping.get() == Grouping::Runs && board.legend.with(|l| l.seeds.len() > 1);
    let advice = if group {
        "choose masks or tasks above, or average over seeds"
    } else {
        "choose masks or tasks above"
    };
    Some(
        view! { <p class="left-out">{Icon::Warning.show()} <span>{format!("{drawn}; {advice} to see the others.")}</span></p> },
    )
}

/// Says that a point stands for several steps, and what to do.
fn bucketed(stride: usize) -> impl IntoView {
    let steps = thousands(stride as u64);
    let text = format!(
        "A point is the mean of up to {steps} steps; where few lines are drawn, the range of those steps is behind them. \
         The fewer runs a page shows, the more points each has; the files of the experiment have every step."
    );
    view! { <p class="left-out"><span>{text}</span></p> }
}

/// A place on the horizontal axis, in words.
fn position(board: Board, x: f64) -> String {
    match board.setting.with_untracked(|s| s.axis) {
        Axis::Step => format!("step {}", x.round()),
        Axis::Epoch => format!("epoch {x:.2}"),
        Axis::Time => duration(x),
    }
}

/// The values under the crosshair, for a screen reader.
fn spoken(board: Board, now: &CursorValues) -> String {
    let mut parts = vec![position(board, now.x)];
    parts.extend(now.values.iter().take(SHOWN_VALUES).map(|v| match &v.failure {
        Some(reason) => format!("{}: {}, failed: {reason}", v.name, number(v.y)),
        None => format!("{}: {}", v.name, number(v.y)),
    }));
    parts.join("; ")
}

/// The values under the crosshair, below the plot so that they hide no line of it; only on the chart that leads it.
#[component]
fn ValuesBox(board: Board, cursor_values: Memo<Option<CursorValues>>) -> impl IntoView {
    let row = move |value: CursorValue| {
        let key = value.key.clone();
        let near = move || board.highlighted.with(|line| line.as_ref() == Some(&key));
        let pictured = board.legend.with_untracked(|legend| picture(legend, value.mask.as_ref()?));
        view! {
            <li class:near=near>{sample(value.style)} {pictured} <span class="name">{value.name}</span> <b>{number(value.y)}</b></li>
            {value.failure.map(|reason| view! { <li class="why">{Icon::Warning.show()} <span>{reason}</span></li> })}
        }
    };
    move || {
        let CursorValues { x, values, .. } = cursor_values.get().filter(|now| now.leads)?;
        let near = board.highlighted.get();
        let shown = around(&values, near.as_ref(), SHOWN_VALUES);
        let more = values.len() - shown.len();
        Some(view! {
            <div class="values" aria-hidden="true">
                <span class="at">{position(board, x)}</span>
                <ul>{values[shown].iter().cloned().map(row).collect_view()}</ul>
                {(more > 0).then(|| view! { <span class="more">{format!("and {more} more")}</span> })}
            </div>
        })
    }
}

#[component]
fn Files(
    title: String,
    quantity: StoredValue<Quantity>,
    drawing: Memo<Drawing>,
    board: Board,
    dots: PointDots,
) -> impl IntoView {
    let unit = quantity.with_value(Quantity::unit);
    let title = StoredValue::new(title);
    let name = move |extension: &str| title.with_value(|title| file_name(&[title], extension));
    let svg = move || {
        let heading = title.with_value(|title| format!("{title}, {unit}"));
        drawing.with_untracked(|d| svg_file(d, &heading, dots))
    };
    let save_csv = move || {
        let axis = board.setting.with_untracked(|s| s.axis.word());
        let lines = quantity.with_value(|quantity| untrack(|| board.lines(quantity)));
        save(&name("csv"), "text/csv", &csv(&lines.drawn, axis));
    };
    let formats = vec![
        FileFormat { name: "CSV", save: Box::new(save_csv) },
        FileFormat { name: "SVG", save: Box::new(move || save(&name("svg"), SVG, &svg())) },
        FileFormat { name: "PNG", save: Box::new(move || save_png(name("png"), &svg())) },
    ];
    view! { <FileButtons what=title.get_value() formats=formats /> }
}

#[component]
fn Table(drawing: Memo<Drawing>, title: String) -> impl IntoView {
    let open = RwSignal::new(false);
    let toggle = move |event: leptos::ev::Event| {
        let details = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        open.set(details.is_some_and(|d| d.open()));
    };
    let name = format!("{title} as a table");
    let body = move || {
        drawing
            .with(rows)
            .into_iter()
            .map(|row| {
                view! {
                    <tr>
                        <th scope="row">{row.name}</th>
                        <td>{row.points}</td>
                        <td>{row.lowest}</td>
                        <td>{row.highest}</td>
                        <td>{row.last}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <details class="chart-table" on:toggle=toggle>
            <summary>"Show table"</summary>
            <Show when=move || open.get()>
                <div class="scroll" role="region" tabindex="0" aria-label=name.clone()>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">"Run"</th>
                                <th scope="col">"Points"</th>
                                <th scope="col">"Min"</th>
                                <th scope="col">"Max"</th>
                                <th scope="col">"Last"</th>
                            </tr>
                        </thead>
                        <tbody>{body}</tbody>
                    </table>
                </div>
            </Show>
        </details>
    }
}

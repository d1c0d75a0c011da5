//! A chart on the page: a figure with its drawing, its values in words and as a table, and its files.

use super::board::Board;
use super::drawing::{Drawing, Frame};
use super::markup::{self, Dots, left_out_words};
use super::plot::Hand;
use super::quantity::Quantity;
use super::reading::{Reading, csv, readings, rows, summary};
use super::setting::Grouping;
use crate::component::download::{SVG, file_name, save, save_png};
use crate::component::icon::Icon;
use crate::component::part::{FileButtons, FileForm, sample};
use crate::component::resize::on_resize;
use crate::format::number;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const HEIGHT: f64 = 216.0;

/// Values that the box at the crosshair shows.
const SHOWN_VALUES: usize = 8;

/// One chart.
#[component]
pub fn Chart(
    board: Board,
    quantity: Quantity,
    /// Its place among the charts.
    place: usize,
) -> impl IntoView {
    let width = RwSignal::new(0.0);
    let plot = NodeRef::<Div>::new();
    on_resize(
        plot,
        |plot| vec![plot.clone()],
        move |plot| {
            let now = f64::from(plot.client_width());
            if now > 0.0 && width.try_with_untracked(|before| *before != now) == Some(true) {
                width.set(now);
            }
        },
    );
    let turn = board.turns.of(place);
    // To compare two drawings would cost more than to show the new one.
    let drawing = Memo::new_with_compare(
        move |_| {
            turn.get();
            board.draw(quantity, Frame { width: width.get().max(200.0), height: HEIGHT })
        },
        |_, _| true,
    );
    let hand = Hand::new(board, quantity, drawing);
    let dots = if quantity.is_per_epoch() { Dots::Each } else { Dots::None };
    let empty = Memo::new(move |_| drawing.with(|d| d.lines.is_empty()));
    let readings_now = Memo::new(move |_| {
        let cursor = board.cursor.get();
        cursor.map(|(x, leader)| (x, leader == quantity, drawing.with(|d| readings(d, x))))
    });
    let overlay = move || {
        drawing.with(|d| {
            let mut out =
                board.hot.with(|hot| hot.as_ref().map(|id| markup::hot(d, &id.0))).unwrap_or_default();
            if let Some((from, to)) = hand.drag.get() {
                out.push_str(&markup::zoom(d, from, to));
            }
            readings_now.with(|now| {
                if let Some((x, leads, values)) = now {
                    let marks = if *leads { SHOWN_VALUES } else { 0 };
                    out.push_str(&markup::crosshair(d, *x, &values[..marks.min(values.len())]));
                }
            });
            out
        })
    };
    let title = quantity.title();
    let clip = format!("clip-{}", file_name(&[&title], "plot").replace('.', "-"));
    let clip_url = format!("url(#{clip})");
    let plot_label = format!("{title}: arrow keys read values, plus and minus zoom, Escape resets");
    view! {
        <figure class="chart">
            <figcaption>
                <h3>{title.clone()}</h3>
                <span class="unit">{quantity.unit()}</span>
            </figcaption>
            <div
                class="plot"
                node_ref=plot
                role="group"
                tabindex="0"
                aria-label=plot_label
                on:pointermove=move |e| hand.moved(&e)
                on:pointerdown=move |e| hand.down(&e)
                on:pointerup=move |_| hand.up()
                on:pointerleave=move |_| hand.left()
                on:blur=move |_| hand.left()
                on:dblclick=move |_| board.zoom.set(None)
                on:keydown=move |e| hand.key(&e)
            >
                <svg
                    role="img"
                    aria-label=move || format!("{}. {}", quantity.title(), drawing.with(summary))
                    width=move || drawing.with(|d| d.frame.width.to_string())
                    height=HEIGHT.to_string()
                >
                    <clipPath id=clip>
                        <rect
                            x="44"
                            y="0"
                            width=move || drawing.with(|d| (d.frame.width - 48.0).to_string())
                            height=(HEIGHT - 20.0).to_string()
                        />
                    </clipPath>
                    <g inner_html=move || drawing.with(markup::axes)></g>
                    <g clip-path=clip_url.clone() inner_html=move || drawing.with(|d| markup::curves(d, dots))></g>
                </svg>
                // Of its own, so that a pointer that moves has no curve drawn anew.
                <svg class="over" aria-hidden="true" width="100%" height=HEIGHT.to_string()>
                    <g clip-path=clip_url.clone() inner_html=overlay></g>
                </svg>
                <Show when=move || empty.get()>
                    <p class="no-points">{move || board.nothing(quantity)}</p>
                </Show>
                {move || readings_now.get().map(|(x, leads, values)| leads.then(|| values_box(board, x, values)))}
            </div>
            <div class="visually-hidden" role="status">
                {move || if hand.by_keys.get() { readings_now.get().map(|(x, _, v)| spoken(board, x, &v)) } else { None }}
            </div>
            {move || left_out(board, drawing)}
            <div class="chart-foot">
                <Table drawing=drawing title=title.clone() />
                <Files title=title drawing=drawing board=board dots=dots />
            </div>
        </figure>
    }
}

/// Says that a chart has no room for all of its lines, and what to do.
fn left_out(board: Board, drawing: Memo<Drawing>) -> Option<impl IntoView> {
    let said = drawing.with(|d| (d.left_out > 0).then(|| left_out_words(d)))?;
    let group = board.grouping.get() == Grouping::Runs && board.legend.with(|l| l.seeds.len() > 1);
    let way = if group {
        "choose masks or tasks above, or average over seeds"
    } else {
        "choose masks or tasks above"
    };
    Some(
        view! { <p class="left-out">{Icon::Warning.show()} <span>{format!("{said}; {way} to see the others.")}</span></p> },
    )
}

fn position(board: Board, x: f64) -> String {
    use super::setting::Axis;
    match board.setting.with_untracked(|s| s.axis) {
        Axis::Step => format!("step {}", x.round()),
        Axis::Epoch => format!("epoch {x:.2}"),
        Axis::Time => crate::format::duration(x),
    }
}

fn spoken(board: Board, x: f64, values: &[Reading]) -> String {
    let mut parts = vec![position(board, x)];
    parts.extend(values.iter().take(SHOWN_VALUES).map(|v| format!("{}: {}", v.name, number(v.y))));
    parts.join("; ")
}

/// The values under the crosshair, below the plot so that they hide no line of it.
fn values_box(board: Board, x: f64, values: Vec<Reading>) -> impl IntoView {
    let more = values.len().saturating_sub(SHOWN_VALUES);
    let rows = values.into_iter().take(SHOWN_VALUES).map(|value| {
        view! {
            <li>{sample(value.style)} <span class="name">{value.name}</span> <b>{number(value.y)}</b></li>
        }
    });
    view! {
        <div class="values" aria-hidden="true">
            <span class="at">{position(board, x)}</span>
            <ul>{rows.collect_view()}</ul>
            {(more > 0).then(|| view! { <span class="more">{format!("and {more} more")}</span> })}
        </div>
    }
}

#[component]
fn Files(title: String, drawing: Memo<Drawing>, board: Board, dots: Dots) -> impl IntoView {
    let title = StoredValue::new(title);
    let name = move |extension: &str| title.with_value(|title| file_name(&[title], extension));
    let svg = move || drawing.with_untracked(|d| title.with_value(|title| markup::file(d, title, dots)));
    let save_csv = move || {
        let axis = board.setting.with_untracked(|s| s.axis.word());
        save(&name("csv"), "text/csv", &drawing.with_untracked(|d| csv(d, axis)));
    };
    let forms: Vec<FileForm> = vec![
        ("CSV", Box::new(save_csv)),
        ("SVG", Box::new(move || save(&name("svg"), SVG, &svg()))),
        ("PNG", Box::new(move || save_png(name("png"), &svg()))),
    ];
    let what = title.get_value();
    view! { <FileButtons what=what forms=forms /> }
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

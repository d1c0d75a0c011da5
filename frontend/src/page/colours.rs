//! Where the reader chooses colours: of masks, or of whatever else colours tell apart.

use crate::chart::board::Board;
use crate::component::focus_move::FocusMove;
use crate::component::part::swatch;
use crate::legend::{Colours, Dimension};
use crate::nav::use_nav;
use crate::style::COLOURS;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::FocusEvent;

/// Names of the palette's colours, in its order.
const NAMES: [&str; COLOURS] =
    ["Blue", "Orange", "Green", "Purple", "Gold", "Pink", "Teal", "Violet", "Brown", "Grey"];

/// A fold with the palette; nothing where colours tell nothing apart.
#[component]
pub fn ColourChoice(board: Board) -> impl IntoView {
    let open = RwSignal::new(false);
    let dimension = Memo::new(move |_| board.legend.with(|legend| legend.coloured_by(board.grouping.get())));
    let toggle = move |event: leptos::ev::Event| {
        let details = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        open.set(details.is_some_and(|details| details.open()));
    };
    let palette = move || {
        let dimension = dimension.get().filter(|_| open.get())?;
        Some(view! { <Palette board=board dimension=dimension /> })
    };
    view! {
        <Show when=move || dimension.get().is_some()>
            <details class="colour-choice" on:toggle=toggle>
                <summary>"Colours"</summary>
                {palette}
            </details>
        </Show>
    }
}

/// The palette, for one value at a time.
#[component]
fn Palette(board: Board, dimension: Dimension) -> impl IntoView {
    let nav = use_nav();
    let at = RwSignal::new(0_usize);
    let values = Memo::new(move |_| board.legend.with(|legend| legend.values(dimension)));
    let value = Memo::new(move |_| values.with(|values| values.get(at.get()).cloned().unwrap_or_default()));
    let now = Memo::new(move |_| board.legend.with(|legend| legend.colour(dimension, at.get())));
    let option = move |(i, value): (usize, String)| {
        view! { <option value=i.to_string() prop:selected=move || at.get() == i>{value}</option> }
    };
    let choose_value = move |event| {
        if let Ok(place) = event_target_value(&event).parse() {
            at.set(place);
        }
    };
    // Arrows choose each colour that they pass: what was chosen before the focus came is what each of them changes.
    let before = StoredValue::new(None::<Colours>);
    let focus_came = move |event: FocusEvent| {
        if FocusMove::of(&event) != FocusMove::Within {
            before.set_value(Some(nav.route.with_untracked(|route| route.view.setting.colours.clone())));
        }
    };
    let focus_goes = move |event: FocusEvent| {
        if FocusMove::of(&event) != FocusMove::Within {
            before.set_value(None);
        }
    };
    let colour = move |(i, name): (usize, &'static str)| {
        let choose = move |_| {
            nav.update_view(|view| {
                let mut colours = before.get_value().unwrap_or_else(|| view.setting.colours.clone());
                let value = value.get_untracked();
                values.with_untracked(|values| colours.choose(dimension, values, &value, i));
                view.setting.colours = colours;
            });
        };
        view! {
            <label title=name>
                <input type="radio" name="colour" value=i.to_string() prop:checked=move || now.get() == i on:change=choose />
                {swatch(i)}
                <span class="visually-hidden">{name}</span>
            </label>
        }
    };
    let chosen = Memo::new(move |_| board.setting.with(|setting| !setting.colours.is_empty()));
    view! {
        <div class="palette">
            <label>
                "Colour of"
                <select on:change=choose_value>{move || values.get().into_iter().enumerate().map(option).collect_view()}</select>
            </label>
            <fieldset on:focusin=focus_came on:focusout=focus_goes>
                <legend class="visually-hidden">{move || format!("Colour of {}", value.get())}</legend>
                {NAMES.into_iter().enumerate().map(colour).collect_view()}
            </fieldset>
            <button
                class="quiet small"
                disabled=move || !chosen.get()
                on:click=move |_| nav.update_view(|view| view.setting.colours = Colours::default())
            >
                "Reset all colours"
            </button>
            <p class="hint">{hint(dimension)}</p>
        </div>
    }
}

/// What becomes of what had the colour.
fn hint(dimension: Dimension) -> String {
    match dimension {
        Dimension::Contender => "Whatever had this colour gets the old one.".to_owned(),
        other => format!("The {} that had this colour gets the old one.", other.word()),
    }
}

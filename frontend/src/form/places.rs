//! Where the form's experiment trains: the places that the program has, and how it gets others.

use super::state::Form;
use super::text_field::ErrorText;
use crate::net::client::use_client;
use leptos::prelude::*;
use tunemask_shared::places::{HERE, SLURM, TrainingPlace};

/// The control's id and the field's name in an experiment file.
const CONTROL: &str = "places";

/// What a place is called.
fn title(place: &TrainingPlace) -> String {
    match place.name.as_str() {
        HERE => "This machine".into(),
        SLURM => "Slurm".into(),
        host => host.to_owned(),
    }
}

/// The places that are offered: those that there are, and those that the draft names, so that they can be unticked.
fn offered(there: Vec<TrainingPlace>, asked: &[String]) -> Vec<TrainingPlace> {
    let mut places = there;
    for name in asked {
        if places.iter().all(|place| place.name != *name) {
            let says = "not there: this program was started without it".to_owned();
            places.push(TrainingPlace { name: name.clone(), workers: 0, says });
        }
    }
    places
}

/// The section.
#[component]
pub fn Places(form: Form) -> impl IntoView {
    let client = use_client();
    let error = Memo::new(move |_| form.error(CONTROL));
    let places = Memo::new(move |_| {
        let there = client.on_machine.with(|found| found.as_ref().map(|f| f.places.clone()));
        form.draft.with(|draft| offered(there.unwrap_or_default(), &draft.places))
    });
    let sole = Memo::new(move |_| {
        let nothing_asked = form.draft.with(|draft| draft.places.is_empty());
        places.with(|places| match &places[..] {
            [place] if nothing_asked => Some(format!("{}: {}.", title(place), place.says)),
            _ => None,
        })
    });
    let tick = move |place: TrainingPlace| {
        let (title, says) = (title(&place), place.says.clone());
        let name = StoredValue::new(place.name);
        let ticked = move || form.draft.with(|draft| name.with_value(|name| draft.places.contains(name)));
        view! {
            <label class="tick">
                <input
                    type="checkbox"
                    name="place"
                    value=name.get_value()
                    prop:checked=ticked
                    on:change=move |_| form.draft.update(|draft| draft.toggle_place(&name.get_value()))
                    aria-describedby=move || error.with(Option::is_some).then_some("places-error")
                />
                <span><b>{title}</b> <small>{says}</small></span>
            </label>
        }
    };
    view! {
        <Show when=move || !places.with(Vec::is_empty)>
            <fieldset class="panel" data-field=CONTROL>
                <legend><h2>"Where it trains"</h2></legend>
                <ErrorText control=CONTROL error=error />
                <Show
                    when=move || sole.with(Option::is_none)
                    fallback=move || view! { <p>{sole.get()}</p> }
                >
                    <div class="ticks">
                        <For each=move || places.get() key=|place| place.name.clone() let:place>{tick(place)}</For>
                    </div>
                    <p class="hint">"None ticked: anywhere, whichever is free first."</p>
                </Show>
                <p class="hint">
                    "Places are given when the program is started: " <code>"--devices"</code>
                    " for more devices of this machine, " <code>"--machines"</code> " for others over ssh, "
                    <code>"--slurm"</code> " for a cluster."
                </p>
            </fieldset>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_offered_though_it_is_not_there() {
        let place =
            |name: &str| TrainingPlace { name: name.into(), workers: 2, says: "2 worker processes".into() };
        let there = vec![place(HERE), place("desk")];
        let asked = ["desk".to_owned(), "attic".to_owned()];
        let titles: Vec<String> = offered(there, &asked).iter().map(title).collect();
        assert_eq!(titles, ["This machine", "desk", "attic"]);
        assert!(offered(Vec::new(), &asked[1..])[0].says.starts_with("not there"));
        assert_eq!(title(&place(SLURM)), "Slurm");
    }
}

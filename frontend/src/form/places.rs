//! Where the form's experiment trains: the places that the program has, and how it gets others.

use super::state::Form;
use super::text_field::ErrorText;
use crate::net::client::use_client;
use leptos::prelude::*;
use tunemask_shared::places::{HERE, SLURM, TrainingPlace};

/// The control's id and the field's name in an experiment file.
pub const CONTROL: &str = "places";

/// What the section is called.
pub const TITLE: &str = "Where it trains";

/// What a place is called.
fn title(place: &TrainingPlace) -> String {
    match place.name.as_str() {
        HERE => "This machine".into(),
        SLURM => "Slurm".into(),
        host => host.to_owned(),
    }
}

/// The places that are offered: those that there are, and those that the draft names, so that they can be unticked. What was
/// offered once stays, so that a place that is unticked does not take the focus away. Nothing is said of a place before it is
/// known which there are.
fn offered(
    there: Option<Vec<TrainingPlace>>,
    asked: &[String],
    before: &[TrainingPlace],
) -> Vec<TrainingPlace> {
    let says = if there.is_some() { "not there: this program was started without it" } else { "" };
    let mut places = there.unwrap_or_default();
    for name in before.iter().map(|place| &place.name).chain(asked) {
        if places.iter().all(|place| place.name != *name) {
            places.push(TrainingPlace { name: name.clone(), workers: 0, says: says.to_owned() });
        }
    }
    places
}

/// The section.
#[component]
pub fn Places(form: Form) -> impl IntoView {
    let client = use_client();
    let error = Memo::new(move |_| form.error(CONTROL));
    let places = Memo::new(move |before: Option<&Vec<TrainingPlace>>| {
        let there = client.on_machine.with(|found| found.as_ref().map(|f| f.places.clone()));
        form.draft.with(|draft| offered(there, &draft.places, before.map_or(&[][..], Vec::as_slice)))
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
                <legend><h2>{TITLE}</h2></legend>
                <ErrorText control=CONTROL error=error />
                <Show
                    when=move || sole.with(Option::is_none)
                    fallback=move || view! { <p>{sole.get()}</p> }
                >
                    <div class="ticks">
                        <For each=move || places.get() key=|place| format!("{} {}", place.name, place.says) let:place>{tick(place)}</For>
                    </div>
                    <p class="hint">"If none is ticked: wherever is free first."</p>
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
        let titles = |places: &[TrainingPlace]| places.iter().map(title).collect::<Vec<_>>();
        let all = offered(Some(there.clone()), &asked, &[]);
        assert_eq!(titles(&all), ["This machine", "desk", "attic"]);
        assert!(offered(Some(Vec::new()), &asked[1..], &[])[0].says.starts_with("not there"));
        // Unticked, it stays where it is.
        assert_eq!(offered(Some(there), &asked[..1], &all), all);
        assert_eq!(title(&place(SLURM)), "Slurm");
    }

    #[test]
    fn of_a_place_nothing_is_said_before_it_is_known_which_there_are() {
        let asked = ["desk".to_owned()];
        let early = offered(None, &asked, &[]);
        assert_eq!((early[0].name.as_str(), early[0].says.as_str()), ("desk", ""));
        let desk = TrainingPlace { name: "desk".into(), workers: 2, says: "2 worker processes".into() };
        // The row is told apart by all that it says: what came late is shown.
        assert_eq!(offered(Some(vec![desk.clone()]), &asked, &early), [desk]);
    }
}

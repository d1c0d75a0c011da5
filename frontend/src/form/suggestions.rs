//! Models and data that are offered where they are typed: what is on the server's machine, and what earlier experiments used.

use crate::format::bytes;
use crate::net::client::use_client;
use crate::net::store::use_store;
use leptos::prelude::*;
use std::collections::BTreeMap;
use tunemask_shared::experiment::BUILTIN_MODEL;
use tunemask_shared::facts::{Local, OnMachine};

/// The lists that the fields for model and data refer to by their ids.
#[component]
pub fn Suggestions() -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    Effect::new(move |_| {
        if client.is_live() {
            client.look_around();
        }
    });
    let models = Memo::new(move |_| {
        let used = store.overview.with(|o| o.experiments.values().map(|s| s.about.model.clone()).collect());
        client
            .on_machine
            .with(|found| offered(found.as_ref().map(|f| &f.models[..]), used, Some(BUILTIN_MODEL)))
    });
    let folders = Memo::new(move |_| {
        let used =
            store.overview.with(|o| o.experiments.values().filter_map(|s| s.about.data.clone()).collect());
        client.on_machine.with(|found| offered(found.as_ref().map(|f: &OnMachine| &f.data[..]), used, None))
    });
    let options = |offered: Vec<(String, String)>| {
        let option = |(value, label): (String, String)| view! { <option value=value label=label></option> };
        offered.into_iter().map(option).collect_view()
    };
    view! {
        <datalist id="models">{move || options(models.get())}</datalist>
        <datalist id="folders">{move || options(folders.get())}</datalist>
    }
}

/// What is offered, each once, with what is known of it: what is there first, then what was used and may be.
fn offered(found: Option<&[Local]>, used: Vec<String>, always: Option<&str>) -> Vec<(String, String)> {
    let described = |local: &Local| {
        let size = (local.bytes > 0).then(|| bytes(local.bytes));
        let note = Some(local.note.clone()).filter(|note| !note.is_empty());
        let words: Vec<String> = note.into_iter().chain(size).collect();
        (local.name.clone(), words.join(", "))
    };
    let there: Vec<(String, String)> = found.unwrap_or_default().iter().map(described).collect();
    let known: BTreeMap<&String, ()> = there.iter().map(|(name, _)| (name, ())).collect();
    let mut others: Vec<String> = used.into_iter().chain(always.map(str::to_owned)).collect();
    others.retain(|name| !known.contains_key(name));
    others.sort();
    others.dedup();
    let others = others.into_iter().map(|name| (name, String::new()));
    there.iter().cloned().chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_offered_once_and_what_is_there_comes_first() {
        let local = |name: &str, note: &str, bytes| Local { name: name.into(), note: note.into(), bytes };
        let there = [local("builtin:tiny", "2 blocks", 0), local("hf:a/b", "12 blocks", 440 << 20)];
        let used = vec!["/old".to_owned(), "hf:a/b".to_owned(), "/old".to_owned()];
        let text = |offered: Vec<(String, String)>| -> Vec<String> {
            offered.into_iter().map(|(name, label)| format!("{name}|{label}")).collect()
        };
        assert_eq!(
            text(offered(Some(&there), used.clone(), Some(BUILTIN_MODEL))),
            ["builtin:tiny|2 blocks", "hf:a/b|12 blocks, 440 MiB", "/old|"]
        );
        // Before the server has answered.
        assert_eq!(text(offered(None, used, Some(BUILTIN_MODEL))), ["/old|", "builtin:tiny|", "hf:a/b|"]);
    }
}

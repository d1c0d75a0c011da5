//! What the user writes on an experiment, and how it is put away or deleted.

use crate::component::confirmation::{Confirmation, ask};
use crate::component::icon::Icon;
use crate::format::{bytes, counted};
use crate::nav::{HistoryEntry, use_nav};
use crate::net::client::{DiskUse, use_client};
use crate::net::store::use_store;
use crate::route::Page;
use leptos::html::Dialog;
use leptos::prelude::*;
use tunemask_shared::annotation::{Annotation, MAX_NAME, MAX_NOTE};
use tunemask_shared::event::ExperimentId;

/// What is written on an experiment below its name: note and tags.
#[component]
pub fn Written(id: ExperimentId) -> impl IntoView {
    let annotation = use_annotation(id);
    let tag = |tag: String| view! { <li>{tag}</li> };
    view! {
        <Show when=move || !annotation.with(|a| a.tags.is_empty())>
            <ul class="tags" aria-label="Tags">{move || annotation.get().tags.into_iter().map(tag).collect_view()}</ul>
        </Show>
        <Show when=move || !annotation.with(|a| a.note.is_empty())>
            <p class="written-note">{move || annotation.get().note}</p>
        </Show>
    }
}

/// The annotation of an experiment as it stands.
fn use_annotation(id: ExperimentId) -> Memo<Annotation> {
    let store = use_store();
    Memo::new(move |_| {
        store.state.with(|s| s.experiments.get(&id).map(|e| e.annotation())).unwrap_or_default()
    })
}

/// Buttons that change what is written, put the experiment away, or delete it.
#[component]
pub fn Filing(id: ExperimentId, over: Signal<bool>) -> impl IntoView {
    let client = use_client();
    let annotation = use_annotation(id);
    let open = RwSignal::new(false);
    let archive = move |_| {
        let now = annotation.get_untracked();
        client.annotate(id, Annotation { archived: !now.archived, ..now });
    };
    let archive_word = move || if annotation.with(|a| a.archived) { "Unarchive" } else { "Archive" };
    view! {
        <button aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
            {Icon::Pencil.show()}
            "Edit"
        </button>
        <button on:click=archive>{Icon::Box.show()} {archive_word}</button>
        <Delete id=id over=over />
        <Show when=move || open.get()>
            <Editor id=id annotation=annotation open=open />
        </Show>
    }
}

/// The form of name, note and tags.
#[component]
fn Editor(id: ExperimentId, annotation: Memo<Annotation>, open: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    let start = annotation.get_untracked();
    let name = RwSignal::new(start.name);
    let note = RwSignal::new(start.note);
    let tags = RwSignal::new(start.tags.join(", "));
    let error = RwSignal::new(None::<String>);
    let waits = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(done) = client.annotated.get() else { return };
        if waits.get_untracked() {
            waits.set(false);
            match done {
                Ok(()) => open.set(false),
                Err(reason) => error.set(Some(reason)),
            }
        }
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let written = Annotation {
            name: name.get_untracked(),
            note: note.get_untracked(),
            tags: tags.with_untracked(|text| text.split(',').map(str::to_owned).collect()),
            archived: annotation.get_untracked().archived,
        };
        match written.tidy() {
            Err(wrong) => error.set(Some(wrong.message)),
            Ok(written) => {
                error.set(None);
                waits.set(client.annotate(id, written));
            }
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            open.set(false);
        }
    };
    view! {
        <form class="panel editor" aria-label="Name, note and tags" on:submit=save on:keydown=key>
            <div class="field">
                <label for="edit-name">"Name"</label>
                <input
                    id="edit-name"
                    type="text"
                    autofocus
                    maxlength=MAX_NAME.to_string()
                    prop:value=move || name.get()
                    on:input=move |e| name.set(event_target_value(&e))
                />
            </div>
            <div class="field">
                <label for="edit-tags">"Tags"</label>
                <input
                    id="edit-tags"
                    type="text"
                    aria-describedby="edit-tags-hint"
                    prop:value=move || tags.get()
                    on:input=move |e| tags.set(event_target_value(&e))
                />
                <p class="hint" id="edit-tags-hint">"Separated by commas"</p>
            </div>
            <div class="field">
                <label for="edit-note">"Note"</label>
                <textarea
                    id="edit-note"
                    rows="3"
                    maxlength=MAX_NOTE.to_string()
                    prop:value=move || note.get()
                    on:input=move |e| note.set(event_target_value(&e))
                ></textarea>
            </div>
            {move || error.get().map(|text| view! { <p class="error" role="alert">{Icon::Warning.show()} <span>{text}</span></p> })}
            <div class="actions">
                <button type="submit" class="primary" disabled=move || !client.is_live()>"Save"</button>
                <button type="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}

/// The button that deletes, with the question before it.
#[component]
fn Delete(id: ExperimentId, over: Signal<bool>) -> impl IntoView {
    let (client, nav) = (use_client(), use_nav());
    let dialog = NodeRef::<Dialog>::new();
    let question = move |_| {
        client.ask_disk_use(id);
        ask(dialog);
    };
    // Should it be refused, the page says why, and the list still has it.
    let delete = move |()| {
        if client.delete(id) {
            nav.go_to(Page::Experiments, HistoryEntry::Replace);
        }
    };
    let gone = move || match client.disk_use.get().filter(|(of, _)| *of == id) {
        Some((_, DiskUse { runs: 0, .. })) => {
            "All of its runs are in other experiments, too, and stay.".to_owned()
        }
        Some((_, DiskUse { runs, bytes: n })) => format!(
            "{} that {} in no other experiment {} deleted with it, and {} on the disk become free.",
            counted(runs as usize, "run"),
            if runs == 1 { "is" } else { "are" },
            if runs == 1 { "is" } else { "are" },
            bytes(n)
        ),
        None => "Looking at what it left on the disk…".to_owned(),
    };
    view! {
        <button class="danger" on:click=question>{Icon::Bin.show()} "Delete"</button>
        <Confirmation
            dialog=dialog
            title=format!("Delete experiment #{id}?")
            word="Delete"
            otherwise="Keep"
            possible=Signal::derive(move || over.get() && client.is_live())
            confirmed=Callback::new(delete)
        >
            <p role="status">
                {move || if over.get() { gone() } else { "Some of its runs are not over. Cancel the experiment first.".to_owned() }}
            </p>
            <p>"This cannot be undone. To hide it instead, archive it."</p>
        </Confirmation>
    }
}

//! Files of the user's own: chosen or dropped, sent, and then the form's data folder.

use crate::component::file_drop::{FileDrop, Take};
use crate::component::icon::Icon;
use crate::form::field::Field;
use crate::form::state::Form;
use crate::format::bytes;
use crate::net::client::use_client;
use crate::net::upload::{Sending, Upload};
use leptos::prelude::*;
use tunemask_shared::dataset::{MAX_UPLOAD_BYTES, Uploaded};
use web_sys::FileList;

/// What the file dialog offers first.
const ACCEPT: &str = ".csv,.tsv,.json,.jsonl,.ndjson,.parquet,.toml";

/// Where files are chosen or dropped.
#[component]
pub fn OwnFiles(form: Form) -> impl IntoView {
    let client = use_client();
    let state = RwSignal::new(None::<Upload>);
    let sending = StoredValue::new_local(None::<Sending>);
    let send = move |files: FileList| {
        if files.length() > 0 && client.is_live() {
            // What was sent before is given up.
            sending.set_value(None);
            sending.set_value(Sending::begin(&files, state));
        }
    };
    Effect::new(move |_| {
        if let Some(Upload::Done(uploaded)) = state.get() {
            form.draft.update(|draft| draft.set(Field::Data, uploaded.folder));
            form.inspect();
        }
    });
    let goes_on = Memo::new(move |_| state.with(|s| matches!(s, Some(Upload::Sends { .. } | Upload::Reads))));
    let stop = move |_| {
        sending.set_value(None);
        state.set(None);
    };
    let disabled = Signal::derive(move || !client.is_live() || goes_on.get());
    view! {
        <FileDrop
            id="own-files"
            label="Use files of your own"
            hint=hint()
            accept=ACCEPT
            take=Take::Several
            disabled=disabled
            taken=Callback::new(send)
        >
            <div class="upload" role="status">
                {move || state.get().map(shown)}
                <Show when=move || goes_on.get()>
                    <button type="button" class="small" on:click=stop>"Stop the upload"</button>
                </Show>
            </div>
        </FileDrop>
    }
}

fn hint() -> String {
    format!(
        "Choose or drop CSV, TSV, JSON, JSON Lines or parquet, {} at most. They are copied to the server's machine.",
        bytes(MAX_UPLOAD_BYTES)
    )
}

/// How far an upload is.
fn shown(upload: Upload) -> AnyView {
    match upload {
        Upload::Sends { bytes: sent, of } => view! {
            <progress value=sent.to_string() max=of.max(1).to_string() aria-label="Upload"></progress>
            <span class="hint">{format!("Sending: {} of {}", bytes(sent), bytes(of))}</span>
        }
        .into_any(),
        Upload::Reads => view! { <span class="hint">"Reading the files…"</span> }.into_any(),
        Upload::Done(uploaded) => {
            view! { <p class="found">{Icon::Tick.show()} <span>{stored(&uploaded)}</span></p> }.into_any()
        }
        Upload::Failed(why) => {
            view! { <p class="error">{Icon::Warning.show()} <span>{why}</span></p> }.into_any()
        }
    }
}

/// What is stored.
fn stored(uploaded: &Uploaded) -> String {
    let (verb, count) = match uploaded.files.len() {
        1 => ("is", String::new()),
        count => ("are", format!(" ({count} files)")),
    };
    let names: Vec<&str> = uploaded.files.iter().take(3).map(String::as_str).collect();
    let more = if uploaded.files.len() > names.len() { ", …" } else { "" };
    format!("{}{more}{count} {verb} stored; the data folder is where", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_named() {
        let uploaded = |files: &[&str]| Uploaded {
            folder: "x".into(),
            files: files.iter().map(|&file| file.to_owned()).collect(),
        };
        assert_eq!(stored(&uploaded(&["a.csv"])), "a.csv is stored; the data folder is where");
        assert_eq!(
            stored(&uploaded(&["a", "b", "c", "d"])),
            "a, b, c, … (4 files) are stored; the data folder is where"
        );
        assert_eq!(hint().matches("1.0 GiB").count(), 1);
    }
}

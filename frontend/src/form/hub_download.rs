//! A model or data of the hub that are not on the server's machine: a button that downloads them, and how far that is.

use super::field::Field;
use super::state::Form;
use crate::component::icon::Icon;
use crate::format::bytes;
use crate::net::client::use_client;
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::hub::{Download, HubName, RepositoryKind};

/// Time between two questions how far a download is.
const BETWEEN: Duration = Duration::from_millis(500);

/// Below the field of a model or of data. Nothing where no name of the hub is written.
#[component]
pub fn HubDownload(form: Form, field: Field) -> impl IntoView {
    let client = use_client();
    let (kind, what) = match field == Field::Model {
        true => (RepositoryKind::Model, "Download this model"),
        false => (RepositoryKind::Dataset, "Download these data"),
    };
    let name = Memo::new(move |_| {
        let text = form.draft.with(|draft| draft.text(field).trim().to_owned());
        text.parse::<HubName>().is_ok().then_some(text)
    });
    let state = Memo::new(move |_| {
        let name = name.get()?;
        client.downloads.with(|known| known.get(&(kind, name)).cloned())
    });
    // One may go on that this page, or another one, has begun before.
    Effect::new(move |_| {
        if let (Some(name), true) = (name.get(), client.is_live()) {
            client.ask_download(kind, name);
        }
    });
    // The form may be gone by the time: a clock that a test drives gives numbers that cannot be cleared from here.
    let ask = move || {
        let known = (name.try_get_untracked().flatten(), state.try_get_untracked().flatten());
        if let (Some(name), Some(Download::Runs { .. })) = known {
            client.ask_download(kind, name);
        }
    };
    if let Ok(interval) = set_interval_with_handle(ask, BETWEEN) {
        on_cleanup(move || interval.clear());
    }
    // What has come is looked at.
    Effect::new(move |before: Option<Option<Download>>| {
        let now = state.get();
        if now == Some(Download::Done) && before.flatten().is_some_and(|d| matches!(d, Download::Runs { .. }))
        {
            form.inspect();
            client.look_around();
        }
        now
    });
    let is_absent = move || form.facts.with(|facts| facts.absent.contains(&kind));
    let begin = move |_| {
        if let Some(name) = name.get_untracked() {
            client.begin_download(kind, name);
        }
    };
    let button = move |words: &'static str| {
        view! {
            <button type="button" class="small" on:click=begin disabled=move || !client.is_live()>
                {words}
            </button>
        }
    };
    let shown = move || {
        name.get()?;
        let shown = match state.get() {
            Some(Download::Runs { bytes: here, of }) => view! {
                <progress value=here.to_string() max=of.max(1).to_string() aria-label=what></progress>
                <span class="hint">{progress(here, of)}</span>
            }
            .into_any(),
            Some(Download::Failed { reason }) => view! {
                <p class="error">{Icon::Warning.show()} <span>{reason}</span></p>
                {button("Try again")}
            }
            .into_any(),
            Some(Download::None | Download::Done) | None if is_absent() => button(what).into_any(),
            Some(Download::None | Download::Done) | None => return None,
        };
        Some(shown)
    };
    // It stays, so that what comes into it is read out.
    view! {
        <div class="hub-download" role="status">
            {shown}
        </div>
    }
}

/// How far a download is, in words.
fn progress(here: u64, of: u64) -> String {
    match of {
        0 => "Asking the hub…".to_owned(),
        of => format!("Downloading: {} of {}", bytes(here), bytes(of)),
    }
}

#[cfg(test)]
mod tests {
    use super::progress;

    #[test]
    fn a_download_says_how_far_it_is() {
        assert_eq!(progress(0, 0), "Asking the hub…");
        assert_eq!(progress(1 << 20, 440 << 20), "Downloading: 1 MiB of 440 MiB");
    }
}

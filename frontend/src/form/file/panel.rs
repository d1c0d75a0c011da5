//! The panel of the file: its text, what is wrong with it, buttons, commands.

use super::command::{command, name_of_file, whole_command};
use super::state::FileText;
use crate::component::copy::CopyButton;
use crate::component::download::save;
use crate::component::file_drop::{FileDrop, Take};
use crate::component::icon::Icon;
use crate::form::field::Field;
use crate::form::fold::Fold;
use crate::form::state::Form;
use leptos::prelude::*;
use web_sys::FileList;

/// Rows of the text at least and at most.
const ROWS: std::ops::RangeInclusive<usize> = 8..=28;

/// Most errors that are listed.
const MAX_ERRORS: usize = 8;

/// The panel.
#[component]
pub fn FilePanel(form: Form) -> impl IntoView {
    let file = FileText::new(form);
    let summary = view! {
        <h2>"As a file"</h2>
        <span class="count">"TOML and command line"</span>
    };
    view! {
        <Fold class="panel" open=false summary=summary.into_any()>
            <Text file=file />
            <FileDrop
                id="experiment-file"
                label="Open a file"
                hint="Choose or drop a TOML file; the form is filled in with it.".into()
                accept=".toml"
                take=Take::One
                taken=Callback::new(move |files: FileList| file.open(&files))
            />
            <Commands form=form file=file />
        </Fold>
    }
}

/// The text, and what is wrong with it.
#[component]
fn Text(file: FileText) -> impl IntoView {
    let rows = move || file.text().lines().count().clamp(*ROWS.start(), *ROWS.end()).to_string();
    let wrong = Memo::new(move |_| file.errors());
    let errors = move || {
        let all = wrong.get();
        let more = all.len().saturating_sub(MAX_ERRORS);
        let one = |text: String| view! { <li class="error">{Icon::Warning.show()} <span>{text}</span></li> };
        let listed = all.iter().take(MAX_ERRORS).map(|error| one(error.to_string())).collect_view();
        view! {
            {listed}
            {(more > 0).then(|| view! { <li class="hint">{format!("and {more} more")}</li> })}
        }
    };
    view! {
        <div class="field file-text">
            <label for="file-text">"Experiment file"</label>
            <textarea
                id="file-text"
                rows=rows
                wrap="off"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=move || file.text()
                on:input=move |e| file.write(event_target_value(&e))
                on:change=move |_| file.leave()
                aria-invalid=move || (!wrong.with(Vec::is_empty)).then_some("true")
                aria-describedby="file-errors file-hint"
            ></textarea>
            <ul class="file-errors" id="file-errors" role="status">{errors}</ul>
            <Show when=move || file.differs()>
                <p class="hint">
                    "The form is as it was before. "
                    <button type="button" class="link" on:click=move |_| file.give_up()>"Show the form's file again"</button>
                </p>
            </Show>
            <p class="hint" id="file-hint">
                "The form as a file. Edit it or paste another, or a command with a file in it, and the form follows; fields left at their default are omitted."
            </p>
        </div>
    }
}

/// What can be done with the file, and how it is run without a page.
#[component]
fn Commands(form: Form, file: FileText) -> impl IntoView {
    let name = Memo::new(move |_| form.draft.with(|draft| draft.text(Field::Name).to_owned()));
    let unusable = Signal::derive(move || file.is_unread() || file.differs());
    let download =
        move |_| save(&name.with_untracked(|name| name_of_file(name)), "application/toml", &file.written());
    view! {
        <div class="file-actions">
            <CopyButton label="Copy file" text=move |()| file.written() disabled=unusable />
            <button type="button" disabled=move || unusable.get() on:click=download>
                {Icon::Download.show()}
                "Download file"
            </button>
        </div>
        <Show when=move || file.is_unread()>
            <p class="hint">"A field of the form cannot be read. The file stays as it was until you correct it."</p>
        </Show>
        <h3 id="file-command">"Without the page"</h3>
        <pre class="command" role="group" aria-labelledby="file-command" tabindex="0">
            <code>{move || name.with(|name| command(name))}</code>
        </pre>
        <div class="file-actions">
            <CopyButton label="Copy command" text=move |()| name.with_untracked(|name| command(name)) />
            <CopyButton label="Copy command and file in one" text=move |()| whole_command(&file.written()) disabled=unusable />
        </div>
        <p class="hint">"Paths are relative to where the command is called. A home folder that a server has open needs another --home."</p>
    }
}

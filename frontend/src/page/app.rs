//! The whole page: what stands on every page, and the page of the address.

use super::cancelling::{CancelQuestion, Cancelling};
use super::compare::ComparePage;
use super::compare::basket::Basket;
use super::compare::contenders::{ComparedSignal, use_compared};
use super::connection::{ConnectionStatus, Messages};
use super::ended::{notify_of_ends, show_in_icon};
use super::experiment::ExperimentPage;
use super::experiments::ExperimentsPage;
use super::machine::MachinePanel;
use super::new_experiment::NewExperimentPage;
use super::preferences::Preferences;
use super::report::{ReferenceSignal, ReportPage};
use super::run::RunPage;
use super::shortcuts::{Shortcuts, ShortcutsDialog};
use super::try_it::TryPage;
use super::undo::CancelNotice;
use super::waiting::Waiting;
use crate::component::announcer::{Announcer, LiveRegion};
use crate::component::icon::Icon;
use crate::component::lost_focus::catch_focus_in_new_page;
use crate::component::notification::Notifications;
use crate::form::unfinished::{Unfinished, use_unfinished};
use crate::nav::{HistoryEntry, Nav, use_nav};
use crate::net::client::{Answer, use_client};
use crate::net::connect::connect;
use crate::net::store::use_store;
use crate::progress::sign;
use crate::root::href;
use crate::route::{Page, Prefill};
use leptos::prelude::*;
use tunemask_shared::watched::{Detail, Watch};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let nav = Nav::new();
    provide_context(nav);
    Announcer::provide();
    ReferenceSignal::provide();
    ComparedSignal::provide();
    Basket::provide();
    Unfinished::provide();
    Notifications::provide();
    Shortcuts::provide();
    Cancelling::provide();
    connect();
    let (store, client, unfinished) = (use_store(), use_client(), use_unfinished());
    let page = Memo::new(move |_| nav.route.with(|r| r.page.clone()));
    // A tab in the background says how far its experiment is.
    let title = Memo::new(move |_| match page.get() {
        Page::Experiments => "Experiments".to_owned(),
        Page::New(_) => "New experiment".into(),
        Page::Experiment(id) | Page::Report(id, _) | Page::Run(id, _) | Page::Try(id) => {
            let found = store.summary(id, |s| format!("{} · {}", sign(&s.progress), s.about.name));
            found.unwrap_or_else(|| format!("Experiment {id}"))
        }
        Page::Compare(_) => "Compare".into(),
        Page::Missing => "Not found".into(),
    });
    Effect::new(move |_| document().set_title(&format!("{} · Tunemask", title.get())));
    show_in_icon(Signal::derive(move || page.with(Page::experiment)));
    Effect::watch(
        move || page.get(),
        |now, before, _| {
            if let Some(before) = before.filter(|before| *before != now) {
                let is_within = now.experiment().is_some() && now.experiment() == before.experiment();
                catch_focus_in_new_page(if is_within {
                    &["#main .tabs [aria-current]", "#main"]
                } else {
                    &["#main"]
                });
            }
        },
        false,
    );
    notify_of_ends();
    // Only a page that shows an experiment is told of its runs. One that is not there cannot be watched.
    let compared = use_compared();
    let shown = Memo::new(move |_| {
        let one = |experiment_id, detail| vec![Watch { experiment_id, detail }];
        let mut shown = match page.get() {
            Page::Experiment(id) | Page::Run(id, _) => one(id, Detail::Runs),
            Page::Report(id, _) | Page::Try(id) => one(id, Detail::Grid),
            Page::Compare(Ok(_)) => compared.0.get(),
            Page::Experiments | Page::New(_) | Page::Compare(Err(_)) | Page::Missing => Vec::new(),
        };
        shown.retain(|watch| store.summary(watch.experiment_id, |_| ()).is_some());
        shown
    });
    Effect::new(move |_| {
        let shown = shown.get();
        if store.watch(shown.clone()) {
            client.watch(shown);
        }
    });
    // Here and not in the form: an empty lab's form is gone as soon as its first experiment is there.
    Effect::new(move |_| {
        if let Some(Answer::Accepted(id)) = client.answer.get() {
            client.answer.set(None);
            unfinished.started();
            nav.go_to(Page::Experiment(id), HistoryEntry::Push);
        }
    });
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <Header />
        <Messages />
        <CancelNotice />
        <main id="main" tabindex="-1">
            {move || {
                let page = page.get();
                // The form can be filled in meanwhile.
                let needs_state = !matches!(page, Page::New(Prefill::Nothing | Prefill::Study(..)) | Page::Compare(Err(_)) | Page::Missing);
                if needs_state && !store.ready.get() {
                    return view! { <Waiting title="Connecting" /> }.into_any();
                }
                match page {
                    Page::Experiments => view! { <ExperimentsPage /> }.into_any(),
                    Page::New(prefill) => view! { <NewExperimentPage prefill=prefill /> }.into_any(),
                    Page::Experiment(id) => view! { <ExperimentPage id=id /> }.into_any(),
                    Page::Run(id, run) => view! { <RunPage id=id run=run /> }.into_any(),
                    Page::Try(id) => view! { <TryPage id=id /> }.into_any(),
                    Page::Compare(chosen) => view! { <ComparePage chosen=chosen /> }.into_any(),
                    Page::Report(id, asked) => view! { <ReportPage id=id asked=asked /> }.into_any(),
                    Page::Missing => view! { <MissingPage /> }.into_any(),
                }
            }}
        </main>
        <LiveRegion />
        <ShortcutsDialog />
        <CancelQuestion />
    }
}

#[component]
fn Header() -> impl IntoView {
    let nav = use_nav();
    let here = move |page: Page| (nav.route.with(|r| r.page == page)).then_some("page");
    view! {
        <header class="top">
            <a class="brand" href=href("/")>
                <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <path d="M2 3h4v4H2zM8 3h4v4H8zM2 13h4v4H2zM14 8h4v4h-4z" fill="currentColor" opacity=".3" />
                    <path d="M14 3h4v4h-4zM8 8h4v4H8zM2 8h4v4H2zM8 13h4v4H8zM14 13h4v4h-4z" fill="currentColor" />
                </svg>
                "Tunemask"
            </a>
            <nav aria-label="Pages">
                <a href=href("/") aria-current=move || here(Page::Experiments)>"Experiments"</a>
                <a href=href("/new") aria-current=move || here(Page::New(Prefill::Nothing))>"New experiment"</a>
            </nav>
            <div class="top-end">
                <Queue />
                <MachinePanel />
                <ConnectionStatus />
                <Preferences />
            </div>
        </header>
    }
}

#[component]
fn Queue() -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let paused = Memo::new(move |_| store.overview.with(|o| o.paused));
    let shown = move || {
        let paused = paused.get();
        let (icon, name) = if paused { (Icon::Play, "Resume queue") } else { (Icon::Pause, "Pause queue") };
        view! {
            <Show when=move || paused>
                <span class="paused">"Queue paused"</span>
            </Show>
            <button class="quiet" on:click=move |_| client.set_paused(!paused) disabled=move || !client.is_live()>
                {icon.show()}
                {name}
            </button>
        }
    };
    view! { <Show when=move || store.ready.get()>{shown}</Show> }
}

#[component]
fn MissingPage() -> impl IntoView {
    view! {
        <div class="empty">
            <h1>"No such page"</h1>
            <p><a href=href("/")>"All experiments"</a></p>
        </div>
    }
}

//! What stands on every page.

use super::connection::{Messages, Sign};
use super::experiment::ExperimentPage;
use super::experiments::ExperimentsPage;
use super::icon::Icon;
use super::report::ReportPage;
use super::theme::ThemeChoice;
use crate::form::page::NewPage;
use crate::nav::{Nav, Step, use_nav};
use crate::net::lab::{Answer, Lab, use_lab};
use crate::net::socket;
use crate::root::href;
use crate::route::{From, Page};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;

/// Says something to who listens rather than looks; the last word wins.
#[derive(Clone, Copy)]
pub struct Announcer(pub RwSignal<String>);

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let lab = Lab::new();
    let nav = Nav::new();
    let announcer = Announcer(RwSignal::new(String::new()));
    provide_context(lab);
    provide_context(nav);
    provide_context(announcer);
    socket::open(lab);
    let page = Memo::new(move |_| nav.route.with(|r| r.page.clone()));
    let name_of =
        move |id: ExperimentId| lab.state.with(|s| s.experiments.get(&id).map(|e| e.experiment.name.clone()));
    Effect::new(move |_| {
        let title = match page.get() {
            Page::Experiments => "Experiments".to_owned(),
            Page::New(_) => "New experiment".into(),
            Page::Experiment(id) | Page::Report(id, _) => {
                name_of(id).unwrap_or_else(|| format!("Experiment {id}"))
            }
            Page::Missing => "Not found".into(),
        };
        document().set_title(&format!("{title} · Tunemask"));
    });
    // Only the page that shows an experiment needs its points.
    Effect::new(move |_| match page.get() {
        Page::Experiment(id) => lab.watch(Some(id)),
        _ => lab.watch(None),
    });
    // Here and not in the form: an empty lab's form is gone as soon as its first experiment is there.
    Effect::new(move |_| {
        if let Some(Answer::Accepted(_, id)) = lab.answer.get() {
            lab.answer.set(None);
            nav.go(Page::Experiment(id), Step::Push);
        }
    });
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <Header />
        <Messages />
        <main id="main" tabindex="-1">
            {move || {
                if !lab.ready.get() {
                    return view! { <Waiting /> }.into_any();
                }
                match page.get() {
                    Page::Experiments => view! { <ExperimentsPage /> }.into_any(),
                    Page::New(from) => view! { <NewPage from=from /> }.into_any(),
                    Page::Experiment(id) => view! { <ExperimentPage id=id /> }.into_any(),
                    Page::Report(id, asked) => view! { <ReportPage id=id asked=asked /> }.into_any(),
                    Page::Missing => view! { <MissingPage /> }.into_any(),
                }
            }}
        </main>
        <div class="visually-hidden" role="status" aria-live="polite">{move || announcer.0.get()}</div>
    }
}

#[component]
fn Header() -> impl IntoView {
    let (lab, nav) = (use_lab(), use_nav());
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
                <a href=href("/new") aria-current=move || here(Page::New(From::Nothing))>"New experiment"</a>
            </nav>
            <div class="top-end">
                <Queue />
                <span class="device">{move || lab.server.with(|s| s.as_ref().map(|s| s.device.clone()))}</span>
                <Sign />
                <ThemeChoice />
            </div>
        </header>
    }
}

#[component]
fn Queue() -> impl IntoView {
    let lab = use_lab();
    let paused = Memo::new(move |_| lab.state.with(|s| s.paused));
    let shown = move || {
        let paused = paused.get();
        let (icon, name) = if paused { (Icon::Play, "Resume queue") } else { (Icon::Pause, "Pause queue") };
        view! {
            <Show when=move || paused>
                <span class="paused">"Queue paused"</span>
            </Show>
            <button class="quiet" on:click=move |_| lab.set_paused(!paused) disabled=move || !lab.is_live()>
                {icon.show()}
                {name}
            </button>
        }
    };
    view! { <Show when=move || lab.ready.get()>{shown}</Show> }
}

#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="empty">
            <h1>"Connecting"</h1>
            <p>"Loading experiments…"</p>
        </div>
    }
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

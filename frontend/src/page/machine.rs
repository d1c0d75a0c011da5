//! How busy the server's machine is, and the queue: what opens from the header of every page. Nothing is asked while it is closed.

use super::queue::QueueList;
use super::workers::WorkerList;
use crate::format::{bytes, counted, on_disk};
use crate::net::client::use_client;
use crate::net::store::use_store;
use leptos::html::Details;
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::machine::{Machine, Processor, Room};

/// Time between two questions of an open panel; the server looks no more often.
const PERIOD: Duration = Duration::from_secs(2);

/// A line of the panel: what, how much of it is used, and in words.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    what: &'static str,
    share: Option<f64>,
    words: String,
}

/// What the panel says; what the system does not say is left out.
fn lines(machine: &Machine) -> Vec<Line> {
    let line = |what, share: Option<f64>, words: String| Line { what, share, words };
    let room = |room: Room| format!("{} of {}", bytes(room.used), bytes(room.total));
    let mut lines = vec![line("Device", None, machine.device.clone())];
    if let Some(memory) = machine.device_memory {
        lines.push(line("Device memory", Some(memory.share()), room(memory)));
    }
    if let Some(Processor { cores, busy, own }) = machine.processor {
        let percent = |share: f64| (100.0 * share).round();
        let cores = counted(cores as usize, "core");
        let words = format!("{} % of {cores}, {} % by Tunemask", percent(busy), percent(own));
        lines.push(line("Processor", Some(busy), words));
    }
    if let Some(memory) = machine.memory {
        let own = machine.own_memory.map(|own| format!(", {} by Tunemask", bytes(own)));
        lines.push(line("Memory", Some(memory.share()), room(memory) + &own.unwrap_or_default()));
    }
    let runs = format!("{} by runs", on_disk(machine.runs));
    match machine.disk {
        Some(disk) => {
            lines.push(line("Disk", Some(disk.share()), format!("{} free, {runs}", bytes(disk.free()))));
        }
        None => lines.push(line("Disk", None, runs)),
    }
    lines
}

/// The button in the header, and what it opens.
#[component]
pub fn MachinePanel() -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let open = RwSignal::new(false);
    let details = NodeRef::<Details>::new();
    Effect::new(move |asking: Option<Option<IntervalHandle>>| {
        if let Some(Some(asking)) = asking {
            asking.clear();
        }
        if !open.get() || !client.is_live() {
            return None;
        }
        client.ask_machine();
        // A tab that nobody sees asks nothing.
        let ask = move || {
            if !document().hidden() {
                client.ask_machine();
            }
        };
        set_interval_with_handle(ask, PERIOD).ok()
    });
    let toggled = move |_| open.set(details.get_untracked().is_some_and(|details| details.open()));
    let escape = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape"
            && let Some(details) = details.get_untracked()
        {
            details.set_open(false);
            let summary = details.query_selector("summary").ok().flatten();
            focus(summary);
        }
    };
    let device = move || store.server.with(|s| s.as_ref().map(|s| s.device.clone()));
    let line = |Line { what, share, words }: Line| {
        let shown = share.map(|share| meter(what, share, words.clone()));
        view! { <div><dt>{what}</dt> <dd>{shown} <span>{words}</span></dd></div> }
    };
    let said = move || match client.machine.get() {
        Some(machine) => view! { <dl>{lines(&machine).into_iter().map(line).collect_view()}</dl> }.into_any(),
        None => view! { <p class="hint">"Looking at the machine…"</p> }.into_any(),
    };
    let workers =
        Memo::new(move |_| client.machine.with(|m| m.as_ref().map(|m| m.nodes.clone())).unwrap_or_default());
    view! {
        <details class="machine" node_ref=details on:toggle=toggled on:keydown=escape>
            <summary>"Machine" <span class="device">{device}</span></summary>
            <Show when=move || open.get()>
                <div class="machine-panel" role="group" aria-label="Machine and queue">
                    <h2>"Machine"</h2>
                    {said}
                    <Show when=move || !workers.with(Vec::is_empty)>
                        <h2>"Workers"</h2>
                        <WorkerList nodes=workers />
                    </Show>
                    <h2>"Queue"</h2>
                    <QueueList />
                </div>
            </Show>
        </details>
    }
}

/// A bar of which a share is used.
fn meter(what: &'static str, share: f64, words: String) -> impl IntoView {
    let percent = (100.0 * share.clamp(0.0, 1.0)).round();
    view! {
        <span
            class="bar"
            role="meter"
            aria-label=what
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=percent.to_string()
            aria-valuetext=words
        >
            <span class="used" style=format!("inline-size:{percent}%")></span>
        </span>
    }
}

/// Goes to an element, if it can be gone to.
fn focus(element: Option<web_sys::Element>) {
    use wasm_bindgen::JsCast;
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn what_is_known_is_said_and_the_rest_left_out() {
        let room = |used: u64, total: u64| Some(Room { used: used * GIB, total: total * GIB });
        let machine = Machine {
            device: "CPU, 2 threads".into(),
            device_memory: None,
            processor: Some(Processor { cores: 2, busy: 0.754, own: 0.5 }),
            memory: room(1, 4),
            own_memory: Some(300 * GIB / 1024),
            disk: room(3, 8),
            runs: 5000,
            nodes: Vec::new(),
        };
        let said: Vec<String> =
            lines(&machine).into_iter().map(|l| format!("{}: {}", l.what, l.words)).collect();
        let want = [
            "Device: CPU, 2 threads",
            "Processor: 75 % of 2 cores, 50 % by Tunemask",
            "Memory: 1.0 GiB of 4.0 GiB, 300 MiB by Tunemask",
            "Disk: 5.0 GiB free, 5 KiB by runs",
        ];
        assert_eq!(said, want);
        let little = lines(&Machine { device_memory: room(1, 2), ..Machine::default() });
        let what: Vec<&str> = little.iter().map(|line| line.what).collect();
        assert_eq!((what, little[1].share), (vec!["Device", "Device memory", "Disk"], Some(0.5)));
    }
}

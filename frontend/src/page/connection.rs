//! The connection to the program: its status in the header, and what the reader must know.

use crate::component::icon::Icon;
use crate::format::clock;
use crate::net::client::use_client;
use crate::net::link::Link;
use crate::net::socket::use_socket;
use crate::net::store::use_store;
use leptos::prelude::*;

/// Whether what is shown is up to date.
#[component]
pub fn ConnectionStatus() -> impl IntoView {
    let (store, socket) = (use_store(), use_socket());
    let word = Memo::new(move |_| socket.link.with(|l| l.word()));
    let class = move || format!("sign {}", word.get().to_lowercase().replace(' ', "-"));
    let version = move || store.server.with(|s| s.as_ref().map(|s| format!("Tunemask {}", s.version)));
    // Not said aloud again every second.
    let silent = move || match socket.link.get() {
        Link::Silent { secs } => Some(view! { <span aria-hidden="true">{format!(" for {secs} s")}</span> }),
        _ => None,
    };
    view! {
        <span class=class role="status" title=version>
            <span class="dot" aria-hidden="true"></span>
            <span>{move || word.get()} {silent}</span>
        </span>
    }
}

/// What is wrong with the connection, in a sentence, and whether the reader can have it tried at once.
#[derive(Clone, PartialEq)]
struct Problem {
    text: String,
    may_try: bool,
}

fn problem(link: &Link, ready: bool, heard: Option<String>) -> Option<Problem> {
    let last = heard.map_or_else(String::new, |at| format!(" Last update {at}."));
    Some(match link {
        Link::Connecting | Link::Live => return None,
        Link::Silent { .. } => Problem {
            text: format!("The program does not answer; what is shown may be out of date.{last}"),
            may_try: false,
        },
        Link::Lost { attempt, .. } if !ready && *attempt <= 1 => return None,
        Link::Lost { reason, .. } => {
            let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
            let text = match ready {
                true => format!("Connection lost{why}; retrying. What is shown may be out of date.{last}"),
                false => format!("No connection to the program{why}; retrying."),
            };
            Problem { text, may_try: true }
        }
        Link::Outdated { server } => Problem {
            text: format!(
                "This page and the program have different versions (the program speaks protocol {server}). \
                 Close every tab of the page and open it again; if that does not help, rebuild the page \
                 with `make run`."
            ),
            may_try: false,
        },
    })
}

/// What the reader must know: a broken connection, a refusal.
#[component]
pub fn Messages() -> impl IntoView {
    let (store, client, socket) = (use_store(), use_client(), use_socket());
    let told = Memo::new(move |_| {
        let heard = socket.heard_ms.get().map(time_of_day);
        socket.link.with(|link| problem(link, store.ready.get(), heard))
    });
    let broken = move || {
        told.get().map(|Problem { text, may_try }| {
            let button = may_try.then(|| {
                view! { <button class="small" on:click=move |_| socket.try_now()>"Try now"</button> }
            });
            view! { <p class="message warning" role="alert">{Icon::Warning.show()} <span>{text}</span> {button}</p> }
        })
    };
    let refused = move || {
        client.refusal.get().map(|reason| {
            view! {
                <p class="message warning" role="alert">
                    {Icon::Warning.show()} <span>{reason}</span>
                    <button class="quiet" on:click=move |_| client.refusal.set(None)>"Dismiss"</button>
                </p>
            }
        })
    };
    view! { {broken} {refused} }
}

/// A moment's time of the day, where the reader is.
pub fn time_of_day(ms: u64) -> String {
    let date = js_sys::Date::new(&(ms as f64).into());
    clock(date.get_hours(), date.get_minutes(), date.get_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_old_is_said_with_its_time() {
        let of =
            |link: Link, ready| problem(&link, ready, Some("13:05:12".into())).map(|t| (t.text, t.may_try));
        assert_eq!(of(Link::Live, true), None);
        let (text, may_try) = of(Link::Silent { secs: 7 }, true).unwrap();
        assert_eq!((text.contains("Last update 13:05:12."), may_try), (true, false));
        let lost = |attempt| Link::Lost { attempt, reason: String::new() };
        let (text, may_try) = of(lost(1), true).unwrap();
        assert_eq!((text.starts_with("Connection lost; retrying."), may_try), (true, true));
        assert!(text.ends_with("Last update 13:05:12."));
        // The first try of a page that shows nothing yet may fail without a word.
        assert_eq!((of(lost(1), false), of(lost(2), false).is_some()), (None, true));
    }
}

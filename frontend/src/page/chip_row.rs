//! A row of chips that filter: those that there is room for, those that are pressed, and those that were, so that no chip leaves
//! with the focus.

use crate::chart::board::Board;
use crate::component::part::chip;
use crate::filter::WordList;
use crate::legend::Legend;
use crate::nav::use_nav;
use leptos::prelude::*;

/// A row of chips: what its filter lists.
#[derive(Clone, Copy)]
pub struct Row {
    /// Its title.
    pub title: &'static str,
    /// What it is of, in the plural and within a sentence.
    pub plural: &'static str,
    /// Most values that all have their chips at once.
    pub few: usize,
    /// All values, as the filter writes them.
    pub values: fn(&Legend) -> Vec<String>,
    /// What is said of one.
    pub label: fn(&Legend, &str) -> AnyView,
    /// The filter's list of those that are pressed.
    pub list: WordList,
}

/// Whether all values have their chips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fold {
    /// The first of them, and those that are pressed.
    #[default]
    Shut,
    /// All of them.
    Open,
}

/// The chips that are shown.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    fold: Fold,
    words: Vec<String>,
}

impl Shown {
    /// Those of these values, after those before. What is pressed has its chip though there is no such value, as a link may ask
    /// for it. One value alone tells nothing apart.
    fn of(all: &[String], pressed: &[String], few: usize, fold: Fold, before: Option<&Shown>) -> Shown {
        let kept =
            before.filter(|before| before.fold == fold).map_or(&[][..], |before| before.words.as_slice());
        let told = all.len() > 1 || !pressed.is_empty() || !kept.is_empty();
        let room = if fold == Fold::Open { all.len() } else { few };
        let is_kept = |word: &String| pressed.contains(word) || kept.contains(word);
        let known =
            all.iter().enumerate().filter(|(at, word)| *at < room || is_kept(word)).map(|(_, word)| word);
        let mut words: Vec<String> = known.filter(|_| told).cloned().collect();
        for word in pressed.iter().chain(kept) {
            if !words.contains(word) {
                words.push(word.clone());
            }
        }
        Shown { fold, words }
    }
}

/// A row.
#[component]
pub fn Chips(board: Board, row: Row) -> impl IntoView {
    let nav = use_nav();
    let Row { title, plural, few, list, .. } = row;
    let all = Memo::new(move |_| board.legend.with(row.values));
    let pressed = Memo::new(move |_| nav.route.with(|r| r.view.filter.words(list).clone()));
    let fold = RwSignal::new(Fold::Shut);
    let shown = Memo::new(move |before| {
        all.with(|all| pressed.with(|pressed| Shown::of(all, pressed, few, fold.get(), before)))
    });
    let one = move |word: String| {
        let word = StoredValue::new(word);
        let label = move || board.legend.with(|legend| word.with_value(|word| (row.label)(legend, word)));
        let is_pressed = move || pressed.with(|pressed| word.with_value(|word| pressed.contains(word)));
        let press = move || nav.update_view(|v| toggle(v.filter.words_mut(list), word.get_value()));
        chip(is_pressed, press, label)
    };
    let count = move || all.with(Vec::len);
    let some = Memo::new(move |_| shown.with(|shown| !shown.words.is_empty()));
    view! {
        <Show when=move || some.get()>
            <div class="chips" role="group" aria-label=format!("Show {title}")>
                <span>{title}</span>
                <For each=move || shown.with(|shown| shown.words.clone()) key=String::clone let:word>{one(word)}</For>
            </div>
            <Show when=move || { count() > few }>
                <button
                    class="quiet"
                    aria-expanded=move || (fold.get() == Fold::Open).to_string()
                    on:click=move |_| fold.update(|fold| *fold = if *fold == Fold::Open { Fold::Shut } else { Fold::Open })
                >
                    {move || match fold.get() {
                        Fold::Shut => format!("All {} {plural}", count()),
                        Fold::Open => format!("Fewer {plural}"),
                    }}
                </button>
            </Show>
        </Show>
    }
}

/// Puts something into a list, or takes it out.
pub fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
    match list.iter().position(|i| *i == item) {
        Some(at) => {
            list.remove(at);
        }
        None => list.push(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn shown(all: &[&str], pressed: &[&str], fold: Fold, before: Option<&Shown>) -> Shown {
        Shown::of(&words(all), &words(pressed), 2, fold, before)
    }

    #[test]
    fn a_chip_stays_when_it_is_no_longer_pressed_until_the_row_is_folded() {
        let all = ["a", "b", "c", "d"];
        let folded = shown(&all, &[], Fold::Shut, None);
        assert_eq!(folded.words, ["a", "b"]);
        let pressed = shown(&all, &["d"], Fold::Shut, Some(&folded));
        assert_eq!(pressed.words, ["a", "b", "d"]);
        let released = shown(&all, &[], Fold::Shut, Some(&pressed));
        assert_eq!(released.words, ["a", "b", "d"]);
        let open = shown(&all, &[], Fold::Open, Some(&released));
        assert_eq!(open.words, all);
        assert_eq!(shown(&all, &[], Fold::Shut, Some(&open)).words, ["a", "b"]);
    }

    #[test]
    fn what_filters_is_seen_though_it_tells_nothing_apart_or_is_not_there() {
        assert!(shown(&["a"], &[], Fold::Shut, None).words.is_empty());
        let asked = shown(&["a"], &["a"], Fold::Shut, None);
        assert_eq!(asked.words, ["a"]);
        assert_eq!(shown(&["a"], &[], Fold::Shut, Some(&asked)).words, ["a"]);
        assert_eq!(shown(&["a", "b"], &["gone"], Fold::Shut, None).words, ["a", "b", "gone"]);
    }
}

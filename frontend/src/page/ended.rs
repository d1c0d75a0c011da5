//! Experiments that end while the page is open: said by a notification, and by the tab's title and icon.

use crate::component::favicon::{self, Badge};
use crate::component::notification::{Notice, use_notifications};
use crate::nav::{HistoryEntry, use_nav};
use crate::net::store::use_store;
use crate::progress::{Progress, sign, words};
use crate::route::Page;
use leptos::prelude::*;
use std::collections::BTreeSet;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::overview::{Overview, Summary};

/// An experiment, whichever program the page is connected to: another home folder has other experiments of the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    id: ExperimentId,
    created_ms: u64,
}

/// The experiments with runs that wait or train.
fn active(overview: &Overview) -> BTreeSet<Named> {
    let active = overview.experiments.iter().filter(|(_, s)| s.progress.is_active());
    active.map(|(&id, s)| Named { id, created_ms: s.about.created_ms }).collect()
}

/// Those of them that have ended since.
fn ended<'a>(
    before: &'a BTreeSet<Named>,
    overview: &'a Overview,
) -> impl Iterator<Item = (ExperimentId, &'a Summary)> {
    let found = before.iter().filter_map(|named| {
        let summary = overview.experiments.get(&named.id)?;
        (summary.about.created_ms == named.created_ms).then_some((named.id, summary))
    });
    found.filter(|(_, summary)| !summary.progress.is_active())
}

/// What is told of an experiment that has ended.
fn notice(id: ExperimentId, summary: &Summary) -> Notice {
    Notice {
        subject: format!("tunemask-experiment-{id}"),
        title: format!("{}: {}", sign(&summary.progress), summary.about.name),
        body: words(&summary.progress),
    }
}

/// Notifies of each experiment that ends from now on; of those that end while the connection is broken, as soon as it is back.
pub fn notify_of_ends() {
    let (store, nav, notifications) = (use_store(), use_nav(), use_notifications());
    Effect::new(move |before: Option<Option<BTreeSet<Named>>>| {
        if !store.ready.get() {
            return None;
        }
        store.overview.with(|overview| {
            for (id, summary) in before.flatten().iter().flat_map(|before| ended(before, overview)) {
                notifications.show(notice(id, summary), move || {
                    nav.go_to(Page::Experiment(id), HistoryEntry::Push);
                });
            }
            Some(active(overview))
        })
    });
}

/// Shows in the tab's icon how far the page's experiment is.
pub fn show_in_icon(experiment: Signal<Option<ExperimentId>>) {
    let store = use_store();
    let badge = Memo::new(move |_| {
        let found = experiment.get().and_then(|id| store.summary(id, |summary| badge(&summary.progress)));
        found.unwrap_or(Badge::None)
    });
    favicon::follow(badge.into());
}

fn badge(progress: &Progress) -> Badge {
    if progress.is_active() {
        Badge::of_share(progress.done())
    } else if progress.to_retry() > 0 {
        Badge::Trouble
    } else {
        Badge::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::overview::About;

    fn summary(name: &str, progress: Progress) -> Summary {
        Summary { about: About { name: name.into(), ..About::default() }, progress }
    }

    #[test]
    fn only_what_was_active_and_is_over_has_ended() {
        let waiting = Progress { runs: 2, queued: 2, ..Progress::default() };
        let over = Progress { runs: 2, finished: 1, failed: 1, ..Progress::default() };
        let of = |all: Vec<(u64, Progress)>| Overview {
            experiments: all.into_iter().map(|(id, p)| (ExperimentId(id), summary("RTE", p))).collect(),
            ..Overview::default()
        };
        let earlier =
            of(vec![(1, waiting.clone()), (2, waiting.clone()), (3, over.clone()), (4, waiting.clone())]);
        let before = active(&earlier);
        // The fourth was deleted, the fifth is new.
        let now = of(vec![(1, over.clone()), (2, waiting), (3, over.clone()), (5, over.clone())]);
        let found: Vec<ExperimentId> = ended(&before, &now).map(|(id, _)| id).collect();
        assert_eq!(found, [ExperimentId(1)]);
        // Told once.
        assert_eq!(ended(&active(&now), &now).count(), 0);
        // A program on another home folder: its first experiment is another.
        let mut elsewhere = now;
        elsewhere.experiments.values_mut().for_each(|summary| summary.about.created_ms += 1);
        assert_eq!(ended(&before, &elsewhere).count(), 0);
        let said = notice(ExperimentId(1), &summary("RTE", over));
        assert_eq!(
            (said.title.as_str(), said.body.as_str()),
            ("1 failed: RTE", "1 of 2 finished · 1 failed")
        );
    }

    #[test]
    fn the_icon_says_how_it_ended() {
        let of = |finished, failed, queued| {
            badge(&Progress { runs: 4, finished, failed, queued, ..Progress::default() })
        };
        assert_eq!(
            [of(4, 0, 0), of(3, 1, 0), of(2, 1, 1)],
            [Badge::Done, Badge::Trouble, Badge::Percent(50)]
        );
    }
}

//! Messages in order, out of order, twice and missing.

use super::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::fixtures::{self, points, run_spec, story};
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunSpec;
use tunemask_shared::watched::{Detail, Watched};

const ID: ExperimentId = ExperimentId(1);

fn spec(seed: u64) -> RunSpec {
    RunSpec { mask: Mask::Frozen, seed, epochs: 1, ..run_spec() }
}

fn id(seed: u64) -> RunId {
    spec(seed).id().unwrap()
}

fn event(seq: u64, kind: EventKind) -> Event {
    Event { seq, at_ms: seq, kind }
}

fn queued(seq: u64, seed: u64) -> Event {
    let spec = Box::new(spec(seed));
    event(seq, EventKind::Queued { run: id(seed), spec, trainable: 0, alone: false })
}

fn pointed(seq: u64, seed: u64, steps: std::ops::RangeInclusive<u64>) -> Event {
    event(seq, fixtures::pointed(&id(seed), steps))
}

fn events(after: u64, events: Vec<Event>) -> FromServer {
    FromServer::Events { after, events }
}

fn series(seed: u64, seq: u64, steps: std::ops::RangeInclusive<u64>) -> FromServer {
    FromServer::Series {
        series: vec![RunSeries { run: id(seed), seq, buckets: Buckets::of(&points(steps), most_buckets(2)) }],
    }
}

fn all_of(experiment_id: ExperimentId) -> Vec<Watch> {
    vec![Watch { experiment_id, detail: Detail::Runs }]
}

fn watched(part: LabState) -> FromServer {
    FromServer::Watched { watch: all_of(ID), part: Box::new(part) }
}

/// A page.
#[derive(Default)]
struct Page {
    overview: Overview,
    part: LabState,
    series: SeriesStore,
}

impl Page {
    fn hear(&mut self, mut message: FromServer) -> Result<Change, OutOfOrder> {
        let Page { overview, part, series } = self;
        fold(&mut PageState { overview, part, series }, &mut message)
    }

    /// One that watches experiment 1 of two runs, nothing trained; last line 3.
    fn watching() -> Page {
        let mut part = LabState::default();
        let runs = vec![id(1), id(2)];
        let experiment = Experiment::default();
        let created = EventKind::Created { experiment_id: ID, experiment, runs, plan: None };
        for event in [event(1, created), queued(2, 1), queued(3, 2)] {
            part.apply(&event).unwrap();
        }
        let mut page = Page::default();
        page.series.watched = all_of(ID);
        assert!(page.hear(watched(part)).unwrap().part);
        page
    }

    fn steps(&self, seed: u64) -> Vec<u64> {
        self.series.runs[&id(seed)].buckets.points().step.clone()
    }
}

#[test]
fn a_series_and_its_deltas_join_without_gap_or_repeat() {
    let mut page = Page::watching();
    // Points that overtake the series are in it, so they must not be taken twice.
    assert!(!page.hear(events(3, vec![pointed(5, 1, 3..=4)])).unwrap().series);
    assert!(page.hear(series(1, 6, 1..=6)).unwrap().series);
    page.hear(events(5, vec![pointed(6, 1, 5..=6), pointed(7, 1, 7..=8)])).unwrap();
    assert_eq!(page.steps(1), (1..=8).collect::<Vec<_>>());
    assert_eq!(page.series.runs[&id(1)].buckets.steps(), 8);
    assert_eq!((page.part.seq, page.part.runs[&id(1)].step), (7, 8));
    // An older one that comes late changes nothing.
    assert!(!page.hear(series(1, 5, 1..=4)).unwrap().series);
}

#[test]
fn a_long_run_goes_on_in_its_buckets_and_begins_anew_with_as_many() {
    let mut page = Page::watching();
    let of = |steps| Buckets::of(&points(steps), 4);
    let sent = RunSeries { run: id(1), seq: 3, buckets: of(1..=7) };
    assert_eq!((sent.buckets.stride(), sent.buckets.in_last()), (2, 1));
    page.hear(FromServer::Series { series: vec![sent] }).unwrap();
    page.hear(events(3, vec![pointed(4, 1, 8..=9)])).unwrap();
    assert_eq!(page.series.runs[&id(1)].buckets, of(1..=9));
    page.hear(events(4, vec![queued(5, 1), pointed(6, 1, 1..=3)])).unwrap();
    assert_eq!(page.series.runs[&id(1)].buckets, of(1..=3));
}

#[test]
fn lines_between_may_be_left_out_but_not_those_between_messages() {
    let mut page = Page::watching();
    let started = |seq| {
        let kind = EventKind::Started {
            run: id(2),
            device: "cpu".into(),
            steps: 9,
            train_examples: 1,
            eval_examples: vec![1],
            notes: Vec::new(),
            together: Some(1),
            node: None,
        };
        event(seq, kind)
    };
    page.hear(events(3, vec![started(9)])).unwrap();
    assert_eq!((page.part.seq, page.part.runs[&id(2)].steps), (9, 9));
    // What is known already changes nothing.
    assert_eq!(page.hear(events(2, vec![queued(3, 2)])), Ok(Change::default()));
    assert_eq!(page.part.runs[&id(2)].steps, 9);
    let missing = page.hear(events(10, vec![queued(11, 2)]));
    assert_eq!(missing, Err(OutOfOrder { had: 9, after: 10 }));
}

#[test]
fn a_run_that_begins_while_watched_needs_no_series_and_a_retry_begins_anew() {
    let mut page = Page::watching();
    assert!(page.hear(events(3, vec![pointed(4, 1, 1..=2), pointed(5, 2, 4..=5)])).unwrap().series);
    assert_eq!((page.steps(1), page.series.runs.len()), (vec![1, 2], 1));
    page.hear(events(5, vec![queued(6, 1), pointed(7, 1, 1..=1)])).unwrap();
    assert_eq!(page.steps(1), [1]);
}

#[test]
fn a_part_that_begins_anew_makes_series_old_until_they_come_whole() {
    let mut page = Page::watching();
    page.hear(events(3, vec![pointed(4, 1, 1..=2)])).unwrap();
    // The page lagged: a line with the steps 3 and 4 was not sent.
    let part = LabState { seq: 8, ..page.part.clone() };
    page.hear(watched(part)).unwrap();
    assert!(!page.hear(events(8, vec![pointed(9, 1, 5..=6)])).unwrap().series);
    assert_eq!(page.steps(1), [1, 2], "drawn, but not gone on with");
    page.hear(series(1, 9, 1..=6)).unwrap();
    page.hear(events(9, vec![pointed(10, 1, 7..=7)])).unwrap();
    assert_eq!(page.steps(1), (1..=7).collect::<Vec<_>>());
}

#[test]
fn what_is_watched_no_longer_is_not_listened_to() {
    let mut page = Page::watching();
    page.series = SeriesStore { watched: all_of(ExperimentId(2)), ..SeriesStore::default() };
    page.part = LabState::default();
    let late = [watched(LabState::default()), events(7, vec![queued(8, 1)]), series(1, 6, 1..=1)];
    for message in late {
        assert_eq!(page.hear(message), Ok(Change::default()));
    }
    // Another part of the same experiment was asked for before.
    page.series.watched = vec![Watch { experiment_id: ID, detail: Detail::Grid }];
    assert_eq!(page.hear(watched(LabState::default())), Ok(Change::default()));
    // Back at the first before the second has come: what is said until the server is back, too, is not of it.
    page.series.watched = all_of(ID);
    assert!(page.hear(watched(LabState { seq: 7, ..LabState::default() })).unwrap().part);
    let other = FromServer::Watched { watch: all_of(ExperimentId(2)), part: Box::default() };
    assert_eq!(page.hear(other), Ok(Change::default()));
    assert_eq!(page.hear(events(99, vec![queued(100, 1)])), Ok(Change::default()));
    assert!(page.hear(watched(LabState { seq: 101, ..LabState::default() })).unwrap().part);
    assert!(page.hear(events(101, vec![queued(102, 1)])).unwrap().part);
}

#[test]
fn a_snapshot_begins_anew_and_forgets_a_part_that_is_gone() {
    let mut lab = LabState::default();
    story().iter().take(7).for_each(|event| lab.apply(event).unwrap());
    let mut page = Page::watching();
    let overview = Overview::of(&lab);
    let change = page.hear(FromServer::Snapshot { overview: Box::new(overview.clone()) }).unwrap();
    assert!(change.anew && change.overview && !change.part && page.overview == overview);
    assert_eq!(page.part.experiments.len(), 1, "it is shown until it comes again");
    let empty = FromServer::Snapshot { overview: Box::default() };
    assert!(page.hear(empty).unwrap().part && page.part.experiments.is_empty());
}

/// What page and server hold after every line is the same, whoever was told of what.
#[test]
fn page_and_server_fold_the_same() {
    let (mut lab, mut page) = (LabState::default(), Page::default());
    page.series.watched = all_of(ID);
    let (mut told, mut server) = (0, None::<Watched>);
    for event in story() {
        let before = Overview::of(&lab);
        lab.apply(&event).unwrap();
        if let Some(change) = before.change_to(&Overview::of(&lab)) {
            page.hear(FromServer::Changed { change }).unwrap();
        }
        assert_eq!(page.overview.experiments, Overview::of(&lab).experiments);
        match &server {
            None => {
                let begun = Watched::new(&lab, all_of(ID)).unwrap();
                page.hear(watched(begun.part(&lab))).unwrap();
                (told, server) = (lab.seq, Some(begun));
            }
            Some(watched) if watched.concerns(&event.kind) => {
                let seq = event.seq;
                assert!(page.hear(events(told, vec![event])).unwrap().part);
                told = seq;
            }
            Some(_) => {}
        }
        let part = server.as_ref().unwrap().part(&lab);
        assert_eq!(LabState { seq: lab.seq, ..page.part.clone() }, part);
    }
}

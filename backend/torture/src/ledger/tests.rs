//! Every kind of harm to a log is noticed: what a campaign calls clean is.

use super::*;
use serde_json::json;
use std::collections::BTreeMap;
use tunemask_shared::fixtures;
use tunemask_shared::run::RunId;

fn run() -> RunId {
    RunId("r".into())
}

fn points(steps: std::ops::RangeInclusive<u64>) -> EventKind {
    fixtures::pointed(&run(), steps)
}

fn finished(sha: &str) -> EventKind {
    fixtures::finished(&run(), sha)
}

fn evaluated() -> EventKind {
    fixtures::evaluated(&run(), 1)
}

fn log(kinds: Vec<EventKind>) -> Vec<Event> {
    (1..).zip(kinds).map(|(seq, kind)| Event { seq, at_ms: seq, kind }).collect()
}

fn story() -> Vec<EventKind> {
    vec![points(1..=2), EventKind::Interrupted { run: run() }, points(3..=4), evaluated(), finished("abc")]
}

#[test]
fn a_run_that_was_stopped_has_the_result_of_one_that_was_not() {
    let undisturbed = log(vec![points(1..=4), evaluated(), finished("abc")]);
    assert_eq!(results(&log(story())), results(&undisturbed));
    let harms: [fn(&mut Vec<EventKind>); 6] = [
        |kinds| kinds[0] = points(1..=1),
        |kinds| kinds[2] = points(2..=4),
        |kinds| _ = kinds.remove(3),
        |kinds| kinds.insert(3, evaluated()),
        |kinds| kinds[4] = finished("other"),
        |kinds| _ = kinds.pop(),
    ];
    for harm in harms {
        let mut kinds = story();
        harm(&mut kinds);
        assert_ne!(results(&log(kinds)), results(&undisturbed));
    }
    // Times are no results.
    let mut kinds = story();
    if let EventKind::Points { points, .. } = &mut kinds[0] {
        points.elapsed_secs = vec![7.0, 8.0];
    }
    assert_eq!(results(&log(kinds)), results(&undisturbed));
}

#[test]
fn a_line_that_was_shown_is_there_as_it_was_shown() {
    let events = log(story());
    let all: Vec<Shown> = events.iter().cloned().map(Shown::of).collect();
    assert!(missing(&events, &all).is_empty());
    assert_eq!(missing(&events[..4], &all), ["line 5 was shown and is not in the log"]);
    let mut other = events.clone();
    other[0].at_ms = 9;
    assert_eq!(missing(&other, &all), ["line 1 was shown and is another in the log"]);

    let printed = |event: &Event| {
        let mut line = serde_json::to_value(&event.kind).unwrap();
        line["seq"] = event.seq.into();
        line["at_ms"] = event.at_ms.into();
        Shown::Printed(line)
    };
    let all: Vec<Shown> = events.iter().map(printed).collect();
    assert!(missing(&events, &all).is_empty());
    other[0].at_ms = 1;
    other[4].kind = finished("other");
    assert_eq!(missing(&other, &all), ["line 5 was printed and is another in the log"]);
    // A run that was known before is shown without a number.
    assert!(missing(&[], &[Shown::Printed(json!({ "event": "finished" }))]).is_empty());
}

#[test]
fn an_end_comes_once_and_last() {
    let study = |kinds: Vec<EventKind>, again| {
        let study = Study::of_reference(BTreeMap::from([(run(), String::new())]));
        endings(&log(kinds), &study, again)
    };
    let failed = || EventKind::failed(run(), "no room");
    assert!(study(story(), Again::Never).is_empty());
    assert_eq!(study(vec![finished("a"), finished("a")], Again::Never), ["run r finished 2 times"]);
    assert_eq!(study(vec![points(1..=2)], Again::Never).len(), 2);
    assert_eq!(study(vec![finished("a"), points(1..=2)], Again::Never).len(), 1);
    assert_eq!(study(vec![failed(), finished("a")], Again::Never), ["run r failed 1 times"]);
    assert!(study(vec![failed(), finished("a")], Again::AfterFailure).is_empty());
}

#[test]
fn time_does_not_run_backwards() {
    let mut events = log(story());
    assert!(backwards(&events).is_empty());
    events[3].at_ms = 1;
    assert_eq!(backwards(&events), ["line 4 is earlier than the one before it"]);
}

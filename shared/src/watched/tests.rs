//! Parts of a lab beside the whole.

use super::*;
use crate::event::Event;
use crate::fixtures::story;

fn run(seed: u64) -> RunId {
    RunId(format!("{seed:016x}"))
}

fn watch(id: u64, detail: Detail) -> Watch {
    Watch { experiment_id: ExperimentId(id), detail }
}

fn lab(lines: usize) -> LabState {
    let mut lab = LabState::default();
    story().iter().take(lines).for_each(|event| lab.apply(event).unwrap());
    lab
}

/// Whoever begins at whichever line, and hears from then on what concerns a part alone, has that part of the whole.
#[test]
fn a_part_goes_on_as_the_whole_does() {
    let events: Vec<Event> = story();
    let subjects = [
        vec![watch(1, Detail::Runs)],
        vec![watch(2, Detail::Runs)],
        vec![watch(1, Detail::Grid)],
        vec![watch(2, Detail::Grid)],
        // The second run is of both experiments.
        vec![watch(1, Detail::Runs), watch(2, Detail::Runs)],
        vec![watch(1, Detail::Chosen(vec![run(2), run(3)])), watch(2, Detail::Chosen(vec![run(2)]))],
        vec![watch(2, Detail::Chosen(vec![run(4), run(9)]))],
    ];
    let (mut left_out, mut begun) = (0, 0);
    for asked in subjects {
        for begin in 0..events.len() {
            let lab = lab(begin);
            let Ok(watched) = Watched::new(&lab, asked.clone()) else { continue };
            begun += 1;
            let (mut whole, mut part) = (lab.clone(), watched.part(&lab));
            assert_eq!(part.experiments.len(), asked.len());
            for event in &events[begin..] {
                whole.apply(event).unwrap();
                if watched.concerns(&event.kind) {
                    part.seq = event.seq - 1;
                    part.apply(event).unwrap();
                } else {
                    left_out += 1;
                }
                // What was told last lies behind.
                assert_eq!(LabState { seq: whole.seq, ..part.clone() }, watched.part(&whole), "{asked:?}");
            }
        }
    }
    assert!(left_out > 0 && begun > 60, "{left_out} {begun}");
}

#[test]
fn a_grid_has_a_run_of_each_task_and_a_choice_those_that_are_the_experiments_own() {
    let lab = lab(7);
    let part = |asked: Vec<Watch>| Watched::new(&lab, asked).unwrap().part(&lab);
    let runs = |detail| part(vec![watch(1, detail)]).runs.into_keys().collect::<Vec<_>>();
    assert_eq!((runs(Detail::Runs).len(), runs(Detail::Grid).len()), (3, 2));
    assert_eq!(runs(Detail::Chosen(vec![run(3), run(4), run(9)])), [run(3)]);
    assert_eq!(
        Watched::new(&lab, vec![watch(1, Detail::Runs), watch(9, Detail::Grid)]),
        Err(NoExperiment(ExperimentId(9)))
    );
    let whole = lab.experiments[&ExperimentId(1)].tasks(&lab.runs);
    let grid = part(vec![watch(1, Detail::Grid)]);
    assert_eq!(lab.experiments[&ExperimentId(1)].tasks(&grid.runs), whole);
}

#[test]
fn curves_are_shown_of_all_but_grids_each_run_once() {
    let lab = lab(7);
    let curves = |asked: Vec<Watch>| {
        let watched = Watched::new(&lab, asked).unwrap();
        assert_eq!(watched.shows_curves(), !watched.with_curves(&lab).is_empty());
        watched.with_curves(&lab)
    };
    assert_eq!(curves(vec![watch(1, Detail::Runs), watch(2, Detail::Runs)]), [1, 2, 3, 4].map(run));
    assert_eq!(curves(vec![watch(2, Detail::Chosen(vec![run(4), run(2)]))]), [2, 4].map(run));
    assert!(curves(vec![watch(1, Detail::Grid)]).is_empty());
}

#[test]
fn who_has_more_has_less() {
    let chosen = |runs: &[u64]| Detail::Chosen(runs.iter().copied().map(run).collect());
    assert!(Detail::Runs.holds(&Detail::Grid) && Detail::Runs.holds(&chosen(&[1])));
    assert!(chosen(&[1, 2]).holds(&chosen(&[2])) && chosen(&[1]).holds(&Detail::Grid));
    assert!(!Detail::Grid.holds(&chosen(&[1])) && !chosen(&[1]).holds(&Detail::Runs));
    assert!(!chosen(&[1]).holds(&chosen(&[2])));
}

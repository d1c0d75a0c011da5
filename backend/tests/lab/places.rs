//! Where experiments train, of the places that a program has.

use crate::support::{Listener, small};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use tunemask::cluster::Child;
use tunemask::lab::{Lab, LabError, LabOptions, OlderQueue, Workers};
use tunemask_engine::Device;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::state::LabState;

/// A process of this machine that stands for another.
fn worker(place: &str) -> Child {
    Child {
        program: vec![env!("CARGO_BIN_EXE_tunemask").into()],
        arguments: ["--from-stdin", "--device", "cpu", "--threads", "1"].map(OsString::from).to_vec(),
        place: place.into(),
        name: Some(format!("of {place}")),
        ..Child::default()
    }
}

fn open(home: &Path, places: &[&str]) -> Lab {
    let options =
        LabOptions { home: home.to_owned(), older_queue: OlderQueue::Continue, device: Device::cpu() };
    let children = places.iter().map(|place| worker(place)).collect();
    Lab::open_with(&options, &Workers::Processes(children)).unwrap()
}

/// Which workers trained an experiment.
fn trained(state: &LabState, id: ExperimentId) -> HashSet<String> {
    let runs = state.experiments[&id].runs.iter().map(|run| &state.runs[run]);
    runs.map(|run| run.node.clone().unwrap().worker.unwrap()).collect()
}

fn at(places: &[&str], seed: u64) -> Experiment {
    let places = places.iter().map(|place| (*place).to_owned()).collect();
    Experiment { places, seeds: vec![seed], ..small() }
}

#[test]
fn an_experiment_trains_at_its_places_alone_and_waits_for_them() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path(), &["here", "desk"]);
    let names: Vec<&str> = lab.places().iter().map(|place| place.name.as_str()).collect();
    assert_eq!(names, ["here", "desk"]);
    let mut listener = Listener::new(&lab);
    let desk: Vec<ExperimentId> = (1..=2).map(|seed| lab.submit(&at(&["desk"], seed)).unwrap()).collect();
    let here = lab.submit(&at(&["here"], 3)).unwrap();
    for id in desk.iter().copied().chain([here]) {
        listener.until_over(id);
    }
    for id in desk {
        assert_eq!(trained(&listener.state, id), HashSet::from(["of desk".to_owned()]));
    }
    assert_eq!(trained(&listener.state, here), HashSet::from(["of here".to_owned()]));
    // The same runs elsewhere are the same runs.
    let again = lab.submit(&at(&["here"], 1)).unwrap();
    listener.until_over(again);
    assert_eq!(trained(&listener.state, again), HashSet::from(["of desk".to_owned()]));
    // Two at once, or one.
    let plan = |places: &[&str]| lab.plan(&at(places, 9)).unwrap();
    assert_eq!((plan(&[]).workers(), plan(&["desk"]).workers()), (2, 1));
}

#[test]
fn a_place_that_is_not_there_is_refused_and_one_that_is_gone_is_anywhere() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path(), &["here", "desk"]);
    let Err(LabError::Invalid(errors)) = lab.submit(&at(&["desk", "attic"], 1)) else {
        panic!("it is refused")
    };
    assert_eq!(errors[0].field, "places[1]");
    assert!(errors[0].message.contains("here, desk"), "{}", errors[0].message);
    lab.pause().unwrap();
    let id = lab.submit(&at(&["desk"], 1)).unwrap();
    lab.shut_down();
    drop(lab);
    // It would wait for ever.
    let lab = open(home.path(), &["here"]);
    let mut listener = Listener::new(&lab);
    lab.resume().unwrap();
    listener.until_over(id);
    assert_eq!(trained(&listener.state, id), HashSet::from(["of here".to_owned()]));
}

#[test]
fn runs_that_wait_go_where_the_latest_experiment_says() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path(), &["here", "desk"]);
    let mut listener = Listener::new(&lab);
    lab.pause().unwrap();
    let first = lab.submit(&at(&["desk"], 1)).unwrap();
    let second = lab.submit(&at(&["here"], 1)).unwrap();
    lab.resume().unwrap();
    [first, second].into_iter().for_each(|id| listener.until_over(id));
    assert_eq!(trained(&listener.state, first), HashSet::from(["of here".to_owned()]));
}

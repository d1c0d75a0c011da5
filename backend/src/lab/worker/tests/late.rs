//! What file systems show late: nothing of a run is lost, and nothing of it comes in another order.

use super::*;
use std::fs;

/// The segments of a task, in the order of its attempts.
fn segments(plan: &Path, task: usize) -> Vec<PathBuf> {
    let entries = fs::read_dir(plan.join("segments")).unwrap().map(|entry| entry.unwrap().path());
    let of_task = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        SegmentName::parse(name).and_then(|name| name.task()) == Some(task)
    };
    let mut paths: Vec<PathBuf> = entries.filter(of_task).collect();
    paths.sort();
    paths
}

/// The runs of a task.
fn runs(plan: &Path, task: usize) -> Vec<RunId> {
    let (_, plan) = PlanFolder::open(plan).unwrap();
    plan.gangs_of(task).flat_map(|gang| gang.runs.clone()).collect()
}

/// What is watched comes to the bits of a lab that trains.
fn comes_to_the_bits_of_a_lab(watching: &Lab, experiment: &Experiment) {
    let home = tempfile::tempdir().unwrap();
    let lab = Lab::open(&options(home.path())).unwrap();
    lab.submit(experiment).unwrap();
    until(&lab, all_over);
    until(watching, all_over);
    for run in lab.state().runs.keys() {
        assert_eq!(story(watching, run), story(&lab, run), "{run}");
    }
}

#[test]
fn a_segment_waits_for_those_that_it_follows_where_they_are_not_to_be_seen_yet() {
    let folder = tempfile::tempdir().unwrap();
    let long = long();
    let plan = plan(folder.path(), &long);
    trains_a_little(&plan, 0);
    (0..2).for_each(|task| assert_eq!(worker().train(&plan, task, 1).unwrap(), TaskEnd::Done));
    let first = segments(&plan, 0).remove(0);
    let aside = folder.path().join("aside");
    fs::rename(&first, &aside).unwrap();
    let home = tempfile::tempdir().unwrap();
    let watching = watched(home.path(), &plan);
    let (waiting, over) = (runs(&plan, 0), runs(&plan, 1));
    // All segments were looked at when those of the other task are read.
    until(&watching, |state| over.iter().all(|run| state.runs[run].status == RunStatus::Finished));
    let state = watching.state();
    assert!(waiting.iter().all(|run| state.runs[run].status == RunStatus::Queued), "{:?}", state.runs);
    fs::rename(&aside, &first).unwrap();
    comes_to_the_bits_of_a_lab(&watching, &long);
}

#[test]
fn a_segment_that_cannot_be_read_when_a_program_begins_is_read_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let long = long();
    let plan = plan(folder.path(), &long);
    (0..2).for_each(|task| assert_eq!(worker().train(&plan, task, 0).unwrap(), TaskEnd::Done));
    let segment = segments(&plan, 0).remove(0);
    let whole = fs::read_to_string(&segment).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let points = lines.iter().position(|line| line.contains("\"points\"")).unwrap();
    fs::write(&segment, lines[..=points].concat()).unwrap();
    let (home, begun) = (tempfile::tempdir().unwrap(), runs(&plan, 0));
    let watching = watched(home.path(), &plan);
    until(&watching, |state| begun.iter().any(|run| state.runs[run].step > 0));
    watching.shut_down();
    fs::remove_file(&segment).unwrap();
    let watching = watched(home.path(), &plan);
    fs::write(&segment, whole).unwrap();
    comes_to_the_bits_of_a_lab(&watching, &long);
}

//! Plan folders for workers that others start: what is still to train, and what it goes on from.

use crate::protocol::{masks, run_until_over};
use crate::support::{Listener, long, open, small};
use std::fs;
use tunemask::cluster::SlurmSettings;
use tunemask::lab::Launch;
use tunemask_engine::Precision;
use tunemask_shared::experiment::{Experiment, RatePick};
use tunemask_shared::halving::Halving;
use tunemask_shared::run::RunStatus;

fn launch() -> Launch {
    Launch { settings: SlurmSettings::default(), precision: Precision::F32, arguments: Vec::new() }
}

#[test]
fn what_was_retired_is_not_planned_again() {
    let home = tempfile::tempdir().unwrap();
    let experiment = Experiment {
        masks: masks(&["layernorms"]),
        learning_rates: vec![1e-9, 1e-3],
        rate_pick: RatePick::PerSeed,
        halving: Some(Halving { keep: 0.5, after: vec![1] }),
        ..small()
    };
    let trained = run_until_over(home.path(), &experiment);
    assert!(trained.state.runs.values().any(|run| run.status == RunStatus::Retired));
    let lab = open(home.path());
    assert_eq!(lab.write_plan(&experiment, &launch()).unwrap().runs, 0);
    // Who wants all learning rates to their end plans it.
    assert_eq!(lab.write_plan(&Experiment { halving: None, ..experiment }, &launch()).unwrap().runs, 1);
}

#[test]
fn a_plan_that_is_written_again_leaves_what_workers_have_saved_there() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&long()).unwrap();
    let run = lab.runs(id).unwrap()[0].clone();
    listener.until("it trains", |state| state.runs.get(&run).is_some_and(|run| run.step > 20));
    lab.cancel(vec![run.clone()]).unwrap();
    listener.until_over(id);
    let written = lab.write_plan(&long(), &launch()).unwrap();
    let file = format!("runs/{run}.checkpoint");
    let (own, there) = (home.path().join(&file), written.folder.join(&file));
    assert_eq!(fs::read(&there).unwrap(), fs::read(&own).unwrap());
    // A worker has come further.
    fs::remove_file(&there).unwrap();
    fs::write(&there, "further").unwrap();
    assert_eq!(lab.write_plan(&long(), &launch()).unwrap().folder, written.folder);
    assert_eq!(fs::read_to_string(&there).unwrap(), "further");
    assert!(fs::read(&own).unwrap().len() > 7);
}

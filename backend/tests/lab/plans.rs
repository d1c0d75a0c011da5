//! Plan folders for workers that others start: what is still to train, and what it goes on from.

use crate::protocol::{masks, run_until_over};
use crate::support::{Listener, long, open, small};
use std::fs;
use tunemask::cluster::{Child, SlurmSettings};
use tunemask::lab::{Lab, LabError, LabOptions, Launch, OlderQueue, Workers};
use tunemask_engine::{Device, Precision};
use tunemask_shared::experiment::{EngineKind, Experiment, RatePick};
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

#[test]
fn lora_for_gpus_of_slurm_is_refused_before_anything_is_queued() {
    let home = tempfile::tempdir().unwrap();
    let launch = |gpus: Option<&str>| {
        let settings = SlurmSettings { gres: gpus.map(str::to_owned), ..SlurmSettings::default() };
        Launch { settings, ..launch() }
    };
    let worker = Child { place: "here".into(), ..Child::default() };
    let open = |launch: Launch| {
        let options =
            LabOptions { home: home.path().into(), older_queue: OlderQueue::Leave, device: Device::cpu() };
        Lab::open_with(&options, &Workers::Both { processes: vec![worker.clone()], slurm: launch }).unwrap()
    };
    let lora = Experiment { masks: masks(&["frozen", "lora:2 in mha"]), ..small() };
    let refused = |made: Result<(), LabError>| match made {
        Err(LabError::Invalid(errors)) => errors[0].field == "masks" && errors[0].message.contains("LoRA"),
        other => panic!("{other:?}"),
    };
    let on = |places: &[&str]| Experiment { places: masks(places), ..lora.clone() };
    let lab = open(launch(Some("gpu:1")));
    assert!(refused(lab.plan(&lora).map(|_| ())) && refused(lab.submit(&lora).map(|_| ())));
    assert!(refused(lab.plan(&on(&["slurm"])).map(|_| ())));
    assert!(refused(lab.write_plan(&lora, &launch(Some("gpu:1"))).map(|_| ())));
    // The processor trains it, and so does the reference engine wherever it is.
    assert_eq!(lab.plan(&on(&["here"])).unwrap().runs(), 2);
    assert_eq!(lab.plan(&Experiment { engine: EngineKind::Candle, ..lora.clone() }).unwrap().runs(), 2);
    assert!(lab.state().runs.is_empty());
    drop(lab);
    assert_eq!(open(launch(None)).plan(&lora).unwrap().runs(), 2);
}

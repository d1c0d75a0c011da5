//! A lab on a GPU: one that fails for good stops the queue, instead of failing one run after the other, and what it does not
//! train fails by itself.

use super::{Lab, LabOptions, OlderQueue};
use std::sync::Arc;
use std::time::Duration;
use tunemask_emulator::gpu::PretendedGpu;
use tunemask_engine::{Device, Precision};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::failure::FailureCause;
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::LabState;

/// Waits until the lab has come to something; for minutes, if it must be.
fn until(lab: &Lab, there: impl Fn(&LabState) -> bool) -> Arc<LabState> {
    for _ in 0..15_000 {
        let state = lab.state();
        if there(&state) {
            return state;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the lab does not come to it: {:?}", lab.state().runs);
}

/// Runs of two steps each.
fn brief(masks: &[&str]) -> Experiment {
    Experiment {
        tasks: vec!["sentiment".into()],
        masks: masks.iter().map(|mask| (*mask).to_owned()).collect(),
        learning_rates: vec![1e-3],
        seeds: vec![1],
        epochs: Some(1),
        batch_size: 4,
        train_limit: Some(8),
        eval_limit: Some(4),
        ..Experiment::default()
    }
}

#[test]
fn a_lost_gpu_leaves_all_runs_in_a_queue_that_waits_and_says_why() {
    const ECC_UNCORRECTABLE: i32 = 214;
    let gpu = PretendedGpu::take().unwrap();
    let home = tempfile::tempdir().unwrap();
    let device = Device::gpu(gpu.ordinal(), Precision::F32).unwrap();
    let options =
        LabOptions { home: home.path().into(), older_queue: OlderQueue::Continue, device: device.clone() };
    let lab = Lab::open(&options).unwrap();
    // Two gangs at least: one that trains whole matrices goes alone.
    let experiment = Experiment { seeds: vec![1, 2], ..brief(&["layernorms", "full"]) };
    gpu.fail_launch(60, ECC_UNCORRECTABLE);
    lab.submit(&experiment).unwrap();
    let queued = |state: &LabState| state.runs.values().all(|run| run.status == RunStatus::Queued);
    let state = until(&lab, |state| state.paused && queued(state) && lab.trouble().is_some());
    assert_eq!(state.runs.len(), 4);
    let trouble = format!("{:?}", lab.trouble().unwrap());
    assert!(trouble.contains("the GPU was lost") && trouble.contains("opened again"), "{trouble}");
    lab.resume().unwrap();
    until(&lab, |state| state.runs.values().all(|run| run.status == RunStatus::Finished));
    assert!(lab.trouble().is_none());
    // Nothing waits any more: the GPU's memory is the system's again.
    until(&lab, |_| gpu.look().used == 0);
    lab.shut_down();
    drop((lab, options, device));
    assert_eq!(gpu.faults(), "");
    assert_eq!(gpu.look().left(), 0, "{:?}", gpu.look());
}

#[test]
fn lora_that_a_processor_had_queued_fails_alone_on_a_gpu() {
    let gpu = PretendedGpu::take().unwrap();
    let home = tempfile::tempdir().unwrap();
    let open = |device: &Device| {
        let options = LabOptions {
            home: home.path().into(),
            older_queue: OlderQueue::Continue,
            device: device.clone(),
        };
        Lab::open(&options).unwrap()
    };
    let experiment = brief(&["layernorms", "lora:2 in mha"]);
    let lab = open(&Device::cpu());
    lab.pause().unwrap();
    lab.submit(&experiment).unwrap();
    lab.shut_down();
    drop(lab);
    let device = Device::gpu(gpu.ordinal(), Precision::F32).unwrap();
    let lab = open(&device);
    lab.resume().unwrap();
    let state = until(&lab, |state| state.runs.values().all(|run| run.status.is_over()));
    for run in state.runs.values() {
        let lora = run.spec.mask.is_lora();
        assert_eq!(
            run.status,
            if lora { RunStatus::Failed } else { RunStatus::Finished },
            "{:?}",
            run.failure
        );
        assert_eq!(run.failure.as_deref().is_some_and(|why| why.starts_with("LoRA is computed on")), lora);
    }
    assert!(lab.plan(&experiment).is_err());
    lab.shut_down();
    drop((lab, device));
    assert_eq!(gpu.faults(), "");
}

#[test]
fn a_run_for_which_there_is_no_room_alone_says_so_for_programs() {
    let gpu = PretendedGpu::take().unwrap();
    let home = tempfile::tempdir().unwrap();
    let device = Device::gpu(gpu.ordinal(), Precision::F32).unwrap();
    gpu.set_memory(1 << 16);
    let options =
        LabOptions { home: home.path().into(), older_queue: OlderQueue::Continue, device: device.clone() };
    let lab = Lab::open(&options).unwrap();
    lab.submit(&brief(&["layernorms", "bitfit"])).unwrap();
    let state = until(&lab, |state| state.runs.values().all(|run| run.status.is_over()));
    for run in state.runs.values() {
        assert_eq!(
            (run.status, run.failure_cause),
            (RunStatus::Failed, FailureCause::OutOfMemory),
            "{run:?}"
        );
        assert!(run.failure.as_ref().unwrap().contains("out of memory with 1 run"), "{run:?}");
    }
    lab.shut_down();
    drop((lab, options, device));
    assert_eq!(gpu.faults(), "");
}

//! What happens on clusters: whatever it is, each run ends once, with the bits of a run in one process.

use crate::cluster::Cluster;
use crate::study::{EXPERIMENT, Study};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

fn study(cluster: &Cluster, settings: &str) -> Study {
    Study::new(EXPERIMENT, settings, cluster.environment())
}

/// Whether a node has taken a step.
fn has_stepped(segments: &HashMap<String, String>, node: &str) -> bool {
    let of_node = |name: &str| name.split('.').nth(2) == Some(node);
    segments.iter().any(|(name, text)| of_node(name) && text.contains("\"points\""))
}

fn has_left(segments: &HashMap<String, String>, by: &str) -> bool {
    segments.values().any(|text| text.contains("\"left\"") && text.contains(by))
}

#[test]
fn a_node_dies_on_the_way() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let program = study.start();
    study.until("both nodes train", |segments| has_stepped(segments, "n1") && has_stepped(segments, "n2"));
    cluster.kill_node("n2");
    study.wait(program);
    let nodes: HashSet<String> =
        study.state().runs.values().filter_map(|run| Some(run.node.as_ref()?.name.clone())).collect();
    assert!(nodes.contains("n1"), "{nodes:?}");
    study.is_whole();
}

#[test]
fn a_task_whose_time_is_nearly_up_saves_and_is_queued_again() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let program = study.start();
    study.until("a node trains", |segments| has_stepped(segments, "n1"));
    let (task, _) = cluster.running().into_iter().next().unwrap();
    cluster.tell("scancel", &["--batch", "--signal=USR1", &task]);
    study.until("it saves", |segments| has_left(segments, "SIGUSR1"));
    study.wait(program);
    study.is_whole();
}

#[test]
fn a_task_that_slurm_cannot_start_is_submitted_again() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let program = study.start();
    study.until("a node trains", |segments| has_stepped(segments, "n1"));
    let (task, _) = cluster.running().into_iter().next().unwrap();
    cluster.tell("scontrol", &["requeuehold", &task]);
    study.wait(program);
    study.is_whole();
}

#[test]
fn the_coordinator_is_killed_and_nothing_is_submitted_twice() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let mut program = study.start();
    study.until("both nodes train", |segments| has_stepped(segments, "n1") && has_stepped(segments, "n2"));
    program.kill();
    let queued = cluster.queued();
    assert!(queued >= 2);
    let again = study.start();
    std::thread::sleep(Duration::from_secs(3));
    assert!(cluster.queued() <= queued);
    study.wait(again);
    study.is_whole();
}

#[test]
fn the_controller_is_away_and_comes_back() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let program = study.start();
    study.until("both nodes train", |segments| has_stepped(segments, "n1") && has_stepped(segments, "n2"));
    cluster.kill_controller();
    std::thread::sleep(Duration::from_secs(12));
    cluster.start_controller();
    // One that lost what it knew of young jobs takes their nodes out of service: an administrator brings them back.
    for _ in 0..15 {
        std::thread::sleep(Duration::from_secs(2));
        cluster.resume_nodes();
    }
    study.wait(program);
    study.is_whole();
}

#[test]
fn an_array_has_fewer_tasks_than_the_study() {
    let Some(cluster) = Cluster::start("MaxArraySize=4") else { return };
    let study = study(&cluster, "at_once = 12");
    let program = study.start();
    study.wait(program);
    study.is_whole();
}

/// A node that is thought dead works on: both copies write, and one result stands.
#[test]
fn two_copies_train_at_once() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let program = study.start();
    study.until("both nodes train", |segments| has_stepped(segments, "n1") && has_stepped(segments, "n2"));
    cluster.signal_node("n2", "STOP");
    std::thread::sleep(Duration::from_secs(35));
    cluster.signal_node("n2", "CONT");
    study.wait(program);
    study.is_whole();
}

#[test]
fn what_the_user_cancels_in_slurm_is_found_and_submitted_again() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let program = study.start();
    study.until("a node trains", |segments| has_stepped(segments, "n1"));
    let (task, _) = cluster.running().into_iter().next().unwrap();
    cluster.tell("scancel", &[&task]);
    study.until("it saves", |segments| has_left(segments, "SIGTERM"));
    study.wait(program);
    study.is_whole();
}

/// Slurm tells the tasks that they must go, and queues them again when the other job is over.
#[test]
fn a_more_important_job_displaces_the_tasks_and_they_go_on_behind_it() {
    let Some(cluster) = Cluster::start("") else { return };
    let study = study(&cluster, "");
    let program = study.start();
    study.until("both nodes train", |segments| has_stepped(segments, "n1") && has_stepped(segments, "n2"));
    let important = ["-p", "high", "-N", "2", "--exclusive", "-o", "/dev/null", "--wrap", "sleep 3"];
    cluster.tell("sbatch", &important);
    study.until("one saves because it must go", |segments| has_left(segments, "SIG"));
    study.wait(program);
    study.is_whole();
}

/// The workers train on processors all the same: what is looked at is which GPU Slurm gave each. No task goes on before there
/// are four, which is all that two nodes of two processors have room for.
#[test]
fn two_tasks_of_a_node_have_a_gpu_each() {
    let Some(cluster) = Cluster::start_with_gpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let given = folder.path().join("given");
    let meet = folder.path().join("meet.sh");
    let script = format!(
        "echo \"$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES\" >> '{given}'\n\
         until [ \"$(wc -l < '{given}')\" -ge 4 ]; do sleep 0.1; done\n",
        given = given.display()
    );
    std::fs::write(&meet, script).unwrap();
    let settings = format!("extra = [\"--gres=gpu:1\"]\nsetup = [\"sh '{}'\"]\nat_once = 4", meet.display());
    let study = study(&cluster, &settings);
    study.wait(study.start());
    study.is_whole();
    let text = std::fs::read_to_string(given).unwrap();
    let mut at_once: Vec<&str> = text.lines().take(4).collect();
    at_once.sort_unstable();
    assert_eq!(at_once, ["n1 0", "n1 1", "n2 0", "n2 1"], "{text}");
}

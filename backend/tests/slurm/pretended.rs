//! Slurm's programs, pretended: what real ones do once in a while, they do when a test wants it.

use crate::study::Study;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tunemask_shared::run::RunStatus;

/// One gang a task, a second each.
const SHORT: &str = r#"
name = "short"
tasks = ["sentiment"]
masks = ["layernorms", "frozen"]
learning_rates = [1e-3]
seeds = [1, 2]
epochs = 2
batch_size = 8
train_limit = 40
eval_limit = 20
"#;

/// Starts each task of an array as a process beside, and keeps their numbers in files.
const SBATCH: &str = r#"#!/bin/sh
D=$(dirname "$0")
n=$(cat "$D/submissions" 2>/dev/null || echo 0); n=$((n + 1)); echo $n > "$D/submissions"
left=$(cat "$D/sbatch.refuses" 2>/dev/null || echo 0)
[ "$left" -gt 0 ] && { echo $((left - 1)) > "$D/sbatch.refuses"; echo "sbatch: error: job submit limit" >&2; exit 1; }
for word; do case $word in
  --array=*) array=${word#--array=}; array=${array%%%*} ;;
  --job-name=*) name=${word#--job-name=} ;;
  */job.sh) script=$word ;;
esac; offset=$word; done
for part in $(echo "$array" | tr , ' '); do
  for i in $(seq "${part%-*}" "${part#*-}"); do
    SLURM_ARRAY_JOB_ID=$n SLURM_ARRAY_TASK_ID=$i sh "$script" "$offset" >/dev/null 2>&1 < /dev/null &
    echo "${n}_$i $name $!" >> "$D/jobs"
  done
done
echo "$n;try"
"#;

const SQUEUE: &str = r#"#!/bin/sh
D=$(dirname "$0")
n=$(cat "$D/answers" 2>/dev/null || echo 0); n=$((n + 1)); echo $n > "$D/answers"
grep -qx "$n" "$D/squeue.fails" 2>/dev/null && { echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1; }
grep -qx "$n" "$D/squeue.is_empty" 2>/dev/null && exit 0
echo "a line that is none"
[ -e "$D/jobs" ] && while read -r id name pid; do
  grep -q "^State:.[RSD]" /proc/$pid/status 2>/dev/null && echo "$id|$name|R|None" || echo "$id|$name|CD|None"
done < "$D/jobs"
exit 0
"#;

struct Pretended {
    folder: tempfile::TempDir,
}

impl Pretended {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        script("sbatch", SBATCH);
        script("squeue", SQUEUE);
        script("scancel", "#!/bin/sh\nexit 0\n");
        script("scontrol", "#!/bin/sh\necho 'MaxArraySize            = 1001'\n");
        Self { folder }
    }

    fn study(&self) -> Study {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        Study::new(SHORT, "at_once = 4", vec![("PATH".into(), path)])
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn submissions(&self) -> String {
        read(&self.folder.path().join("submissions"))
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

#[test]
fn a_queue_that_does_not_answer_or_forgets_a_job_once_makes_no_second_one() {
    let slurm = Pretended::new();
    slurm.write("squeue.fails", "1\n2\n5\n");
    slurm.write("squeue.is_empty", "4\n");
    let study = slurm.study();
    study.wait(study.start());
    assert_eq!(slurm.submissions(), "1");
    study.is_whole();
}

#[test]
fn a_submission_that_is_refused_is_tried_again_until_it_is_taken() {
    let slurm = Pretended::new();
    slurm.write("sbatch.refuses", "5");
    let study = slurm.study();
    study.wait(study.start());
    assert_eq!(slurm.submissions(), "6");
    study.is_whole();
}

/// As a program leaves it that is killed while its queue is paused.
#[test]
fn a_pause_that_is_over_does_not_hold_the_workers_of_the_next_program() {
    let slurm = Pretended::new();
    // The controller is away: nothing is submitted yet.
    slurm.write("squeue.fails", &(1..1000).map(|answer| format!("{answer}\n")).collect::<String>());
    let study = slurm.study();
    let mut program = study.start();
    let noted = study.home().join("submitted");
    study.until("the plan is noted", |_| fs::read_dir(&noted).is_ok_and(|mut plans| plans.next().is_some()));
    program.kill();
    fs::write(study.plans().remove(0).join("asks/pause"), "").unwrap();
    slurm.write("squeue.fails", "");
    study.wait(study.start());
    study.is_whole();
}

#[test]
fn tasks_that_end_without_a_step_each_time_fail_with_slurms_reason() {
    let slurm = Pretended::new();
    // A program that is not there.
    let path = format!("{}:{}", slurm.folder.path().display(), std::env::var("PATH").unwrap());
    let study =
        Study::new(SHORT, "at_once = 4\nprogram = \"/no/such/tunemask\"", vec![("PATH".into(), path)]);
    let status = study.command(&[]).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let state = study.state();
    let failure = state.runs.values().next().unwrap().failure.clone().unwrap();
    assert!(failure.contains("3 times") && failure.contains("logs"), "{failure}");
    assert_eq!(slurm.submissions(), "3");
    // What the nodes said is there to be read.
    assert_eq!(study.plans().len(), 1);
}

#[test]
fn a_dry_run_writes_what_another_job_system_needs() {
    let slurm = Pretended::new();
    let study = slurm.study();
    let output = study.command(&["--dry-run"]).stdout(std::process::Stdio::piped()).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.lines().any(|line| line.starts_with("sbatch --parsable") && line.contains("--array=")),
        "{text}"
    );
    assert_eq!(slurm.submissions(), "");
    let plan = study.plans().remove(0);
    // As any array would: by hand, a task at a time.
    let script = plan.join("job.sh");
    for task in 0..4 {
        let ran = std::process::Command::new("sh")
            .arg(&script)
            .env("SLURM_ARRAY_TASK_ID", task.to_string())
            .status();
        assert!(ran.unwrap().code().is_some());
    }
    let finished: usize =
        study.segments().values().map(|text| text.matches("\"event\":\"finished\"").count()).sum();
    assert_eq!(finished, 4);
}

#[test]
fn a_program_with_processes_and_slurm_trains_each_experiment_where_it_says() {
    for (place, submissions) in [("here", ""), ("slurm", "1")] {
        let slurm = Pretended::new();
        let path = format!("{}:{}", slurm.folder.path().display(), std::env::var("PATH").unwrap());
        let text = format!("{SHORT}places = [\"{place}\"]\n");
        let study = Study::new(&text, "at_once = 4", vec![("PATH".into(), path)]);
        assert!(study.command(&["--devices", "cpu"]).status().unwrap().success());
        assert_eq!(slurm.submissions(), submissions, "{place}");
        let state = study.state();
        assert_eq!(state.runs.len(), 4);
        for run in state.runs.values() {
            assert_eq!(run.status, RunStatus::Finished, "{run:?}");
        }
    }
}

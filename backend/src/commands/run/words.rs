//! Words that bars and lines share.

use crate::results::value;
use indicatif::HumanBytes;
use tunemask_shared::event::Evaluation;
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::metric::Score;
use tunemask_shared::plan::{Plan, PlannedDisk};
use tunemask_shared::printable;
use tunemask_shared::run::{RunId, RunSpec, RunStatus};
use tunemask_shared::state::{LabState, Retirement, RunState};
use tunemask_shared::text::{count, rate};

/// A run for people: `RTE layernorms 1e-3 seed 1`.
pub fn run(spec: &RunSpec) -> String {
    let engine = if spec.engine_kind == EngineKind::Candle { " by candle" } else { "" };
    let rate = rate(spec.learning_rate);
    format!("{} {} {rate} seed {}{engine}", spec.task.title(), spec.mask, spec.seed)
}

/// What an experiment takes: `42 runs in 3 gangs, 71 % of their arithmetic shared; about 12 min, 0.4 GiB …, 6 MiB …`.
pub fn plan(plan: &Plan) -> String {
    let gangs = count(plan.gangs.len(), "gang");
    let shared = (100.0 * plan.shared()).round();
    let time = indicatif::HumanDuration(std::time::Duration::from_secs_f64(plan.expected_secs().max(0.0)));
    let workers = plan.workers.map(|workers| format!(" with {workers} workers")).unwrap_or_default();
    let memory = plan.memory_bytes() as f64 / f64::from(1 << 30);
    let (runs, disk) = (count(plan.runs(), "run"), disk(plan.room()));
    let saved = match (100.0 * plan.saved()).round() {
        0.0 => String::new(),
        saved => format!(" ({saved} % saved by halving)"),
    };
    format!(
        "{runs} in {gangs}, {shared} % of their arithmetic shared; about {time}{workers}{saved}, {memory:.1} GiB \
         besides the model, {disk}"
    )
}

/// What runs take of the disk: `6 MiB on the disk, at most 9 MiB meanwhile`.
fn disk(room: PlannedDisk) -> String {
    let kept = HumanBytes(room.kept);
    let most = (room.most > room.kept).then(|| format!(", at most {} meanwhile", HumanBytes(room.most)));
    format!("{kept} on the disk{}", most.unwrap_or_default())
}

/// What is said of runs that had finished before their experiment was accepted and are not known now.
pub fn again(state: &LabState, runs: &[RunId], known: usize) -> Option<String> {
    let finished = |id: &&RunId| state.runs.get(id).is_some_and(|r| r.status == RunStatus::Finished);
    let again = runs.iter().filter(finished).count().saturating_sub(known);
    let (runs, have) = (count(again, "run"), if again == 1 { "has" } else { "have" });
    (again > 0).then(|| {
        format!("{runs} of it {have} finished before, but their files or weights are gone: trained again")
    })
}

/// The score that picks: `accuracy 66.4`.
pub fn score(spec: &RunSpec, scores: &[Score]) -> String {
    let metric = spec.task.primary_metric();
    let found = scores.iter().find(|s| s.metric == metric && s.set == 0).map_or(f64::NAN, |s| s.value);
    if found.is_nan() {
        return format!("{} undefined", metric.title());
    }
    format!("{} {}", metric.title(), value(metric, found))
}

/// An evaluation: `epoch 2 of 3: loss 0.5432, accuracy 66.4`.
pub fn evaluation(run: &RunState, evaluation: &Evaluation) -> String {
    let loss = run.last_loss.map_or_else(String::new, |l| format!("loss {:.4}, ", l.0));
    let epochs = run.spec.epochs;
    format!("epoch {} of {epochs}: {loss}{}", evaluation.epoch, score(&run.spec, &evaluation.scores))
}

/// How a run ended: `accuracy 66.4 after epoch 2, 12 s, frozen scalars unchanged`.
pub fn ending(run: &RunState) -> String {
    match &run.outcome {
        Some(o) => {
            let frozen = if o.frozen_unchanged { "unchanged" } else { "CHANGED: please report this" };
            let best = score(&run.spec, &o.metrics);
            let stopped = o.stopped_after.map_or_else(String::new, |epoch| {
                format!(", stopped after epoch {epoch} of {}", run.spec.epochs)
            });
            let (epoch, secs) = (o.best_epoch, o.elapsed_secs);
            format!("{best} after epoch {epoch}{stopped}, {secs:.0} s, frozen scalars {frozen}")
        }
        None => match (&run.failure, run.retirement) {
            (Some(why), _) => format!("failed: {}", printable::line(why)),
            (None, Retirement::Retired { epoch, better }) => {
                let better = count(better as usize, "learning rate");
                format!("cut short after epoch {epoch}: {better} ahead")
            }
            (None, Retirement::None | Retirement::Overruled) => "cancelled".into(),
        },
    }
}

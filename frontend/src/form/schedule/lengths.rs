//! How many steps the runs of an experiment take: by task, and by epochs where `full` has others than the rest.

use crate::format::{counted, thousands};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::mask::Mask;
use tunemask_shared::plan::TrainingSet;
use tunemask_shared::schedule::{Decay, Schedule};
use tunemask_shared::task::Task;

/// Which masks' runs are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// All of the experiment's.
    All,
    /// `full` alone.
    Full,
    /// All but `full`.
    Others,
}

/// How long runs are that take as many steps as each other.
#[derive(Clone, Debug, PartialEq)]
pub struct RunLength {
    /// The task's title.
    pub task: String,
    /// Which of its runs.
    pub masks: Masks,
    /// Epochs.
    pub epochs: u32,
    /// Its steps; `None` while it is not known how many examples it has.
    pub steps: Option<Steps>,
}

/// Steps of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    /// In an epoch.
    pub per_epoch: usize,
    /// Over all of them.
    pub schedule: Schedule,
}

/// The lengths of an experiment's runs, in the order of its tasks, as far as its tasks' training sets are known.
pub fn lengths(experiment: &Experiment, tasks: &[Task], training: &[TrainingSet]) -> Vec<RunLength> {
    let masks: Vec<Mask> = experiment.masks.iter().filter_map(|text| text.parse().ok()).collect();
    let (full, others) = (masks.contains(&Mask::Full), masks.iter().any(|mask| *mask != Mask::Full));
    let groups = match (experiment.epochs, full, others) {
        (Some(_), ..) | (_, false, _) => vec![(Masks::All, Mask::Frozen)],
        (None, true, false) => vec![(Masks::All, Mask::Full)],
        (None, true, true) => vec![(Masks::Full, Mask::Full), (Masks::Others, Mask::Frozen)],
    };
    let fraction = experiment.warmup_fraction.clamp(0.0, 1.0);
    let mut lengths = Vec::new();
    for task in tasks {
        let known = training.iter().find(|set| set.task == task.name().as_str());
        for (masks, mask) in &groups {
            let epochs = experiment.epochs.unwrap_or_else(|| task.default_epochs(mask));
            let steps = known.map(|set| {
                let examples =
                    experiment.train_limit.map_or(set.examples, |limit| set.examples.min(limit.into()));
                let per_epoch = examples.div_ceil(u64::from(experiment.step_size().max(1))) as usize;
                Steps {
                    per_epoch,
                    schedule: Schedule::new(per_epoch * epochs as usize, fraction)
                        .with_decay(experiment.schedule),
                }
            });
            lengths.push(RunLength { task: task.title().to_owned(), masks: *masks, epochs, steps });
        }
    }
    lengths
}

impl RunLength {
    /// Its runs: `RTE`, `RTE, full`.
    pub fn runs(&self) -> String {
        match self.masks {
            Masks::All => self.task.clone(),
            Masks::Full => format!("{}, full", self.task),
            Masks::Others => format!("{}, other masks", self.task),
        }
    }
}

/// The schedules of these runs, each once, the longest first.
pub fn schedules(lengths: &[RunLength]) -> Vec<Schedule> {
    let known = lengths.iter().filter_map(|length| length.steps.map(|steps| steps.schedule));
    let mut all: Vec<Schedule> = known.filter(|schedule| schedule.steps > 0).collect();
    all.sort_by_key(|schedule| std::cmp::Reverse(schedule.steps));
    all.dedup();
    all
}

/// The steps of a run at a glance: `189 steps a run`, `63 to 189 steps a run`; nothing while none is known.
pub fn glance(lengths: &[RunLength]) -> String {
    let all = schedules(lengths);
    match (all.last(), all.first()) {
        (Some(least), Some(most)) if least.steps == most.steps => {
            format!("{} a run", counted(most.steps, "step"))
        }
        (Some(least), Some(most)) => {
            format!("{} to {} a run", thousands(least.steps as u64), counted(most.steps, "step"))
        }
        _ => String::new(),
    }
}

/// The schedule in words.
pub fn words(fraction: f64, decay: Decay) -> String {
    let fraction = fraction.clamp(0.0, 1.0);
    let goes_on = match decay {
        Decay::Linear => "falls linearly to 0",
        Decay::Constant => "stays there",
        Decay::Cosine => "falls to 0 along half a cosine",
    };
    if fraction == 0.0 {
        format!("The learning rate of every run begins at its peak, and {goes_on}.")
    } else {
        format!(
            "The learning rate rises linearly from 0 to its peak over the first {} % of the steps, then {goes_on}.",
            (1e4 * fraction).round() / 100.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(task: &str, examples: u64) -> TrainingSet {
        TrainingSet { task: task.into(), examples }
    }

    fn steps(lengths: &[RunLength]) -> Vec<(String, u32, Option<usize>)> {
        let steps = |l: &RunLength| l.steps.map(|steps| steps.schedule.steps);
        lengths.iter().map(|l| (l.runs(), l.epochs, steps(l))).collect()
    }

    #[test]
    fn steps_follow_examples_batch_epochs_and_limit() {
        let tasks = [Task::rte(), Task::sentiment()];
        let training = [set("rte", 2490), set("sentiment", 4000)];
        let mut e = Experiment { masks: vec!["full".into(), "frozen".into()], ..Experiment::default() };
        let of = |e: &Experiment| steps(&lengths(e, &tasks, &training));
        let want = [
            ("RTE, full", 5, 5 * 156),
            ("RTE, other masks", 20, 20 * 156),
            ("Sentiment, full", 5, 5 * 250),
            ("Sentiment, other masks", 10, 10 * 250),
        ];
        assert_eq!(of(&e), want.map(|(runs, epochs, steps)| (runs.to_owned(), epochs, Some(steps))));
        e.epochs = Some(3);
        (e.train_limit, e.batch_size) = (Some(1000), 32);
        let want = [("RTE", 3, Some(96)), ("Sentiment", 3, Some(96))];
        assert_eq!(of(&e), want.map(|(runs, epochs, steps)| (runs.to_owned(), epochs, steps)));
        // A step of several batches reads all of them.
        e.gradient_accumulation = 4;
        assert_eq!(of(&e)[0].2, Some(3 * 8));
        e.gradient_accumulation = 1;
        // A limit above what there is changes nothing, and what is not known is not guessed.
        (e.train_limit, e.batch_size) = (Some(100_000), 16);
        assert_eq!(of(&e)[0].2, Some(3 * 156));
        assert_eq!(steps(&lengths(&e, &tasks, &training[1..]))[0].2, None);
    }

    #[test]
    fn equal_schedules_are_one_and_are_told_at_a_glance() {
        let e = Experiment { epochs: Some(2), ..Experiment::default() };
        let tasks = [Task::rte(), Task::sentiment(), Task::cola()];
        let of = |training: &[TrainingSet]| lengths(&e, &tasks, training);
        let known = of(&[set("rte", 160), set("sentiment", 1600), set("cola", 1599)]);
        let all: Vec<usize> = schedules(&known).iter().map(|schedule| schedule.steps).collect();
        assert_eq!((all, glance(&known).as_str()), (vec![200, 20], "20 to 200 steps a run"));
        assert_eq!(glance(&of(&[set("rte", 160)])), "20 steps a run");
        assert_eq!(glance(&of(&[])), "");
        assert_eq!(glance(&of(&[set("rte", 0)])), "");
    }

    #[test]
    fn a_share_that_is_none_is_said_as_the_nearest_that_is() {
        let linear = |fraction| words(fraction, Decay::Linear);
        assert!(linear(0.1).contains("first 10 % of") && linear(0.1).ends_with("then falls linearly to 0."));
        assert!(linear(-1.0).contains("begins at its peak") && linear(7.0).contains("first 100 % of"));
        assert!(words(0.0, Decay::Constant).ends_with("and stays there."));
    }
}

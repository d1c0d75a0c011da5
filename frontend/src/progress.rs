//! How far an experiment's runs are, in words and as a bar, and why some failed.

use crate::format::{counted, thousands};
use tunemask_shared::failure::FailureCause;
pub use tunemask_shared::progress::Progress;
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::RunState;

/// The parts of a bar, each with its class and share; what is left of the whole waits.
pub fn parts(p: &Progress) -> Vec<(&'static str, f64)> {
    let stopped = p.cancelled + p.interrupted;
    let parts = [
        ("finished", p.finished as f64),
        ("running", p.under_way),
        ("failed", p.failed as f64),
        ("stopped", stopped as f64),
        ("retired", p.retired as f64),
    ];
    let all = p.runs.max(1) as f64;
    parts.into_iter().filter(|(_, runs)| *runs > 0.0).map(|(class, runs)| (class, runs / all)).collect()
}

/// How far it is, short enough for the title of a tab: `38 %`, `Done`, `2 failed`, `Stopped`.
pub fn sign(p: &Progress) -> String {
    if p.is_active() {
        // Not 100 before the last run has ended.
        format!("{:.0} %", (100.0 * p.done()).floor())
    } else if p.failed > 0 {
        format!("{} failed", thousands(p.failed as u64))
    } else if p.to_retry() > 0 {
        "Stopped".to_owned()
    } else {
        "Done".to_owned()
    }
}

/// Where the runs stand: `3 of 32 finished · 1 running · 2 failed`.
pub fn words(p: &Progress) -> String {
    let mut parts =
        vec![format!("{} of {} finished", thousands(p.finished as u64), thousands(p.runs as u64))];
    let more = [
        (p.running, "running"),
        (p.queued, "queued"),
        (p.failed, "failed"),
        (p.cancelled, "cancelled"),
        (p.interrupted, "interrupted"),
        (p.retired, "retired"),
    ];
    parts.extend(
        more.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", thousands(*n as u64))),
    );
    parts.join(" · ")
}

/// Why a chart of runs of these statuses has no line.
pub fn no_points_reason(runs: impl Iterator<Item = RunStatus>) -> String {
    let mut progress = Progress::default();
    for status in runs {
        progress.runs += 1;
        progress.count(status);
    }
    if progress.runs == 0 {
        return "No run is shown".into();
    }
    if progress.is_active() {
        return "No points yet".into();
    }
    let ends = [
        (progress.failed, "failed"),
        (progress.cancelled, "was cancelled"),
        (progress.interrupted, "was interrupted"),
        (progress.retired, "was retired"),
    ];
    let reasons: Vec<String> = ends
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| match n {
            1 => format!("1 run {word}"),
            n => format!("{} {}", counted(*n, "run"), word.replace("was ", "were ")),
        })
        .collect();
    if reasons.is_empty() { "No points".into() } else { format!("No points: {}", reasons.join(", ")) }
}

/// Why some runs failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures {
    /// The reason, in the words of the log.
    pub reason: String,
    /// By what they failed.
    pub cause: FailureCause,
    /// How many it ended.
    pub runs: usize,
}

/// Why runs failed: each reason once, with how many it ended, the one that ended most first.
pub fn failures<'a>(runs: impl Iterator<Item = &'a RunState>) -> Vec<Failures> {
    let mut all: Vec<Failures> = Vec::new();
    for run in runs.filter(|run| run.status == RunStatus::Failed) {
        let reason = run.failure.as_deref().unwrap_or("for a reason that is not in the log");
        match all.iter_mut().find(|known| known.reason == reason) {
            Some(known) => known.runs += 1,
            None => all.push(Failures { reason: reason.to_owned(), cause: run.failure_cause, runs: 1 }),
        }
    }
    all.sort_by_key(|failures| std::cmp::Reverse(failures.runs));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use tunemask_shared::state::ExperimentState;

    #[test]
    fn a_bar_is_full_only_of_what_finished() {
        let (lab, experiment) = sample::lab();
        let p = Progress::of(&lab, &experiment);
        // The running one is half done, the waiting one has 10 of its 20 steps still on record.
        let want = [("finished", 0.2), ("running", 0.2), ("failed", 0.2), ("stopped", 0.2)];
        assert_eq!(parts(&p), want);
        assert!((p.done() - 0.4).abs() < 1e-12 && p.is_active() && p.to_retry() == 2);
        assert_eq!(words(&p), "1 of 5 finished · 1 running · 1 queued · 1 failed · 1 cancelled");
        let empty = ExperimentState { runs: vec![], ..experiment };
        let p = Progress::of(&lab, &empty);
        assert_eq!((p.seconds_left, parts(&p), p.done()), (None, vec![], 0.0));
    }

    #[test]
    fn a_tab_says_how_far_its_experiment_is() {
        let (lab, experiment) = sample::lab();
        assert_eq!(sign(&Progress::of(&lab, &experiment)), "40 %");
        let of = |finished, failed, cancelled| {
            sign(&Progress { runs: 1000, finished, failed, cancelled, ..Progress::default() })
        };
        assert_eq!([of(1000, 0, 0), of(998, 2, 0), of(999, 0, 1)], ["Done", "2 failed", "Stopped"]);
        let almost =
            Progress { runs: 1000, finished: 999, running: 1, under_way: 0.9, ..Progress::default() };
        assert_eq!(sign(&almost), "99 %");
    }

    #[test]
    fn an_empty_chart_says_why() {
        use RunStatus::*;
        let of = |runs: &[RunStatus]| no_points_reason(runs.iter().copied());
        assert_eq!(of(&[Queued, Failed]), "No points yet");
        assert_eq!(of(&[Failed; 16]), "No points: 16 runs failed");
        assert_eq!(
            of(&[Cancelled, Interrupted, Interrupted]),
            "No points: 1 run was cancelled, 2 runs were interrupted"
        );
        assert_eq!([of(&[Finished]), of(&[])], ["No points", "No run is shown"]);
    }

    #[test]
    fn a_reason_is_said_once() {
        let failed = |seed, reason: &str| RunState {
            status: RunStatus::Failed,
            failure: Some(reason.into()),
            ..sample::run(seed, 1)
        };
        let runs = [failed(1, "a"), failed(2, "b"), failed(3, "b"), sample::run(4, 1)];
        let said: Vec<(String, usize)> =
            failures(runs.iter()).into_iter().map(|f| (f.reason, f.runs)).collect();
        assert_eq!(said, [("b".into(), 2), ("a".into(), 1)]);
    }
}

//! What happened to a run: a line each with its time, the latest first.

use crate::format::{counted, duration, score, thousands};
use crate::net::client::use_client;
use crate::page::connection::time_of_day;
use crate::page::run_row::retired;
use leptos::prelude::*;
use tunemask_shared::event::{Evaluation, EventKind};
use tunemask_shared::run::RunId;
use tunemask_shared::run_log::RunLog;
use tunemask_shared::state::{Retirement, RunState};

/// A line that is shown.
#[derive(Debug, PartialEq)]
struct Line {
    at_ms: u64,
    class: &'static str,
    words: String,
}

/// The lines of a run whose development sets have these names, the latest first.
fn lines(log: &RunLog, sets: &[String]) -> Vec<Line> {
    // What is left out may have begun it.
    let mut begun = log.earlier > 0;
    let mut all = Vec::new();
    for event in &log.lines {
        let mut class = "";
        let words = match &event.kind {
            EventKind::Queued { .. } => {
                begun = false;
                "Queued".to_owned()
            }
            EventKind::Continued { .. } => "Queued again, to go on from where it was".to_owned(),
            EventKind::Started { device, steps, together, node, .. } => {
                let verb = if std::mem::replace(&mut begun, true) { "Continued" } else { "Started" };
                let place = node
                    .as_ref()
                    .map_or_else(String::new, |node| format!(" of {} ({})", node.place(), node.arithmetic));
                let others = together.unwrap_or(1).saturating_sub(1);
                let others = match others {
                    0 => String::new(),
                    n => format!(", together with {}", counted(n as usize, "other run")),
                };
                format!("{verb} on {device}{place}{others}: {} steps", thousands(*steps))
            }
            EventKind::Evaluated { evaluation, .. } => evaluated(evaluation, sets),
            EventKind::Checkpointed { step, failure: None, .. } => {
                format!("Checkpoint saved at step {}", thousands(*step))
            }
            EventKind::Checkpointed { step, failure: Some(why), .. } => {
                class = "wrong";
                format!("Checkpoint at step {} not saved: {why}", thousands(*step))
            }
            EventKind::Finished { outcome, .. } => {
                let early = outcome
                    .stopped_after
                    .map_or_else(String::new, |epoch| format!(", stopped early after epoch {epoch}"));
                format!(
                    "Finished after {} of training{early}; epoch {} is the best",
                    duration(outcome.elapsed_secs),
                    outcome.best_epoch
                )
            }
            EventKind::Failed { reason, .. } => {
                class = "wrong";
                format!("Failed: {reason}")
            }
            EventKind::Cancelled { .. } => "Cancelled".to_owned(),
            EventKind::Interrupted { .. } => "Interrupted: the program ended".to_owned(),
            EventKind::Retired { epoch, better, .. } => {
                let why = retired(Retirement::Retired { epoch: *epoch, better: *better });
                format!("Retired: {}", why.unwrap_or_default())
            }
            EventKind::WeightsDropped { rule, .. } => format!("Weights dropped, by the rule \"{rule}\""),
            // Of no run alone.
            _ => continue,
        };
        all.push(Line { at_ms: event.at_ms, class, words });
    }
    all.reverse();
    all
}

fn evaluated(evaluation: &Evaluation, sets: &[String]) -> String {
    let mut words =
        format!("Evaluated after epoch {}, step {}:", evaluation.epoch, thousands(evaluation.step));
    for (at, one) in evaluation.scores.iter().enumerate() {
        words += if at == 0 { " " } else { ", " };
        words += &format!("{} {}", one.metric.title(), score(one.metric, one.value));
        // The first set goes without saying.
        if let Some(set) = sets.get(usize::from(one.set)).filter(|_| one.set > 0) {
            words += &format!(" ({set})");
        }
    }
    words
}

/// A moment, where the reader is.
fn moment(ms: u64) -> String {
    let date = js_sys::Date::new(&(ms as f64).into());
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year}-{month:02}-{day:02} {}", time_of_day(ms))
}

/// The lines. They come anew whenever something has happened to the run.
#[component]
pub fn Log(run: RunId, state: Memo<Option<RunState>>) -> impl IntoView {
    let client = use_client();
    let run = StoredValue::new(run);
    let happened = Memo::new(move |_| {
        state.with(|s| {
            let s = s.as_ref()?;
            let saved = (s.checkpoint, s.checkpoint_failure.clone());
            Some((s.status, s.evaluations.len(), saved, s.went_on_ms, s.weights_dropped))
        })
    });
    Effect::new(move |_| {
        // Read, so that it is followed: a memo that nobody reads follows nothing.
        happened.with(|_| ());
        if client.is_live() {
            client.ask_run_log(run.get_value());
        }
    });
    let sets = state.with_untracked(|s| s.as_ref().map(|s| s.spec.task.development_sets().to_vec()));
    let sets = sets.unwrap_or_default();
    let shown = move || {
        let line = |Line { at_ms, class, words }| {
            view! { <li><time>{moment(at_ms)}</time> <span class=class>{words}</span></li> }
        };
        let all = run.with_value(|run| client.with_run_log(run, |log| lines(log, &sets)));
        all.unwrap_or_default().into_iter().map(line).collect_view()
    };
    let left_out = move || {
        let earlier = run.with_value(|run| client.with_run_log(run, |log| log.earlier as usize));
        let words = |earlier| format!("{} before these", counted(earlier, "line"));
        earlier.filter(|earlier| *earlier > 0).map(|earlier| view! { <p class="hint">{words(earlier)}</p> })
    };
    view! {
        <section aria-labelledby="log">
            <h2 id="log">"Log"</h2>
            <div class="scroll log" role="region" tabindex="0" aria-label="Log of the run, the latest first">
                <ol reversed>{shown}</ol>
            </div>
            {left_out}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::event::{Event, Node};
    use tunemask_shared::fixtures::{evaluated, finished, pointed, run_spec, started};
    use tunemask_shared::keep_weights::KeepWeights;
    use tunemask_shared::metric::{Metric, Score};
    use tunemask_shared::run::Arithmetic;

    fn said(earlier: u32, kinds: Vec<EventKind>) -> Vec<String> {
        let event = |(at_ms, kind)| Event { seq: at_ms, at_ms, kind };
        let log = RunLog { earlier, lines: (1..).zip(kinds).map(event).collect() };
        let lines = lines(&log, &["dev".into(), "mismatched".into()]);
        assert!(lines.is_sorted_by(|one, next| one.at_ms > next.at_ms), "{lines:?}");
        lines.into_iter().rev().map(|line| line.words).collect()
    }

    #[test]
    fn what_happened_to_a_run_is_said_line_by_line() {
        let run = RunId("0a".into());
        let queued =
            EventKind::Queued { run: run.clone(), spec: Box::new(run_spec()), trainable: 1, alone: false };
        let node = Node { name: "desk".into(), arithmetic: Arithmetic("avx2".into()), worker: None };
        let mut together = started(&run, 1200);
        if let EventKind::Started { together, node: on, .. } = &mut together {
            (*together, *on) = (Some(3), Some(node));
        }
        let score = |metric, set, value| Score { metric, set, value };
        let scores = vec![score(Metric::Accuracy, 0, 0.5), score(Metric::Accuracy, 1, 0.75)];
        let evaluation = Evaluation { epoch: 2, step: 1200, scores, elapsed_secs: 0.1 };
        let saved = |failure| EventKind::Checkpointed { run: run.clone(), step: 4, failure };
        let lines = said(
            0,
            vec![
                queued.clone(),
                together,
                saved(None),
                saved(Some("disk full".into())),
                EventKind::Interrupted { run: run.clone() },
                EventKind::Continued { run: run.clone() },
                started(&run, 9),
                pointed(&run, 1..3),
                EventKind::Evaluated { run: run.clone(), evaluation },
                EventKind::failed(run.clone(), "diverged at step 812: loss is not finite"),
                queued,
                started(&run, 9),
                EventKind::Retired { run: run.clone(), epoch: 3, better: 4 },
                EventKind::Cancelled { run: run.clone() },
                finished(&run, "cc"),
                EventKind::WeightsDropped { run: run.clone(), rule: KeepWeights::None },
            ],
        );
        assert_eq!(
            lines,
            [
                "Queued",
                "Started on cpu of desk (avx2), together with 2 other runs: 1,200 steps",
                "Checkpoint saved at step 4",
                "Checkpoint at step 4 not saved: disk full",
                "Interrupted: the program ended",
                "Queued again, to go on from where it was",
                "Continued on cpu: 9 steps",
                "Evaluated after epoch 2, step 1,200: accuracy 50.0, accuracy 75.0 (mismatched)",
                "Failed: diverged at step 812: loss is not finite",
                "Queued",
                "Started on cpu: 9 steps",
                "Retired: 4 learning rates ahead after epoch 3",
                "Cancelled",
                "Finished after 1 s of training; epoch 1 is the best",
                "Weights dropped, by the rule \"none\"",
            ]
        );
        // Where the beginning is left out, it has begun.
        assert_eq!(said(1, vec![started(&run, 9), evaluated(&run, 1)])[0], "Continued on cpu: 9 steps");
    }
}

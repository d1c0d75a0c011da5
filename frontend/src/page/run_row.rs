//! A run in the table of runs.

use super::cancelling::use_cancelling;
use crate::best::best_score;
use crate::chart::board::Board;
use crate::component::icon::Icon;
use crate::component::part::{bar, picture, sample, status};
use crate::format::{NOTHING, counted, duration, number, rate, score, thousands};
use crate::grouping::Grouping;
use crate::legend::Run;
use crate::net::client::{Client, use_client};
use crate::net::store::use_store;
use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{LabState, Retirement, RunState};

/// What stands in a row, rounded to what is seen, so that a row changes only when it looks different.
#[derive(Clone, PartialEq)]
struct Row {
    status: RunStatus,
    percent: f64,
    begun: bool,
    steps: String,
    loss: String,
    best: String,
    time: String,
    /// With how many runs it shares its time, itself included, if with others.
    together: Option<u32>,
    /// Whether its frozen weights were found unchanged.
    proved: bool,
    note: Option<(&'static str, String)>,
}

impl Row {
    fn of(run: &RunState) -> Row {
        let steps = if run.steps > 0 {
            format!("{} / {}", thousands(run.step), thousands(run.steps))
        } else {
            String::new()
        };
        let best = best_score(run).map(|b| format!("{} @ {}", score(b.metric, b.value), b.epoch));
        let time = (run.elapsed_secs > 0.0).then(|| duration(run.elapsed_secs));
        Row {
            status: run.status,
            percent: (run.done() * 100.0).round(),
            begun: run.step > 0,
            steps,
            loss: run.last_loss.map_or(NOTHING.into(), |l| number(l.0)),
            best: best.unwrap_or(NOTHING.into()),
            time: time.unwrap_or(NOTHING.into()),
            together: run.together.filter(|&runs| runs > 1 && run.elapsed_secs > 0.0),
            proved: run.outcome.as_ref().is_some_and(|o| o.frozen_unchanged),
            note: note(run),
        }
    }
}

/// The class of what a run's bar shows.
pub fn part(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Finished => "finished",
        RunStatus::Queued | RunStatus::Running => "running",
        RunStatus::Failed => "failed",
        RunStatus::Cancelled | RunStatus::Interrupted => "stopped",
        RunStatus::Retired => "retired",
    }
}

/// What must be known of a run beside its status, with its class.
pub fn note(run: &RunState) -> Option<(&'static str, String)> {
    let goes_on = || match run.checkpoint {
        Some(step) => format!("Retry continues from step {}", thousands(step)),
        None => "Retry starts it again".to_owned(),
    };
    match (run.status, &run.failure, &run.outcome) {
        (RunStatus::Failed, Some(reason), _) => Some(("wrong", reason.clone())),
        (_, _, Some(outcome)) if !outcome.frozen_unchanged => {
            Some(("wrong", "frozen weights changed".into()))
        }
        (RunStatus::Retired, ..) => Some(("", retired(run.retirement)?)),
        (RunStatus::Interrupted, ..) => Some(("", format!("the program ended; {}", goes_on()))),
        _ => run.checkpoint_failure.as_ref().map(|reason| ("wrong", format!("not saved: {reason}"))),
    }
}

/// Why it was retired: `4 learning rates ahead after epoch 3`.
pub fn retired(retirement: Retirement) -> Option<String> {
    let Retirement::Retired { epoch, better } = retirement else { return None };
    Some(format!("{} ahead after epoch {epoch}", counted(better as usize, "learning rate")))
}

/// A run as a row.
#[component]
pub fn RunRow(
    board: Board,
    run: RunId,
    /// Its place in the table, from 0.
    place: Signal<usize>,
    /// Reasons for failures that stand above the table.
    repeated: Memo<Vec<String>>,
) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let id = StoredValue::new(run);
    let find = move |s: &LabState| id.with_value(|id| s.runs.get(id).map(Row::of));
    let row = Memo::new(move |_| store.state.with(find));
    let state = store.state.with_untracked(|s| id.with_value(|id| s.runs.get(id).cloned()))?;
    let (of, name) = id.with_value(|id| {
        let run = Run { id, state: &state };
        board.legend.with_untracked(|l| (l.place(run), l.name(run, Grouping::Runs)))
    });
    let style = Memo::new(move |_| board.legend.with(|legend| legend.style(of, Grouping::Runs)));
    let (spec, trainable) = (state.spec, state.trainable);
    let page = Page::Run(board.id, id.get_value());
    let mask = spec.mask.clone();
    let pictured = move || board.legend.with(|legend| picture(legend, &mask));
    let shape = Memo::new(move |_| board.legend.with(|legend| legend.model.map(|model| model.shape)));
    let text = move |get: fn(&Row) -> String| move || row.with(|r| r.as_ref().map(get));
    let standing = Memo::new(move |_| row.with(|r| r.as_ref().map(|r| r.status)));
    // Where everything trains there is nothing to prove.
    let some_frozen = move || shape.get().is_none_or(|shape| trainable < shape.scalars() as u64);
    let proof = move || {
        let proved = row.with(|r| r.as_ref().is_some_and(|r| r.proved)) && some_frozen();
        proved.then(|| {
            view! {
                <span class="proof" title="Frozen weights unchanged, bit for bit">
                    {Icon::Lock.show()} <span class="visually-hidden">"frozen weights unchanged"</span>
                </span>
            }
        })
    };
    let noted = move || {
        let (class, text) = row.with(|r| r.as_ref().and_then(|r| r.note.clone()))?;
        let above = repeated.with(|all| all.contains(&text));
        let text = if above { "for the reason above".to_owned() } else { text };
        Some(view! { <span class=format!("note {class}")>{text}</span> })
    };
    let time = move || {
        row.with(|r| r.as_ref().map(|r| (r.time.clone(), r.together))).map(|(time, together)| {
            let shared = together.map(|runs| format!("its share in a gang of {runs}"));
            let said = shared
                .clone()
                .map(|text| view! { <span class="visually-hidden">{format!(", {text}")}</span> });
            view! { <span title=shared>{time}</span> {said} }
        })
    };
    let bar_name = format!("Progress of {name}");
    let progress = move || {
        row.with(|r| {
            let row = r.as_ref()?;
            let (done, words) = (row.percent / 100.0, format!("{} % · {}", row.percent, row.status.name()));
            let part = row.begun.then(|| (part(row.status), done)).into_iter().collect();
            Some(bar(part, done, bar_name.clone(), words))
        })
    };
    Some(view! {
        <tr
            // Below the heads.
            aria-rowindex=move || (place.get() + 2).to_string()
            data-place=move || place.get().to_string()
            on:pointerenter=move |_| board.highlighted.set(Some(id.with_value(|id| untrack(|| board.line_of(id)))))
            on:pointerleave=move |_| board.highlighted.set(None)
        >
            <th scope="row">
                <span class="mask">
                    {move || sample(style.get())} {pictured}
                    <a class="behind" href=href(&page.url()) title="Show this run"><code>{spec.mask.to_string()}</code></a>
                </span>
            </th>
            <td>{spec.task.title().to_owned()}</td>
            <td class="n">{rate(spec.learning_rate)}</td>
            <td class="n">{spec.seed}</td>
            <td class="n">{thousands(trainable)}</td>
            <td class="state">{move || standing.get().map(status)} {proof} {noted}</td>
            <td class="steps"><div>{progress} <span>{text(|r| r.steps.clone())}</span></div></td>
            <td class="n">{text(|r| r.loss.clone())}</td>
            <td class="n">{text(|r| r.best.clone())}</td>
            <td class="n">{time}</td>
            <td class="act">{move || action(client, Act { state: standing.get()?, run: id, name: &name })}</td>
        </tr>
    })
}

/// A run with which something can be done.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    /// Where it stands.
    pub state: RunStatus,
    /// Its id.
    pub run: StoredValue<RunId>,
    /// Its name.
    pub name: &'a str,
}

/// What can be done with a run.
pub fn action(client: Client, act: Act<'_>) -> Option<impl IntoView + use<>> {
    let Act { state, run: id, name } = act;
    let (icon, word) = match state {
        RunStatus::Finished => return None,
        RunStatus::Failed | RunStatus::Cancelled | RunStatus::Interrupted => (Icon::Retry, "Retry"),
        RunStatus::Retired => (Icon::Retry, "Train on"),
        RunStatus::Queued | RunStatus::Running => (Icon::Ban, "Cancel"),
    };
    let (cancelling, label, name) = (use_cancelling(), format!("{word} run {name}"), name.to_owned());
    let act = move |_| match state.is_over() {
        true => client.retry(vec![id.get_value()]),
        false => cancelling.ask(id.get_value(), name.clone()),
    };
    Some(view! {
        <button class="quiet small" aria-label=label on:click=act>
            {icon.show()}
            <span>{word}</span>
        </button>
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_row_says_how_far_its_run_came_and_why_it_ended() {
        let run = |status| RunState { status, checkpoint: Some(4), ..sample::run(1, 10) };
        let row = Row::of(&run(RunStatus::Interrupted));
        assert_eq!((row.percent, part(row.status), row.steps.as_str()), (50.0, "stopped", "10 / 20"));
        assert_eq!(row.note, Some(("", "the program ended; Retry continues from step 4".into())));
        let retirement = Retirement::Retired { epoch: 3, better: 4 };
        let row = Row::of(&RunState { retirement, ..run(RunStatus::Retired) });
        assert_eq!(
            (part(row.status), row.note),
            ("retired", Some(("", "4 learning rates ahead after epoch 3".into())))
        );
        let failed = RunState { failure: Some("why".into()), ..run(RunStatus::Failed) };
        let row = Row::of(&failed);
        assert_eq!(
            (row.percent, part(row.status), row.note),
            (50.0, "failed", Some(("wrong", "why".into())))
        );
        let unsaved = RunState { checkpoint_failure: Some("disk full".into()), ..run(RunStatus::Running) };
        assert_eq!(Row::of(&unsaved).note, Some(("wrong", "not saved: disk full".into())));
        // A run alone has no share; one that shares its time says with how many.
        let of = |together| Row::of(&RunState { together, ..run(RunStatus::Running) }).together;
        assert_eq!([of(None), of(Some(1)), of(Some(8))], [None, None, Some(8)]);
    }
}

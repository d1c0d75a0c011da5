//! Runs become lines: those that a chart has room for, their columns, smoothed, grouped.

use super::choice::{GridPosition, MAX_LINES, choose_fairly};
use super::failure::Failure;
use super::quantity::Quantity;
use crate::legend::{Legend, Seeds, index_of};
use crate::net::fold::SeriesStore;
use crate::setting::{Grouping, Setting};
use crate::style::Style;
use std::collections::HashMap;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::series::{band, smooth};
use tunemask_shared::state::RunState;
use tunemask_shared::task::Task;

/// Most positions of a band.
const BAND_POSITIONS: usize = 600;

/// A line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// The run's id, or the first one's of a group.
    pub key: String,
    /// For people.
    pub name: String,
    /// Colour and dash.
    pub style: Style,
    /// Positions; they never fall.
    pub x: Vec<f64>,
    /// Values drawn: smoothed, or the mean of a group.
    pub y: Vec<f64>,
    /// Values as they came, where `y` is smoothed.
    pub raw: Option<Vec<f64>>,
    /// Lower and upper edge around the mean of a group.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
    /// Where runs of it failed.
    pub failures: Vec<Failure>,
    /// Runs in it.
    pub runs: usize,
}

/// The lines of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// Those that it draws.
    pub drawn: Vec<Line>,
    /// How many more it would have.
    pub left_out: usize,
}

/// A run beside its identity.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Its identity.
    pub id: &'a RunId,
    /// What is known of it.
    pub state: &'a RunState,
}

/// The lines of a chart over these runs, in their order. Runs without a point have none. Where there are more than
/// [`MAX_LINES`] they are chosen by their places in the grid, whatever has a point already: none comes or goes
/// while they train.
pub fn lines(
    quantity: &Quantity,
    setting: &Setting,
    grouping: Grouping,
    runs: &[Run<'_>],
    store: &SeriesStore,
    legend: &Legend,
) -> Lines {
    let groups = groups(runs.iter().copied().filter(|run| quantity.concerns(run.state)), grouping);
    let first = |group: &Vec<Run<'_>>| group.first().map(|run| grid_position(run.state, legend));
    let positions: Vec<GridPosition> = groups.iter().filter_map(first).collect();
    let chosen = choose_fairly(&positions, MAX_LINES);
    let mut lines = Lines::default();
    for (i, group) in groups.iter().enumerate() {
        if chosen.binary_search(&i).is_err() {
            let has_points = group.iter().any(|run| quantity.has_points(run.state, store.runs.get(run.id)));
            lines.left_out += usize::from(has_points);
            continue;
        }
        let mut members: Vec<Line> =
            group.iter().filter_map(|run| single(quantity, setting, *run, store, legend)).collect();
        lines.drawn.extend(match (grouping, group.first()) {
            (Grouping::Seeds, Some(first)) => {
                over_seeds(members, legend.name(&first.state.spec, Seeds::Together))
            }
            _ => members.pop(),
        });
    }
    lines
}

/// The runs of each line.
fn groups<'a>(runs: impl Iterator<Item = Run<'a>>, grouping: Grouping) -> Vec<Vec<Run<'a>>> {
    if grouping == Grouping::Runs {
        return runs.map(|run| vec![run]).collect();
    }
    let mut groups: Vec<Vec<Run<'a>>> = Vec::new();
    // Place of the group of each cell: there may be thousands.
    let mut places: HashMap<(&Task, &Mask, u64), usize> = HashMap::new();
    for run in runs {
        let spec = &run.state.spec;
        let place =
            *places.entry((&spec.task, &spec.mask, spec.learning_rate.to_bits())).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups
}

fn grid_position(run: &RunState, legend: &Legend) -> GridPosition {
    GridPosition {
        task: index_of(&legend.tasks, &run.spec.task),
        mask: index_of(&legend.masks, &run.spec.mask),
        rate: index_of(&legend.rates, &run.spec.learning_rate),
        seed: index_of(&legend.seeds, &run.spec.seed),
    }
}

fn single(
    quantity: &Quantity,
    setting: &Setting,
    run: Run<'_>,
    store: &SeriesStore,
    legend: &Legend,
) -> Option<Line> {
    let (x, raw) = quantity.columns(run.state, store.runs.get(run.id), setting.axis);
    if x.is_empty() {
        return None;
    }
    let weight = if quantity.is_noisy() { setting.smoothing } else { 0.0 };
    let y = smooth(&raw, weight);
    let raw = (weight > 0.0).then_some(raw);
    let spec = &run.state.spec;
    let (name, style) = (legend.name(spec, Seeds::Apart), legend.style(spec));
    let failed = run.state.status == RunStatus::Failed;
    let failure = run.state.failure.as_ref().filter(|_| failed).zip(x.last());
    let failures = failure.map(|(reason, x)| Failure { x: *x, reason: reason.clone() }).into_iter().collect();
    Some(Line { key: run.id.0.clone(), name, style, x, y, raw, band: None, failures, runs: 1 })
}

/// The mean of lines with its band.
fn over_seeds(members: Vec<Line>, name: String) -> Option<Line> {
    let mut at: Vec<f64> = members.iter().flat_map(|m| m.x.iter().copied()).collect();
    at.sort_by(f64::total_cmp);
    at.dedup();
    let stride = at.len().div_ceil(BAND_POSITIONS).max(1);
    let last = at.last().copied();
    let at: Vec<f64> = at.into_iter().step_by(stride).chain(last).collect();
    let columns: Vec<(&[f64], &[f64])> = members.iter().map(|m| (m.x.as_slice(), m.y.as_slice())).collect();
    let mean = band(&columns, &at);
    let first = members.first()?;
    Some(Line {
        key: first.key.clone(),
        name,
        style: first.style,
        x: mean.x,
        y: mean.mean,
        raw: None,
        failures: members.iter().flat_map(|member| member.failures.clone()).collect(),
        band: (members.len() > 1).then_some((mean.low, mean.high)),
        runs: members.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn lines_are_smoothed_and_grouped() {
        let (one, two, three) = (sample::run(1, 10), sample::run(2, 10), {
            let mut run = sample::run(1, 10);
            run.spec.learning_rate = 5e-3;
            run
        });
        let ids: Vec<RunId> = [&one, &two, &three].map(|r| r.spec.id().unwrap()).into();
        let mut store = SeriesStore::default();
        for id in &ids {
            store.runs.insert(id.clone(), sample::series(10));
        }
        let states = [&one, &two, &three];
        let runs: Vec<Run<'_>> = ids.iter().zip(states).map(|(id, state)| Run { id, state }).collect();
        let legend = sample::legend();
        let setting = Setting::default();
        let lines =
            |quantity: Quantity, grouping| lines(&quantity, &setting, grouping, &runs, &store, &legend).drawn;
        let alone = lines(Quantity::TrainingLoss, Grouping::Runs);
        assert_eq!(alone.len(), 3);
        assert_eq!(alone[0].raw.as_ref().unwrap()[1], 0.5);
        assert!(alone[0].y[1] > 0.5 && alone[0].y[1] < 1.0);
        let rate = lines(Quantity::LearningRate, Grouping::Runs);
        assert_eq!((&rate[0].raw, rate[0].y[3]), (&None, 1e-3));

        let grouped = lines(Quantity::TrainingLoss, Grouping::Seeds);
        assert_eq!(grouped.iter().map(|l| l.runs).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(grouped[0].y, alone[0].y);
        assert_eq!(grouped[0].band.as_ref().unwrap().0, alone[0].y);
        assert_eq!((grouped[0].name.as_str(), &grouped[1].band), ("layernorms · Sentiment · 1e-3", &None));
    }

    #[test]
    fn runs_without_points_have_no_line() {
        let run = sample::run(1, 10);
        let id = run.spec.id().unwrap();
        let (store, legend) = (SeriesStore::default(), Legend::default());
        let runs = [Run { id: &id, state: &run }];
        let got = lines(&Quantity::TrainingLoss, &Setting::default(), Grouping::Runs, &runs, &store, &legend);
        assert_eq!(got, Lines::default());
    }

    #[test]
    fn what_a_chart_has_no_room_for_is_counted() {
        let all: Vec<(RunId, RunState)> =
            (0..130).map(|seed| sample::run(seed, 2)).map(|r| (r.spec.id().unwrap(), r)).collect();
        let mut store = SeriesStore::default();
        // Of the last of them nothing came yet.
        for (id, _) in &all[..129] {
            store.runs.insert(id.clone(), sample::series(2));
        }
        let legend = Legend { seeds: (0..130).collect(), ..Legend::default() };
        let runs: Vec<Run<'_>> = all.iter().map(|(id, state)| Run { id, state }).collect();
        let of = |quantity: Quantity, grouping| {
            let lines = lines(&quantity, &Setting::default(), grouping, &runs, &store, &legend);
            (lines.drawn.len(), lines.left_out)
        };
        let (drawn, left_out) = of(Quantity::TrainingLoss, Grouping::Runs);
        assert_eq!(drawn + left_out, 129);
        assert!(drawn >= MAX_LINES - 1, "{drawn}");
        assert_eq!(of(Quantity::TrainingLoss, Grouping::Seeds), (1, 0));
        let other = Quantity::Development(
            tunemask_shared::task::Task::rte(),
            tunemask_shared::metric::Metric::Accuracy,
            0,
        );
        assert_eq!(of(other, Grouping::Runs), (0, 0));
    }
}

//! Runs become lines: those that a chart has room for, their columns, smoothed, grouped.

use super::choice::{GridPosition, MAX_LINES, choose_fairly};
use super::quantity::{Bucketed, Columns, Quantity};
use crate::grouping::{Field, Grouping};
use crate::legend::{Dimension, Legend, Place, Run};
use crate::net::fold::SeriesStore;
use crate::setting::Setting;
use crate::style::Style;
use std::collections::HashMap;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::series::{band, smooth, smooth_means};

/// Most positions of a band.
const BAND_POSITIONS: usize = 600;

/// A line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// What it is of.
    pub key: LineKey,
    /// For people.
    pub name: String,
    /// Colour and dash.
    pub style: Style,
    /// The mask of all of its runs, if they have one.
    pub mask: Option<Mask>,
    /// Positions; they never fall.
    pub x: Vec<f64>,
    /// Values drawn: smoothed, or the mean of a group.
    pub y: Vec<f64>,
    /// Values as they came, where `y` is smoothed.
    pub raw: Option<Vec<f64>>,
    /// What a point stands for, where that is several steps.
    pub bucketed: Option<Bucketed>,
    /// Lower and upper edge around the mean of a group.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
    /// Where runs of it failed.
    pub failures: Vec<Failure>,
    /// Runs in it.
    pub runs: usize,
}

/// What a line is of: a run, or a group of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineKey(String);

impl From<&str> for LineKey {
    fn from(word: &str) -> LineKey {
        LineKey(word.to_owned())
    }
}

impl LineKey {
    /// The key of a run's line.
    pub fn run(run: &RunId) -> LineKey {
        LineKey(run.0.clone())
    }

    /// The key of the line of the runs that are alike in this.
    pub fn group(place: Place) -> LineKey {
        LineKey(place.word())
    }
}

/// The end of a run that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Where its last point lies on the horizontal axis.
    pub x: f64,
    /// Why, in the words of the log, and what to do about it.
    pub reason: String,
}

/// The lines of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// Those that it draws.
    pub drawn: Vec<Line>,
    /// How many more it would have.
    pub left_out: usize,
    /// Steps for which a point stands at most, where that is several.
    pub stride: Option<usize>,
}

/// Which runs a chart draws, and how they make lines.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// The runs, in their order.
    pub runs: &'a [Run<'a>],
    /// Those of them that have lines of their own above all others, whatever the grouping.
    pub pinned: &'a [RunId],
    /// Which runs make one line.
    pub grouping: Grouping,
}

/// The lines of a chart over these runs, in their order, pinned ones last, as what is drawn last lies above. Runs without a
/// point have none. Where there are more than [`MAX_LINES`] they are chosen by their places in the grid, whatever has a
/// point already: none comes or goes while they train.
pub fn lines(
    quantity: &Quantity,
    setting: &Setting,
    drawn: Drawn<'_>,
    store: &SeriesStore,
    legend: &Legend,
) -> Lines {
    let Drawn { runs, pinned, grouping } = drawn;
    let of_chart = || runs.iter().copied().filter(|run| quantity.concerns(run.state));
    let alone: Vec<Run<'_>> = pinned.iter().filter_map(|id| of_chart().find(|run| run.id == id)).collect();
    // A group's mean is the same whether or not one of its runs is pinned.
    let grouped = of_chart().filter(|run| grouping != Grouping::Runs || !pinned.contains(run.id));
    let groups = groups(grouped, grouping, legend);
    let positions: Vec<GridPosition> = groups.iter().map(|group| group.place.into()).collect();
    let chosen = choose_fairly(&positions, MAX_LINES.saturating_sub(alone.len()));
    let single = |run: Run<'_>| single(quantity, setting, run, store, legend);
    let bucketed =
        || of_chart().filter_map(|run| store.runs.get(run.id)).map(|series| series.buckets.stride());
    let stride = bucketed().max().filter(|stride| *stride > 1 && !quantity.is_per_epoch());
    let mut lines = Lines { stride, ..Lines::default() };
    for (i, group) in groups.into_iter().enumerate() {
        if chosen.binary_search(&i).is_err() {
            let has_points =
                group.runs.iter().any(|run| quantity.has_points(run.state, store.runs.get(run.id)));
            lines.left_out += usize::from(has_points);
            continue;
        }
        match grouping {
            Grouping::Runs => lines.drawn.extend(group.runs.into_iter().filter_map(single)),
            Grouping::By(_) => lines.drawn.extend(group.mean(single, grouping, legend)),
        }
    }
    lines.drawn.extend(alone.into_iter().filter_map(single));
    lines
}

/// Runs that make one line.
struct Group<'a> {
    place: Place,
    runs: Vec<Run<'a>>,
}

/// The runs of each line.
fn groups<'a>(runs: impl Iterator<Item = Run<'a>>, grouping: Grouping, legend: &Legend) -> Vec<Group<'a>> {
    if grouping == Grouping::Runs {
        return runs.map(|run| Group { place: legend.place(run), runs: vec![run] }).collect();
    }
    let mut groups: Vec<Group<'a>> = Vec::new();
    // Where the group of each place is: there may be thousands.
    let mut known: HashMap<Place, usize> = HashMap::new();
    for run in runs {
        // One that compared experiments share is part of a line of each.
        for place in legend.places(run).into_iter().map(|place| place.group(grouping)) {
            let at = *known.entry(place).or_insert(groups.len());
            match groups.get_mut(at) {
                Some(group) => group.runs.push(run),
                None => groups.push(Group { place, runs: vec![run] }),
            }
        }
    }
    groups
}

impl From<Place> for GridPosition {
    fn from(place: Place) -> GridPosition {
        GridPosition {
            task: place.value(Dimension::Task),
            mask: place.value(Dimension::Mask),
            rate: place.value(Dimension::Rate),
            seed: place.value(Dimension::Seed),
        }
    }
}

fn single(
    quantity: &Quantity,
    setting: &Setting,
    run: Run<'_>,
    store: &SeriesStore,
    legend: &Legend,
) -> Option<Line> {
    let Columns { x, y: raw, bucketed } = quantity.columns(run.state, store.runs.get(run.id), setting.axis);
    if x.is_empty() {
        return None;
    }
    let weight = if quantity.is_noisy() { setting.smoothing } else { 0.0 };
    let y = match &bucketed {
        Some(bucketed) => smooth_means(&raw, bucketed.per_point, weight),
        None => smooth(&raw, weight),
    };
    let raw = (weight > 0.0).then_some(raw);
    let failed = run.state.status == RunStatus::Failed;
    let failure = run.state.failure.as_ref().filter(|_| failed).zip(x.last());
    let told = |reason: &String| match run.state.failure_cause.advice() {
        Some(advice) => format!("{}. {advice}", reason.trim_end_matches('.')),
        None => reason.clone(),
    };
    let failures = failure.map(|(reason, x)| Failure { x: *x, reason: told(reason) }).into_iter().collect();
    let name = legend.name(run, Grouping::Runs);
    let style = legend.style(legend.place(run), Grouping::Runs);
    let (key, mask) = (LineKey::run(run.id), Some(run.state.spec.mask.clone()));
    Some(Line { key, name, style, mask, x, y, raw, bucketed, band: None, failures, runs: 1 })
}

impl<'a> Group<'a> {
    /// The mean of its lines with its band; nothing if none has a point.
    fn mean(
        self,
        line: impl Fn(Run<'a>) -> Option<Line>,
        grouping: Grouping,
        legend: &Legend,
    ) -> Option<Line> {
        let name = self.runs.first().map(|first| legend.name_at(*first, self.place, grouping))?;
        let style = legend.style(self.place, grouping);
        let mask =
            self.runs.first().filter(|_| grouping.has(Field::Mask)).map(|run| run.state.spec.mask.clone());
        let members: Vec<Line> = self.runs.into_iter().filter_map(line).collect();
        let mean = mean(members)?;
        Some(Line { key: LineKey::group(self.place), name, style, mask, ..mean })
    }
}

/// The mean of lines with its band.
fn mean(members: Vec<Line>) -> Option<Line> {
    let mut at: Vec<f64> = members.iter().flat_map(|m| m.x.iter().copied()).collect();
    at.sort_by(f64::total_cmp);
    at.dedup();
    let stride = at.len().div_ceil(BAND_POSITIONS).max(1);
    let last = at.last().copied();
    let at: Vec<f64> = at.into_iter().step_by(stride).chain(last).collect();
    let columns: Vec<(&[f64], &[f64])> = members.iter().map(|m| (m.x.as_slice(), m.y.as_slice())).collect();
    let mean = band(&columns, &at);
    (!members.is_empty()).then(|| Line {
        x: mean.x,
        y: mean.mean,
        failures: members.iter().flat_map(|member| member.failures.clone()).collect(),
        band: (members.len() > 1).then_some((mean.low, mean.high)),
        runs: members.len(),
        ..Line::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grouping::Field;
    use crate::legend::Contender;
    use crate::net::fold::Series;
    use crate::sample;
    use tunemask_shared::buckets::Buckets;
    use tunemask_shared::state::RunState;

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
        let legend = Legend { rates: vec![1e-3, 5e-3], ..sample::legend() };
        let setting = Setting::default();
        let of = |quantity: Quantity, grouping, pinned: &[RunId]| {
            let drawn = Drawn { runs: &runs, pinned, grouping };
            lines(&quantity, &setting, drawn, &store, &legend).drawn
        };
        let lines = |quantity: Quantity, grouping| of(quantity, grouping, &[]);
        let alone = lines(Quantity::TrainingLoss, Grouping::Runs);
        assert_eq!(alone.len(), 3);
        assert_eq!(alone[0].raw.as_ref().unwrap()[1], 0.5);
        assert!(alone[0].y[1] > 0.5 && alone[0].y[1] < 1.0);
        let rate = lines(Quantity::LearningRate, Grouping::Runs);
        assert_eq!((&rate[0].raw, rate[0].y[3]), (&None, 1e-3));

        let grouped = lines(Quantity::TrainingLoss, Grouping::over_seeds());
        assert_eq!(grouped.iter().map(|l| l.runs).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(grouped[0].y, alone[0].y);
        assert_eq!(grouped[0].band.as_ref().unwrap().0, alone[0].y);
        assert_eq!((grouped[0].name.as_str(), &grouped[1].band), ("layernorms · Sentiment · 1e-3", &None));
        let by_mask = lines(Quantity::TrainingLoss, Grouping::Runs.toggled(Field::Mask));
        assert_eq!((by_mask.len(), by_mask[0].runs, by_mask[0].name.as_str()), (1, 3, "layernorms"));

        // A pinned run has its own line above all others, and its group's mean stays as it is.
        let keys = |lines: &[Line]| lines.iter().map(|line| line.key.clone()).collect::<Vec<_>>();
        let of_run = |i: usize| LineKey::run(&ids[i]);
        let pinned = of(Quantity::TrainingLoss, Grouping::Runs, &ids[..1]);
        assert_eq!(keys(&pinned), [of_run(1), of_run(2), of_run(0)]);
        let pinned = of(Quantity::TrainingLoss, Grouping::over_seeds(), &ids[..1]);
        assert_eq!((pinned.len(), &pinned[..2], pinned[2].key.clone()), (3, &grouped[..], of_run(0)));
    }

    #[test]
    fn a_run_that_compared_experiments_share_is_part_of_a_line_of_each() {
        let states = [sample::run(1, 10), sample::run(2, 10)];
        let ids: Vec<RunId> = states.iter().map(|run| run.spec.id().unwrap()).collect();
        let mut store = SeriesStore::default();
        for id in &ids {
            store.runs.insert(id.clone(), sample::series(10));
        }
        let contender = |name: &str, runs: &[RunId]| Contender {
            name: name.into(),
            runs: runs.iter().cloned().collect(),
        };
        let contenders = vec![contender("#3", &ids[..1]), contender("#5", &ids)];
        let legend = Legend { contenders, ..Legend::default() };
        let runs: Vec<Run<'_>> = ids.iter().zip(&states).map(|(id, state)| Run { id, state }).collect();
        let grouping = Grouping::Runs.toggled(Field::Mask);
        let drawn = Drawn { runs: &runs, pinned: &[], grouping };
        let got = lines(&Quantity::TrainingLoss, &Setting::default(), drawn, &store, &legend).drawn;
        assert_eq!(got.iter().map(|l| (l.name.as_str(), l.runs)).collect::<Vec<_>>(), [("#3", 1), ("#5", 2)]);
        assert_ne!(got[0].style, got[1].style);
    }

    /// A run of more steps than there is room for looks as it would with all of them.
    #[test]
    fn a_long_run_is_drawn_from_its_buckets() {
        let run = sample::run(1, 4000);
        let id = run.spec.id().unwrap();
        let mut points = sample::series(4000).buckets.points().clone();
        points.loss = (1..=4000).map(|step| 40.0 / (f64::from(step) + 60.0)).collect();
        points.loss[1234] = 9.0;
        let (legend, setting) = (Legend::default(), Setting::default());
        let runs = [Run { id: &id, state: &run }];
        let drawn = Drawn { runs: &runs, pinned: &[], grouping: Grouping::Runs };
        let of = |most: usize, quantity: Quantity| {
            let buckets = Buckets::of(&points, most);
            let mut store = SeriesStore::default();
            store.runs.insert(id.clone(), Series { seq: 1, old: false, buckets });
            lines(&quantity, &setting, drawn, &store, &legend)
        };
        let (whole, thin) = (of(4000, Quantity::TrainingLoss), of(600, Quantity::TrainingLoss));
        assert_eq!((whole.stride, thin.stride), (None, Some(8)));
        let (whole, thin) = (&whole.drawn[0], &thin.drawn[0]);
        assert_eq!((thin.x.len(), thin.x.last()), (500, Some(&4000.0)));
        assert!(whole.bucketed.is_none() && whole.x.len() == 4000);
        // Smoothed alike but for the single value far from all others, which a bucket spreads over its steps.
        for (x, y) in thin.x.iter().zip(&thin.y).filter(|(x, _)| **x < 1200.0 || **x > 2500.0) {
            let other = whole.y[*x as usize - 1];
            assert!((y - other).abs() < 0.02 * other, "{x}: {y} and {other}");
        }
        let bucketed = thin.bucketed.as_ref().unwrap();
        assert_eq!((bucketed.steps, bucketed.newest), (4000, points.loss[3999]));
        assert_eq!(bucketed.highest.iter().copied().fold(0.0, f64::max), 9.0);
        let rate = of(600, Quantity::LearningRate).drawn.remove(0);
        assert!(rate.y.iter().all(|rate| *rate == 1e-3));
        assert_eq!(of(600, Quantity::DevelopmentLoss).stride, None);
    }

    #[test]
    fn runs_without_points_have_no_line() {
        let run = sample::run(1, 10);
        let id = run.spec.id().unwrap();
        let (store, legend) = (SeriesStore::default(), Legend::default());
        let runs = [Run { id: &id, state: &run }];
        let drawn = Drawn { runs: &runs, pinned: &[], grouping: Grouping::Runs };
        let got = lines(&Quantity::TrainingLoss, &Setting::default(), drawn, &store, &legend);
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
            let drawn = Drawn { runs: &runs, pinned: &[], grouping };
            let lines = lines(&quantity, &Setting::default(), drawn, &store, &legend);
            (lines.drawn.len(), lines.left_out)
        };
        let (drawn, left_out) = of(Quantity::TrainingLoss, Grouping::Runs);
        assert_eq!(drawn + left_out, 129);
        assert!(drawn >= MAX_LINES - 1, "{drawn}");
        assert_eq!(of(Quantity::TrainingLoss, Grouping::over_seeds()), (1, 0));
        let other = Quantity::Development(
            tunemask_shared::task::Task::rte(),
            tunemask_shared::metric::Metric::Accuracy,
            0,
        );
        assert_eq!(of(other, Grouping::Runs), (0, 0));
    }
}

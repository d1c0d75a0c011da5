//! Runs become lines: chosen columns, smoothed, grouped.

use super::quantity::Quantity;
use super::setting::{Grouping, Setting};
use crate::legend::{Legend, Seeds, Style};
use crate::net::fold::SeriesStore;
use tunemask_shared::run::RunId;
use tunemask_shared::series::{band, smooth};
use tunemask_shared::state::RunState;

/// Most lines that one chart draws; more cannot be told apart.
pub const MAX_LINES: usize = 120;

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
    /// Runs in it.
    pub runs: usize,
}

/// The lines of a chart over these runs, in their order. Runs without a point have none.
pub fn lines(
    quantity: Quantity,
    setting: &Setting,
    runs: &[(&RunId, &RunState)],
    store: &SeriesStore,
    legend: &Legend,
) -> Vec<Line> {
    let weight = if quantity.is_noisy() { setting.smoothing } else { 0.0 };
    let mut singles: Vec<(&RunState, Line)> = Vec::new();
    for &(id, run) in runs {
        let (x, raw) = quantity.columns(run, store.runs.get(id), setting.axis);
        if x.is_empty() {
            continue;
        }
        let y = smooth(&raw, weight);
        let raw = (weight > 0.0).then_some(raw);
        let style = legend.style(&run.spec);
        let name = legend.name(&run.spec, Seeds::Apart);
        singles.push((run, Line { key: id.0.clone(), name, style, x, y, raw, band: None, runs: 1 }));
    }
    match setting.grouping {
        Grouping::Runs => singles.into_iter().map(|(_, line)| line).collect(),
        Grouping::Seeds => over_seeds(singles, legend),
    }
}

fn over_seeds(singles: Vec<(&RunState, Line)>, legend: &Legend) -> Vec<Line> {
    let mut groups: Vec<(&RunState, Vec<Line>)> = Vec::new();
    for (run, line) in singles {
        let same = |other: &RunState| {
            let (a, b) = (&run.spec, &other.spec);
            a.task == b.task && a.mask == b.mask && a.learning_rate == b.learning_rate
        };
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, members)) => members.push(line),
            None => groups.push((run, vec![line])),
        }
    }
    groups
        .into_iter()
        .map(|(run, members)| {
            let mut at: Vec<f64> = members.iter().flat_map(|m| m.x.iter().copied()).collect();
            at.sort_by(f64::total_cmp);
            at.dedup();
            let stride = at.len().div_ceil(BAND_POSITIONS).max(1);
            let last = at.last().copied();
            let at: Vec<f64> = at.into_iter().step_by(stride).chain(last).collect();
            let columns: Vec<(&[f64], &[f64])> =
                members.iter().map(|m| (m.x.as_slice(), m.y.as_slice())).collect();
            let mean = band(&columns, &at);
            let first = &members[0];
            Line {
                key: first.key.clone(),
                name: legend.name(&run.spec, Seeds::Together),
                style: first.style,
                x: mean.x,
                y: mean.mean,
                raw: None,
                band: (members.len() > 1).then_some((mean.low, mean.high)),
                runs: members.len(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use tunemask_shared::experiment::Experiment;

    #[test]
    fn lines_are_smoothed_and_grouped() {
        let (one, two, three) = (sample::run(1, 10), sample::run(2, 10), {
            let mut run = sample::run(1, 10);
            run.spec.learning_rate = 5e-3;
            run
        });
        let ids: Vec<RunId> = [&one, &two, &three].map(|r| r.spec.id()).into();
        let mut store = SeriesStore::default();
        for id in &ids {
            store.runs.insert(id.clone(), sample::series(10));
        }
        let runs = [(&ids[0], &one), (&ids[1], &two), (&ids[2], &three)];
        let legend = Legend::new(&Experiment::default());
        let mut setting = Setting::default();
        let alone = lines(Quantity::TrainingLoss, &setting, &runs, &store, &legend);
        assert_eq!(alone.len(), 3);
        assert_eq!(alone[0].raw.as_ref().unwrap()[1], 0.5);
        assert!(alone[0].y[1] > 0.5 && alone[0].y[1] < 1.0);
        let rate = lines(Quantity::LearningRate, &setting, &runs, &store, &legend);
        assert_eq!((&rate[0].raw, rate[0].y[3]), (&None, 1e-3));

        setting.grouping = Grouping::Seeds;
        let grouped = lines(Quantity::TrainingLoss, &setting, &runs, &store, &legend);
        assert_eq!(grouped.iter().map(|l| l.runs).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(grouped[0].y, alone[0].y);
        assert_eq!(grouped[0].band.as_ref().unwrap().0, alone[0].y);
        assert_eq!((grouped[0].name.as_str(), &grouped[1].band), ("layernorms · Sentiment · 1e-3", &None));
    }

    #[test]
    fn runs_without_points_have_no_line() {
        let run = sample::run(1, 10);
        let id = run.spec.id();
        let (store, legend) = (SeriesStore::default(), Legend::default());
        let got = lines(Quantity::TrainingLoss, &Setting::default(), &[(&id, &run)], &store, &legend);
        assert!(got.is_empty());
    }
}

//! A contrast of masks, and how it is distributed.

use super::{Method, Resamples, Study};
use crate::results::{Summary, quantile};
use statrs::distribution::{ContinuousCDF, StudentsT};
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// A contrast of masks, Σ weight × score averaged over tasks, and how it is distributed.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// As observed.
    pub value: f64,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The runs behind it.
    pub runs: Vec<RunId>,
    spread: Spread,
}

#[derive(Clone, Debug)]
enum Spread {
    /// Ascending.
    Resampled(Vec<f64>),
    Student {
        error: f64,
        seeds: usize,
    },
}

impl Estimate {
    /// The contrast over the tasks on which all its masks are settled; `None` if there is no such task.
    pub fn of(study: &Study, resamples: &Resamples, contrast: &[(Mask, f64)]) -> Option<Self> {
        let tasks = study.common_tasks(contrast.iter().map(|(m, _)| m));
        Self::on(study, resamples, contrast, &tasks)
    }

    /// The contrast over these tasks.
    pub fn on(
        study: &Study,
        resamples: &Resamples,
        contrast: &[(Mask, f64)],
        tasks: &[Task],
    ) -> Option<Self> {
        let share = 1.0 / tasks.len() as f64;
        let mut parts: Vec<(usize, f64)> = Vec::new();
        for (mask, weight) in contrast {
            for task in tasks {
                let at = study.cells.iter().position(|c| c.mask == *mask && c.task == *task)?;
                parts.push((at, weight * share));
            }
        }
        if parts.is_empty() {
            return None;
        }
        let at_seed = |s: usize| parts.iter().map(|&(c, w)| w * study.cells[c].scores[s]).sum::<f64>();
        let by_seed: Vec<f64> = (0..study.seeds.len()).map(at_seed).collect();
        let summary = Summary::of(&by_seed);
        let spread = if parts.iter().all(|&(c, _)| !study.cells[c].predictions.is_empty()) {
            let draws = resamples.scores().iter();
            let values = draws.map(|scores| parts.iter().map(|&(c, w)| w * scores[c]).sum::<f64>());
            // A draw in which a metric is undefined says nothing.
            let mut values: Vec<f64> = values.filter(|v| !v.is_nan()).collect();
            values.sort_by(f64::total_cmp);
            Spread::Resampled(values)
        } else {
            Spread::Student { error: summary.std / (summary.n as f64).sqrt(), seeds: summary.n }
        };
        let runs = parts.iter().flat_map(|&(c, _)| study.cells[c].runs.iter().cloned()).collect();
        Some(Self { value: summary.mean, tasks: tasks.to_vec(), runs, spread })
    }

    /// How it was found.
    pub fn method(&self) -> Method {
        match &self.spread {
            Spread::Resampled(values) => Method::Bootstrap { resamples: values.len() as u32 },
            Spread::Student { seeds, .. } => Method::PairedT { seeds: *seeds as u32 },
        }
    }

    /// The interval that holds the middle `confidence` of it; not-a-number where there is too little.
    pub fn interval(&self, confidence: f64) -> [f64; 2] {
        let tails = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0];
        match &self.spread {
            Spread::Resampled(values) => tails.map(|q| quantile(values, q)),
            Spread::Student { error, seeds } => match student(*seeds) {
                Some(t) => tails.map(|q| self.value + error * t.inverse_cdf(q)),
                None => [f64::NAN; 2],
            },
        }
    }

    /// One-sided p-value against "it is at most `bound`".
    pub fn p_above(&self, bound: f64) -> f64 {
        self.p(|value| value <= bound, self.value - bound)
    }

    /// One-sided p-value against "it is at least `bound`".
    pub fn p_below(&self, bound: f64) -> f64 {
        self.p(|value| value >= bound, bound - self.value)
    }

    /// p-value against "it is beyond ± `margin`": the larger of the two one-sided ones (Schuirmann, 1987).
    pub fn p_equivalent(&self, margin: f64) -> f64 {
        self.p_above(-margin).max(self.p_below(margin))
    }

    fn p(&self, contrary: impl Fn(f64) -> bool, distance: f64) -> f64 {
        match &self.spread {
            Spread::Resampled(values) => {
                let beyond = values.iter().filter(|v| contrary(**v)).count();
                // The sample itself counts as one (Davison and Hinkley, 1997, section 4.2).
                (1 + beyond) as f64 / (1 + values.len()) as f64
            }
            Spread::Student { error, seeds } => match student(*seeds) {
                Some(t) if *error > 0.0 => t.sf(distance / error),
                // Equal differences at every seed: no spread to measure by.
                _ => f64::NAN,
            },
        }
    }
}

fn student(seeds: usize) -> Option<StudentsT> {
    let freedom = seeds.checked_sub(1).filter(|f| *f > 0)?;
    StudentsT::new(0.0, 1.0, freedom as f64).ok()
}

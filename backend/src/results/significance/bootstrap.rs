//! Seeds and examples drawn anew, in pairs.

use super::{Cell, Study};
use rayon::prelude::*;
use tunemask_shared::philox::{Purpose, Stream};

/// The scores of a study's cells under seeds and examples drawn anew, in pairs: a draw is the same for every mask.
///
/// Draw b takes from the stream (`seed`, [`Purpose::Bootstrap`], b) first one of S seeds S times, if S > 1, then
/// for each task in order one of its n examples n times. A cell's score is the mean over the drawn seeds of
/// the metric over the drawn examples (Efron and Tibshirani, 1993, chapter 8).
#[derive(Clone, Debug)]
pub struct Resamples {
    /// For each draw the score of each cell; not-a-number for a cell without predictions.
    scores: Vec<Vec<f64>>,
}

impl Resamples {
    /// Draws `count` times.
    pub fn draw(study: &Study, count: u32, seed: u64) -> Self {
        let sizes: Vec<usize> = study
            .tasks
            .iter()
            .map(|task| {
                let mut of_task = study.cells.iter().filter(|c| c.task == *task);
                of_task.find_map(|c| c.predictions.first()).map_or(0, |p| p.len())
            })
            .collect();
        let draw = |b: u32| {
            let mut stream = Stream::new(seed, Purpose::Bootstrap, b);
            let mut below = |n: usize| stream.below(n as u64) as u32;
            let n = study.seeds.len();
            let seeds: Vec<usize> =
                if n > 1 { (0..n).map(|_| below(n) as usize).collect() } else { (0..n).collect() };
            let examples: Vec<Vec<u32>> =
                sizes.iter().map(|&size| (0..size).map(|_| below(size)).collect()).collect();
            let of = |cell: &Cell| {
                let task = study.tasks.iter().position(|t| *t == cell.task);
                task.map_or(f64::NAN, |t| score(cell, &seeds, &examples[t]))
            };
            study.cells.iter().map(of).collect()
        };
        Self { scores: (0..count).into_par_iter().map(draw).collect() }
    }

    /// Of each draw the score of each cell, in the study's order.
    pub fn scores(&self) -> &[Vec<f64>] {
        &self.scores
    }
}

fn score(cell: &Cell, seeds: &[usize], examples: &[u32]) -> f64 {
    if cell.predictions.len() != seeds.len() || cell.predictions.iter().any(|p| p.len() != examples.len()) {
        return f64::NAN;
    }
    // A seed that is drawn twice has the same score twice.
    let mut known: Vec<Option<f64>> = vec![None; seeds.len()];
    let scores = seeds
        .iter()
        .map(|&s| *known[s].get_or_insert_with(|| cell.predictions[s].score(cell.metric(), examples)));
    scores.sum::<f64>() / seeds.len() as f64
}

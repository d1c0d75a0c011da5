//! A run's points until they make a line.

use super::job::Logged;
use tunemask_engine::StepReport;
use tunemask_shared::event::Points;
use tunemask_shared::run::Precision;
use tunemask_shared::shape::ModelShape;

/// Multiply-adds of a line of points, about a tenth of a second's of a CPU. Counted, not clocked, so that the
/// same run writes the same lines: a slow step makes a line of its own, a hundred quick ones share one.
const LINE_WORK: u64 = 5_000_000_000;

/// How much faster a GPU is, where it computes in a precision that only it has.
const GPU: u64 = 1000;

/// Most steps of a line.
const LINE_STEPS: usize = 128;

/// A run's points until they make a line.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    points: Points,
    work: u64,
    work_per_token: u64,
    /// What fills a line.
    line_work: u64,
    /// Seconds of steps so far.
    elapsed_secs: f64,
    /// The last step whose seconds are among them from the beginning.
    counted: u64,
}

/// What becomes of steps that the log has already, which a run takes again that goes on from before the log's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Repeats {
    /// They are not written: the log has them.
    #[default]
    LeftOut,
    /// They are written like all others, where whoever reads them knows which are new: so it is seen that the run trains.
    Written,
}

/// A step of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Counted from 1.
    pub(super) step: u64,
    /// Epochs done after it.
    pub(super) epoch: f64,
    /// Its learning rate.
    pub(super) learning_rate: f64,
    /// What it did.
    pub(super) report: StepReport,
    /// Real tokens in it.
    pub(super) tokens: u64,
    /// Seconds it took: its share of its gang's, see [`shares`].
    pub(super) secs: f64,
}

/// The seconds of a gang's step shared among its members, by the products that each would need alone. What they
/// compute once is then nobody's in particular: it makes all of them cheaper. Shares add up to the whole, so the times
/// of all runs add up to the device's.
pub(super) fn shares(products: &[f64], secs: f64) -> Vec<f64> {
    let whole: f64 = products.iter().sum();
    let even = 1.0 / products.len().max(1) as f64;
    products.iter().map(|own| secs * if whole > 0.0 { own / whole } else { even }).collect()
}

impl Curve {
    /// An empty one, behind what the log holds of a run in this precision.
    pub(super) fn new(shape: &ModelShape, logged: &Logged, precision: Precision) -> Self {
        let blocks: usize = shape.parameters().iter().filter(|p| p.layer.is_some()).map(|p| p.len()).sum();
        // Forward, and twice as much backward.
        // By what is part of the run's identity: the same run writes the same lines.
        let line_work = match precision {
            Precision::F32 | Precision::FrozenBf16 => LINE_WORK,
            Precision::Tf32 | Precision::Bf16 => GPU * LINE_WORK,
        };
        let work_per_token = 3 * blocks as u64;
        let Logged { step: counted, elapsed_secs, .. } = *logged;
        Self { points: Points::default(), work: 0, work_per_token, line_work, elapsed_secs, counted }
    }

    /// Whether all that was added is in a line.
    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Seconds of training so far.
    pub(super) fn elapsed_secs(&self) -> f64 {
        self.elapsed_secs
    }

    /// Adds a step; gives a line if it is full.
    pub(super) fn add(&mut self, step: Step) -> Option<Points> {
        if step.step > self.counted {
            self.elapsed_secs += step.secs;
        }
        let p = &mut self.points;
        p.step.push(step.step);
        p.epoch.push(step.epoch);
        p.loss.push(step.report.loss);
        p.learning_rate.push(step.learning_rate);
        p.gradient_norm.push(step.report.gradient_norm);
        p.tokens_per_s.push(step.tokens as f64 / step.secs.max(1e-9));
        p.elapsed_secs.push(self.elapsed_secs);
        self.work += self.work_per_token * step.tokens;
        if self.work >= self.line_work || self.points.len() >= LINE_STEPS { self.take() } else { None }
    }

    /// What was added since the last line.
    pub(super) fn take(&mut self) -> Option<Points> {
        self.work = 0;
        Some(std::mem::take(&mut self.points)).filter(|points| !points.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: u64, tokens: u64) -> Step {
        let report = StepReport { loss: 0.5, gradient_norm: f64::INFINITY };
        Step { step, epoch: 0.5, learning_rate: 1e-3, report, tokens, secs: 0.25 }
    }

    #[test]
    fn who_computes_less_has_less_of_the_time_and_all_of_it_is_somebodys() {
        let split = |products: &[f64]| shares(products, 12.0);
        assert_eq!(split(&[1.0, 2.0, 3.0]), [2.0, 4.0, 6.0]);
        assert_eq!(split(&[5.0]), [12.0]);
        // A model without a matrix.
        assert_eq!((split(&[0.0, 0.0]), split(&[])), (vec![6.0, 6.0], Vec::new()));
    }

    #[test]
    fn lines_end_by_work_and_by_length_and_never_by_time() {
        let (large, new) = (ModelShape::BERT_BASE_UNCASED, Logged::default());
        assert_eq!(Curve::new(&large, &new, Precision::F32).add(step(1, 500)).unwrap().step, [1]);
        // 255 million multiply-adds a token; on a GPU that is milliseconds.
        let mut fast = Curve::new(&large, &new, Precision::Bf16);
        assert_eq!((1..).find_map(|i| fast.add(step(i, 500))).unwrap().len(), 40);
        assert!(fast.is_empty());
        let tiny = ModelShape { layers: 0, ..large };
        let mut curve = Curve::new(&tiny, &new, Precision::Bf16);
        assert!((1..LINE_STEPS as u64).all(|i| curve.add(step(i, 500)).is_none()));
        let line = curve.add(step(LINE_STEPS as u64, 500)).unwrap();
        assert_eq!(line.len(), LINE_STEPS);
        assert_eq!((line.tokens_per_s[0], line.elapsed_secs[3]), (2000.0, 1.0));
        assert!(curve.take().is_none());
        assert!(curve.add(step(1, 500)).is_none());
        assert_eq!(curve.take().unwrap().gradient_norm, [f64::INFINITY]);
    }

    #[test]
    fn the_time_of_steps_that_are_taken_again_is_counted_once() {
        let logged = Logged { step: 2, elapsed_secs: 7.0, ..Logged::default() };
        let mut curve = Curve::new(&ModelShape::BERT_BASE_UNCASED, &logged, Precision::Bf16);
        assert!((1..=3).all(|i| curve.add(step(i, 50)).is_none()));
        let points = curve.take().unwrap();
        assert_eq!((points.step, points.elapsed_secs), (vec![1, 2, 3], vec![7.0, 7.0, 7.25]));
    }
}

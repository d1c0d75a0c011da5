use super::curve::{Curve, Step};
use super::job::Job;
use crate::data::TaskData;
use crate::engine::{Adam, Gang, MemberSpec, Sequence, StepReport};
use crate::model::Model;
use sha2::{Digest, Sha256};
use tunemask_shared::event::{Evaluation, Outcome, What};
use tunemask_shared::metric::Score;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::run::{RunId, RunSpec, hexadecimal};
use tunemask_shared::schedule::Schedule;

/// One run of a gang: what it is fed, and what becomes of it. Its lines are handed to the caller to write.
#[derive(Debug)]
pub(super) struct Member {
    run: RunId,
    spec: RunSpec,
    steps_per_epoch: usize,
    schedule: Schedule,
    order: Vec<u32>,
    curve: Curve,
    best: Option<(Evaluation, f64)>,
    over: bool,
}

impl Member {
    /// A run on `examples` training examples, and how it joins the gang.
    ///
    /// # Errors
    /// A mask that the model does not have.
    pub(super) fn new(job: &Job, model: &Model, examples: usize) -> Result<(Self, MemberSpec), String> {
        let spec = job.spec.clone();
        let shape = &model.config.shape;
        let selection = spec
            .mask
            .resolve(shape, spec.switches, spec.seed, Some(&model.weights))
            .map_err(|e| e.to_string())?;
        let [beta1, beta2, epsilon] = spec.adam;
        let adam = Adam { beta1, beta2, epsilon, epsilon_place: spec.epsilon_place };
        let joins = MemberSpec { selection, seed: spec.seed, adam, head: None };
        let steps_per_epoch = examples.div_ceil(spec.batch_size as usize);
        let steps = steps_per_epoch * spec.epochs as usize;
        let member = Self {
            run: job.run.clone(),
            schedule: Schedule::new(steps, spec.warmup_fraction),
            steps_per_epoch,
            order: (0..examples as u32).collect(),
            curve: Curve::new(shape),
            best: None,
            over: false,
            spec,
        };
        Ok((member, joins))
    }

    pub(super) fn run(&self) -> &RunId {
        &self.run
    }

    /// Whether its last line was handed out. It stays in its gang, whose other runs go on.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn started(&self, device: &str, data: &TaskData) -> What {
        What::Started {
            run: self.run.clone(),
            device: device.to_owned(),
            steps: self.schedule.steps as u64,
            train_examples: data.train.len() as u64,
            eval_examples: data.development.iter().map(|set| set.len() as u64).collect(),
        }
    }

    /// The batch of a step, counted from 0. The first of an epoch draws the epoch's order, which depends on
    /// nothing but seed and epoch; the last may be short.
    pub(super) fn batch<'a>(&mut self, step: usize, data: &'a TaskData) -> Vec<Sequence<'a>> {
        let (epoch, within) = (step / self.steps_per_epoch, step % self.steps_per_epoch);
        if within == 0 {
            self.order.sort_unstable();
            Stream::new(self.spec.seed, Purpose::Order, epoch as u32).shuffle(&mut self.order);
        }
        let size = self.spec.batch_size as usize;
        let places = self.order.iter().skip(within * size).take(size);
        places.map(|&place| data.train[place as usize].sequence()).collect()
    }

    /// Learning rate of a step, counted from 0.
    pub(super) fn learning_rate(&self, step: usize) -> f64 {
        self.spec.learning_rate * self.schedule.factor(step)
    }

    /// Takes note of a step, counted from 0. A loss or a gradient that is not finite ends the run.
    pub(super) fn stepped(&mut self, step: usize, report: StepReport, tokens: u64, secs: f64) -> Vec<What> {
        if self.over {
            return Vec::new();
        }
        let done = step as u64 + 1;
        let epoch = done as f64 / self.steps_per_epoch as f64;
        let learning_rate = self.learning_rate(step);
        let line = self.curve.add(Step { step: done, epoch, learning_rate, report, tokens, secs });
        let mut lines: Vec<What> =
            line.map(|points| What::Points { run: self.run.clone(), points }).into_iter().collect();
        let lost = match (report.loss.is_finite(), report.gradient_norm.is_finite()) {
            (false, _) => Some("loss"),
            (true, false) => Some("gradient"),
            (true, true) => None,
        };
        if let Some(what) = lost {
            let reason = format!("diverged at step {done}: {what} is not finite; try a lower learning rate");
            lines.extend(self.end(What::Failed { run: self.run.clone(), reason }));
        }
        lines
    }

    /// What was not written yet of its curve.
    pub(super) fn flush(&mut self) -> Vec<What> {
        let points = self.curve.take();
        points.map(|points| What::Points { run: self.run.clone(), points }).into_iter().collect()
    }

    /// Its curve's rest and its last line.
    pub(super) fn end(&mut self, last: What) -> Vec<What> {
        if self.over {
            return Vec::new();
        }
        self.over = true;
        let mut lines = self.flush();
        lines.push(last);
        lines
    }

    /// Takes note of the scores after an epoch, counted from 1.
    pub(super) fn evaluated(&mut self, epoch: u32, scores: Vec<Score>, elapsed_secs: f64) -> Vec<What> {
        if self.over {
            return Vec::new();
        }
        let step = u64::from(epoch) * self.steps_per_epoch as u64;
        let evaluation = Evaluation { epoch, step, scores, elapsed_secs };
        let metric = self.spec.task.primary_metric();
        let first = evaluation.scores.iter().find(|s| s.metric == metric && s.set == 0);
        let value = first.map_or(f64::NAN, |s| s.value);
        if self.best.as_ref().is_none_or(|(_, best)| metric.improves(value, *best)) {
            self.best = Some((evaluation.clone(), value));
        }
        let mut lines = self.flush();
        lines.push(What::Evaluated { run: self.run.clone(), evaluation });
        lines
    }

    /// Its end, if it trained to it: as the gang's member of this number.
    pub(super) fn finished(&mut self, gang: &Gang, number: usize) -> Vec<What> {
        let Some((best, _)) = self.best.take() else {
            let reason = "no epoch was trained: there are no training examples".to_owned();
            return self.end(What::Failed { run: self.run.clone(), reason });
        };
        let mut hash = Sha256::new();
        gang.trained(number).iter().for_each(|scalar| hash.update(scalar.to_le_bytes()));
        let outcome = Outcome {
            best_epoch: best.epoch,
            metrics: best.scores,
            frozen_unchanged: gang.frozen_unchanged(number),
            elapsed_secs: self.curve.elapsed_secs(),
            trained_sha256: hexadecimal(&hash.finalize()),
        };
        self.end(What::Finished { run: self.run.clone(), outcome })
    }
}

#[cfg(test)]
mod tests;

//! One run of a gang.

use super::curve::{Curve, Repeats, Step};
use super::job::{Job, Logged};
use super::order::Order;
use crate::artifacts::{Checkpoint, Keep, Product, Trained, Truth, norm_places, norm_scalars};
use crate::cluster::Bracket;
use crate::data::TaskData;
use crate::model::Model;
use crate::scoring;
use sha2::{Digest, Sha256};
use std::ops::Range;
use tunemask_engine::{Adam, MemberSpec, MemberState, Sequence, StepReport, products_per_token};
use tunemask_shared::event::{Evaluation, EventKind, Node, Outcome};
use tunemask_shared::failure::{DIVERGED_AT, FailureCause};
use tunemask_shared::mask::MaskError;
use tunemask_shared::metric::Score;
use tunemask_shared::run::{RunId, RunSpec, hexadecimal};
use tunemask_shared::schedule::Schedule;

/// One run of a gang: what it is fed, and what becomes of it. Its lines are handed to the caller to write.
#[derive(Debug)]
pub(super) struct Member {
    run: RunId,
    spec: RunSpec,
    /// How it joins a gang, and from what.
    joins: MemberSpec,
    state: Option<MemberState>,
    /// Multiply-adds of a step, for each token of its batch.
    products_per_token: f64,
    steps_per_epoch: usize,
    schedule: Schedule,
    /// Steps done.
    step: usize,
    order: Order,
    curve: Curve,
    /// What the log holds already.
    logged: Logged,
    /// What becomes of steps that it holds.
    repeats: Repeats,
    /// Epochs that were scored.
    scored: u32,
    best: Option<(Evaluation, f64)>,
    /// The epoch after which it stopped, if it took fewer steps than its schedule has.
    stopped_after: Option<u32>,
    product: Product,
    /// Where the LayerNorms stand in what it trains.
    norm_places: Vec<Range<usize>>,
    /// What they were after each epoch that was scored.
    norms: Vec<Vec<f32>>,
    /// What it predicted on the first development set, epoch by epoch.
    answers: Vec<Vec<f32>>,
    /// Whether it is time for a checkpoint.
    due: bool,
    /// Which scalars it leaves.
    keep: Keep,
    /// The learning rates that it is held against.
    bracket: Option<Bracket>,
    /// What the user should know of it.
    notes: Vec<String>,
    over: bool,
}

impl Member {
    /// A run on `examples` training examples, that goes on from a checkpoint if there is one.
    ///
    /// # Errors
    /// A mask that the model does not have.
    pub(super) fn new(
        job: &Job,
        model: &Model,
        examples: usize,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, MaskError> {
        let spec = job.spec.clone();
        let shape = &model.config.shape;
        let trains = spec.mask.trains(shape, spec.switches, spec.seed, Some(&model.weights))?;
        let [beta1, beta2, epsilon] = spec.adam;
        let adam = Adam {
            beta1,
            beta2,
            epsilon,
            epsilon_place: spec.epsilon_place,
            weight_decay: spec.weight_decay,
            decay_on: spec.weight_decay_on,
            max_gradient_norm: spec.max_gradient_norm,
        };
        let selection = &trains.selection;
        let norm_places = norm_places(selection, &norm_scalars(shape, selection));
        let products_per_token = products_per_token(shape, &trains);
        let joins = MemberSpec { trains, seed: spec.seed, adam, head: None };
        let order = Order::new(examples, spec.step_size(), spec.seed);
        let steps_per_epoch = order.steps_per_epoch();
        let steps = steps_per_epoch * spec.epochs as usize;
        let (state, product, norms, answers) = match checkpoint {
            Some(c) => (Some(c.state), c.best, c.norms, c.answers),
            None => (None, Product::default(), Vec::new(), Vec::new()),
        };
        let step = state.as_ref().map_or(0, |state| state.steps as usize);
        let mut member = Self {
            run: job.run.clone(),
            joins,
            state,
            products_per_token,
            schedule: Schedule::new(steps, spec.warmup_fraction).with_decay(spec.schedule),
            steps_per_epoch,
            step,
            order,
            curve: Curve::new(shape, &job.logged, spec.precision.unwrap_or_default()),
            logged: job.logged.clone(),
            repeats: Repeats::default(),
            scored: 0,
            best: None,
            stopped_after: None,
            product,
            norm_places,
            norms,
            answers,
            due: false,
            keep: if job.alone { Keep::Only(job.reported) } else { Keep::Both },
            bracket: job.bracket.clone(),
            notes: job.notes.clone(),
            over: false,
            spec,
        };
        // Those after the checkpoint come again.
        let known = member.norms.len();
        for evaluation in job.logged.evaluations.iter().take(known) {
            member.rank(evaluation);
            member.scored = evaluation.epoch;
        }
        member.norms.truncate(member.scored as usize);
        member.answers.truncate(member.scored as usize);
        Ok(member)
    }

    /// The same, with steps that the log holds already written or not.
    pub(super) fn with_repeats(self, repeats: Repeats) -> Self {
        Self { repeats, ..self }
    }

    pub(super) fn run(&self) -> &RunId {
        &self.run
    }

    /// How it joins a gang.
    pub(super) fn joins(&self) -> &MemberSpec {
        &self.joins
    }

    /// What it goes on from in the gang that it joins.
    pub(super) fn state(&self) -> Option<&MemberState> {
        self.state.as_ref()
    }

    /// Its gang has its state now.
    pub(super) fn forget_state(&mut self) {
        self.state = None;
    }

    /// Takes note of what it has become, to join another gang with.
    pub(super) fn keep_state(&mut self, state: MemberState) {
        self.state = Some(state);
    }

    /// Multiply-adds of a step of its own on a batch of so many tokens.
    pub(super) fn products(&self, tokens: u64) -> f64 {
        self.products_per_token * tokens as f64
    }

    /// Whether its last line was handed out.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Whether an epoch, counted from 1, that scored so is its last: no step is left, or its score has not become better for
    /// as many epochs as it may.
    pub(super) fn ends_with(&self, epoch: u32, scores: &[Score]) -> bool {
        let since_best = |best: &(Evaluation, f64)| {
            let (best, value) = best;
            if self.improves(scores, *value) { 0 } else { epoch.saturating_sub(best.epoch) }
        };
        let waited = self.best.as_ref().map_or(0, since_best);
        self.step == self.schedule.steps
            || self.spec.early_stopping.is_some_and(|patience| waited >= patience)
    }

    /// Epochs that were scored.
    pub(super) fn scored(&self) -> u32 {
        self.scored
    }

    /// The learning rates that it is held against.
    pub(super) fn bracket(&self) -> Option<&Bracket> {
        self.bracket.as_ref()
    }

    /// Steps done.
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// Takes note of what the user should know of it.
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// `notes` come before its own; it begins with so many runs `together`, itself included.
    pub(super) fn started(
        &self,
        device: &str,
        node: Node,
        data: &TaskData,
        mut notes: Vec<String>,
        together: usize,
    ) -> EventKind {
        notes.extend(self.notes.iter().cloned());
        EventKind::Started {
            run: self.run.clone(),
            device: device.to_owned(),
            steps: self.schedule.steps as u64,
            train_examples: data.train.len() as u64,
            eval_examples: data.development.iter().map(|set| set.len() as u64).collect(),
            notes,
            together: Some(together as u32),
            node: Some(node),
        }
    }

    /// The batch of its next step.
    pub(super) fn batch<'a>(&mut self, data: &'a TaskData) -> Vec<Sequence<'a>> {
        let places = self.order.batch(self.step).iter();
        places.map(|&place| data.train[place as usize].sequence()).collect()
    }

    /// Learning rate of its next step.
    pub(super) fn learning_rate(&self) -> f64 {
        self.spec.learning_rate * self.schedule.factor(self.step)
    }

    /// Takes note of a step, and of its share of the gang's time. A loss or a gradient that is not finite ends the run.
    pub(super) fn stepped(&mut self, report: StepReport, tokens: u64, secs: f64) -> Vec<EventKind> {
        if self.over {
            return Vec::new();
        }
        let learning_rate = self.learning_rate();
        self.step += 1;
        let done = self.step as u64;
        let mut lines = Vec::new();
        // What the log holds already was seen, and is the same.
        if done > self.logged.step || self.repeats == Repeats::Written {
            let epoch = done as f64 / self.steps_per_epoch as f64;
            let line = self.curve.add(Step { step: done, epoch, learning_rate, report, tokens, secs });
            lines.extend(line.map(|points| EventKind::Points { run: self.run.clone(), points }));
        }
        let lost = match (report.loss.is_finite(), report.gradient_norm.is_finite()) {
            (false, _) => Some("loss"),
            (true, false) => Some("gradient"),
            (true, true) => None,
        };
        if let Some(what) = lost {
            let reason = format!("{DIVERGED_AT}{done}: {what} is not finite; try a lower learning rate");
            let (run, cause) = (self.run.clone(), FailureCause::Diverged);
            lines.extend(self.end(EventKind::Failed { run, reason, cause }));
        }
        lines
    }

    /// The epoch that its last step ended, counted from 1, if it was not scored yet.
    pub(super) fn epoch_ended(&self) -> Option<u32> {
        let (epoch, within) = (self.step / self.steps_per_epoch, self.step % self.steps_per_epoch);
        (!self.over && within == 0 && epoch as u32 > self.scored).then_some(epoch as u32)
    }

    /// What was not written yet of its curve.
    pub(super) fn flush(&mut self) -> Vec<EventKind> {
        let points = self.curve.take();
        points.map(|points| EventKind::Points { run: self.run.clone(), points }).into_iter().collect()
    }

    /// Its curve's rest and its last line.
    pub(super) fn end(&mut self, last: EventKind) -> Vec<EventKind> {
        if self.over {
            return Vec::new();
        }
        self.over = true;
        let mut lines = self.flush();
        lines.push(last);
        lines
    }

    /// What picks an epoch: the task's first metric on its first development set.
    fn primary(&self, scores: &[Score]) -> f64 {
        let metric = self.spec.task.primary_metric();
        let first = scores.iter().find(|s| s.metric == metric && s.set == 0);
        first.map_or(f64::NAN, |s| s.value)
    }

    fn improves(&self, scores: &[Score], best: f64) -> bool {
        self.spec.task.primary_metric().improves(self.primary(scores), best)
    }

    /// Whether an evaluation is the best so far.
    fn rank(&mut self, evaluation: &Evaluation) -> bool {
        let better = self.best.as_ref().is_none_or(|(_, best)| self.improves(&evaluation.scores, *best));
        if better {
            self.best = Some((evaluation.clone(), self.primary(&evaluation.scores)));
        }
        better
    }

    /// Takes note of the scores after an epoch, counted from 1, and of what gave them: the compact vector, and the
    /// logits on each development set.
    pub(super) fn evaluated(
        &mut self,
        epoch: u32,
        scores: Vec<Score>,
        elapsed_secs: f64,
        trained: &[f32],
        predictions: &[Vec<f32>],
    ) -> Vec<EventKind> {
        if self.over {
            return Vec::new();
        }
        let step = u64::from(epoch) * self.steps_per_epoch as u64;
        let evaluation = Evaluation { epoch, step, scores, elapsed_secs };
        if self.step < self.schedule.steps && self.ends_with(epoch, &evaluation.scores) {
            self.stopped_after = Some(epoch);
        }
        self.scored = epoch;
        let norms = self.norm_places.iter().filter_map(|place| trained.get(place.clone()));
        self.norms.push(norms.flatten().copied().collect());
        let first = predictions.first().map_or(&[][..], Vec::as_slice);
        self.answers.push(scoring::answers(self.spec.task.kind(), first));
        if self.rank(&evaluation) {
            self.product = Product { epoch, trained: trained.to_vec(), predictions: predictions.to_vec() };
        }
        if epoch as usize <= self.logged.evaluations.len() {
            return Vec::new();
        }
        let mut lines = self.flush();
        lines.push(EventKind::Evaluated { run: self.run.clone(), evaluation });
        lines
    }

    /// It is time for a checkpoint.
    pub(super) fn mark_due(&mut self) {
        self.due = true;
    }

    /// Whether a checkpoint is to be written now: not in the middle of a line of points, whose end is not for a clock to
    /// decide.
    pub(super) fn wants_checkpoint(&self) -> bool {
        !self.over && self.due && self.curve.is_empty()
    }

    /// All that it has become, given what trains; whose bits these are is not for it to say. The log must hold its curve up to here.
    pub(super) fn checkpoint(&mut self, state: MemberState) -> Checkpoint {
        self.due = false;
        Checkpoint {
            state,
            best: self.product.clone(),
            norms: self.norms.clone(),
            answers: self.answers.clone(),
            arithmetic: None,
        }
    }

    /// Which scalars it leaves.
    pub(super) fn keep(&self) -> Keep {
        self.keep
    }

    /// What it leaves, if it trained to its end: `last` is its last epoch's.
    pub(super) fn trained(&mut self, last: Product, truth: Vec<Truth>) -> Trained {
        let (best, norms) = (std::mem::take(&mut self.product), std::mem::take(&mut self.norms));
        // One that went on from the checkpoint of a program that did not keep them has those of its later epochs alone.
        let answers =
            if self.answers.len() == norms.len() { std::mem::take(&mut self.answers) } else { Vec::new() };
        Trained { best, last, truth, norms, answers }
    }

    /// Its end, if it trained to it.
    pub(super) fn finished(&mut self, trained: &[f32], frozen_unchanged: bool) -> Vec<EventKind> {
        let Some((best, _)) = self.best.take() else {
            let reason = "no epoch was trained: there are no training examples";
            return self.end(EventKind::failed(self.run.clone(), reason));
        };
        let mut hash = Sha256::new();
        trained.iter().for_each(|scalar| hash.update(scalar.to_le_bytes()));
        let outcome = Outcome {
            best_epoch: best.epoch,
            metrics: best.scores,
            stopped_after: self.stopped_after,
            frozen_unchanged,
            elapsed_secs: self.curve.elapsed_secs(),
            trained_sha256: hexadecimal(&hash.finalize()),
        };
        self.end(EventKind::Finished { run: self.run.clone(), outcome })
    }
}

#[cfg(test)]
mod tests;

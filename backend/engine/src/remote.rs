//! A gang whose members are on a GPU: what of its face works differently there.

use super::cuda::{Gpu, Step};
use super::device::{Device, Kind};
use super::gang::{Gang, MemberState, Probe, Progress, StepReport};
use super::parameters::Parameters;
use super::pass::{Draw, Purpose};
use super::plan::Plan;
use super::{EncoderConfig, EngineError, Sequence};
use std::sync::{Arc, OnceLock};

/// Where a gang's members are.
enum OnGpu {
    /// There.
    There(Box<Step>),
    /// On the host: those that are still here did not fit once others had left.
    Away(Vec<MemberState>),
    /// Nowhere: the GPU failed when some left.
    Gone(EngineError),
}

/// What a gang has on a GPU.
pub(super) struct Remote {
    gpu: Gpu,
    weights: Arc<Vec<f32>>,
    members: OnGpu,
    /// Place on the GPU of each member that is still here, if some have left since it was made.
    left: Option<Vec<usize>>,
    /// Trained scalars that were asked for since the last step, by place.
    trained: Vec<OnceLock<Vec<f32>>>,
}

fn not_there() -> EngineError {
    EngineError::Device("the gang is not on the GPU, which had no room for it when runs left it".into())
}

fn make(
    gpu: &Gpu,
    config: &EncoderConfig,
    weights: &Arc<Vec<f32>>,
    (members, progress): (&[Parameters], &[Progress]),
    plan: &Plan,
) -> Result<Step, EngineError> {
    let optimizers: Vec<_> = progress.iter().map(|p| p.adam).collect();
    Step::new(gpu, config, weights, members, &optimizers, plan)
        .map_err(|error| with_runs(error, members.len()))
}

/// The device does not know how many runs it has no room for.
fn with_runs(error: EngineError, runs: usize) -> EngineError {
    match error {
        EngineError::Memory { why, .. } => EngineError::Memory { runs, why },
        error => error,
    }
}

impl Remote {
    /// `None` for the processor.
    pub(super) fn new(
        device: &Device,
        config: &EncoderConfig,
        weights: &Arc<Vec<f32>>,
        members: (&[Parameters], &[Progress]),
        plan: &Plan,
    ) -> Result<Option<Self>, EngineError> {
        let Kind::Gpu(gpu) = &device.0 else { return Ok(None) };
        let step = make(gpu, config, weights, members, plan)?;
        let trained = members.0.iter().map(|_| OnceLock::new()).collect();
        Ok(Some(Self {
            gpu: gpu.clone(),
            weights: weights.clone(),
            members: OnGpu::There(Box::new(step)),
            left: None,
            trained,
        }))
    }

    fn step(&self) -> Result<&Step, EngineError> {
        match &self.members {
            OnGpu::There(step) => Ok(step),
            OnGpu::Away(_) => Err(not_there()),
            OnGpu::Gone(error) => Err(error.clone()),
        }
    }

    fn place(&self, place: usize) -> usize {
        self.left.as_ref().map_or(place, |left| left[place])
    }

    /// Notes that the member at a place has left.
    pub(super) fn retire(&mut self, place: usize) {
        let all = self.trained.len();
        self.left.get_or_insert_with(|| (0..all).collect()).remove(place);
        self.trained.remove(place);
    }

    /// The members' memory without that of those who left.
    fn settle(
        &mut self,
        config: &EncoderConfig,
        (members, progress): (&[Parameters], &[Progress]),
        plan: &Plan,
    ) -> Result<&mut Step, EngineError> {
        let states = match (&self.members, self.left.take()) {
            (OnGpu::There(_), None) => None,
            (OnGpu::There(old), Some(left)) => {
                let each = left.iter().zip(progress);
                Some(each.map(|(&place, p)| old.state(place, p.moments.steps)).collect::<Result<Vec<_>, _>>())
            }
            (OnGpu::Away(states), left) => {
                let left = left.unwrap_or_else(|| (0..states.len()).collect());
                Some(Ok(left.into_iter().map(|place| states[place].clone()).collect()))
            }
            (OnGpu::Gone(error), _) => Some(Err(error.clone())),
        };
        if let Some(states) = states {
            // The old step's memory first: the two need not fit beside each other.
            self.members = match states {
                Ok(states) => OnGpu::Away(states),
                Err(error) => OnGpu::Gone(error),
            };
            if let OnGpu::Away(states) = &self.members {
                let mut step = make(&self.gpu, config, &self.weights, (members, progress), plan)?;
                for (place, state) in states.iter().enumerate() {
                    step.restore(place, state)?;
                }
                self.members = OnGpu::There(Box::new(step));
            }
        }
        match &mut self.members {
            OnGpu::There(step) => Ok(step),
            OnGpu::Gone(error) => Err(error.clone()),
            OnGpu::Away(_) => Err(not_there()),
        }
    }

    pub(super) fn trained(&self, place: usize) -> Result<&[f32], EngineError> {
        let cell = &self.trained[place];
        if cell.get().is_none() {
            let values = match &self.members {
                OnGpu::Away(states) => states[self.place(place)].trained.clone(),
                _ => self.step()?.trained(self.place(place))?,
            };
            return Ok(cell.get_or_init(|| values));
        }
        cell.get().map(Vec::as_slice).ok_or_else(not_there)
    }

    pub(super) fn state(&self, place: usize, steps: u32) -> Result<MemberState, EngineError> {
        match &self.members {
            OnGpu::Away(states) => Ok(states[self.place(place)].clone()),
            _ => self.step()?.state(self.place(place), steps),
        }
    }

    /// Of all members: those on a GPU share what is frozen.
    pub(super) fn frozen_unchanged(&self) -> Result<bool, EngineError> {
        self.step()?.frozen_unchanged()
    }

    pub(super) fn bytes(&self) -> usize {
        self.step().map_or(0, Step::bytes)
    }

    fn forget(&mut self) {
        self.trained.iter_mut().for_each(|cell| *cell = OnceLock::new());
    }
}

impl Gang {
    /// Does something with what is on the GPU, which is then that of the members that are still here. What was asked
    /// for and failed leaves no activations behind.
    fn with_step<R>(
        &mut self,
        work: impl FnOnce(&mut Gang, &mut Step) -> Result<R, EngineError>,
    ) -> Result<R, EngineError> {
        let mut remote = self.remote.take().ok_or_else(not_there)?;
        let result = match remote.settle(&self.config, (&self.members, &self.progress), &self.plan) {
            Ok(step) => {
                work(self, step).inspect_err(|_| step.give_back(&self.plan, self.config.shape.layers))
            }
            Err(error) => Err(error),
        };
        let result = result.map_err(|error| with_runs(error, self.members.len()));
        remote.forget();
        self.remote = Some(remote);
        result
    }

    /// Losses and gradients of all members, wave by wave.
    fn remote_gradients(
        &mut self,
        step: &mut Step,
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
    ) -> Result<(), EngineError> {
        let mut done = Ok(());
        let everyone: Vec<usize> = (0..batches.len()).collect();
        self.in_waves(&everyone, batches, draws, Purpose::Train, |pass, wave, room| {
            if done.is_ok() {
                let plan = Plan::new(pass.config.shape.layers, room.slots, pass.members);
                done = step.gradients(pass, wave, &plan);
            }
        })?;
        done
    }

    pub(super) fn remote_step(
        &mut self,
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
        rates: &[f64],
    ) -> Result<Vec<StepReport>, EngineError> {
        let steps: Vec<u32> = self.progress.iter().map(|p| p.moments.steps).collect();
        let reports = self.with_step(|gang, step| {
            gang.remote_gradients(step, batches, draws)?;
            step.update(rates, &steps)?.wait()
        })?;
        for (progress, report) in self.progress.iter_mut().zip(&reports) {
            progress.moments.steps += u32::from(report.loss.is_finite() && report.gradient_norm.is_finite());
        }
        Ok(reports)
    }

    pub(super) fn remote_predict(
        &mut self,
        members: &[usize],
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        self.with_step(|gang, step| {
            let mut logits = vec![Vec::new(); draws.len()];
            let mut done = Ok(());
            gang.in_waves(members, batches, draws, Purpose::Predict, |pass, wave, _| {
                if done.is_err() {
                    return;
                }
                let size = pass.batch.reads.len() * pass.objective.outputs();
                let who: Vec<usize> = wave.iter().map(|&i| members[i]).collect();
                done = step.predict(pass, &who).map(|all| {
                    wave.iter().zip(all.chunks_exact(size)).for_each(|(&i, own)| logits[i] = own.to_vec());
                });
            })?;
            done.map(|()| logits)
        })
    }

    pub(super) fn remote_probe(
        &mut self,
        batch: &[Sequence<'_>],
        draw: Option<Draw>,
    ) -> Result<Probe, EngineError> {
        let reads: usize = batch.iter().map(|sequence| sequence.reads.len()).sum();
        self.with_step(|gang, step| {
            gang.remote_gradients(step, &[batch], &[draw])?;
            let (loss, logits, gradient) = step.probe(reads * gang.objective.outputs())?;
            Ok(Probe { logits, loss, gradient })
        })
    }

    pub(super) fn remote_restore(&mut self, place: usize, state: &MemberState) -> Result<(), EngineError> {
        self.with_step(|_, step| step.restore(place, state))?;
        self.progress[place].moments.steps = state.steps;
        Ok(())
    }
}

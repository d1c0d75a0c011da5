//! A gang on a GPU.
//!
//! When members leave, those that stay are read back and put on the GPU anew, without the memory of those who left. If
//! there is no room for them then, their states stay on the host, and the next call tries again.

use super::gpu::Gpu;
use super::loaded::Loaded;
use crate::error::DeviceError;
use crate::parameters::{Member as Joined, MemberOptimizer, Parameters};
use crate::pass::{Add, Parts, Pass};
use crate::plan::Plan;
use crate::plan::slots::{Slot, slots};
use crate::plan::trained::Trained;
use crate::{EncoderConfig, EngineError, MemberState, Objective, Probe, StepReport};
use std::sync::{Arc, OnceLock};

/// A member of the gang, wherever its scalars are.
struct Member {
    /// As it joined: what it is made of when the gang is put on the GPU anew. Its scalars are those of the start.
    joined: Parameters,
    optimizer: MemberOptimizer,
    /// Steps done.
    steps: u32,
    /// Its place on the GPU, or among the states on the host.
    place: usize,
    /// Its trained scalars, if they were asked for since the last step.
    trained: OnceLock<Vec<f32>>,
}

/// Where the members' scalars are.
enum Residence {
    /// On the GPU.
    Loaded(Box<Loaded>),
    /// On the host: those that stayed did not fit once others had left.
    Saved(Vec<MemberState>),
    /// Nowhere: the GPU failed when some left.
    Lost(EngineError),
}

/// The members of a gang on a GPU.
pub struct Step {
    gpu: Gpu,
    config: EncoderConfig,
    weights: Arc<Vec<f32>>,
    slots: Vec<Slot>,
    plan: Plan,
    members: Vec<Member>,
    residence: Residence,
    /// Whether some have left since the others were put on the GPU.
    some_left: bool,
}

/// A device that has no room does not know for how many runs.
fn with_runs(error: EngineError, runs: usize) -> EngineError {
    if let EngineError::Device(DeviceError::OutOfMemory(why)) = error {
        return EngineError::Memory { runs, why };
    }
    error
}

impl Step {
    /// Puts the members of a gang on a GPU, with a model of these `weights`.
    ///
    /// # Errors
    /// Masked language modelling; LoRA; a shape that the kernels cannot work on; no memory; the GPU fails.
    pub fn new(
        gpu: Gpu,
        config: &EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        members: Vec<Joined>,
    ) -> Result<Self, EngineError> {
        match objective {
            Objective::MaskedLanguage(_) => return Err(EngineError::MaskedLanguage("on a GPU")),
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MultiLabel(_) => {}
        }
        if members.iter().any(|member| member.parameters.has_pairs()) {
            return Err(DeviceError::ProcessorOnly.into());
        }
        let slots: Vec<Slot> = slots(&config.shape).into_iter().map(|(slot, _)| slot).collect();
        let members = members.into_iter().enumerate().map(|(place, member)| {
            let Joined { parameters: joined, optimizer } = member;
            Member { joined, optimizer, steps: 0, place, trained: OnceLock::new() }
        });
        let mut made = Self {
            gpu,
            config: *config,
            weights,
            plan: Plan::forward_only(config.shape.layers),
            slots,
            members: members.collect(),
            residence: Residence::Saved(Vec::new()),
            some_left: false,
        };
        made.plan = made.plan_of(0..made.members.len());
        made.residence = Residence::Loaded(Box::new(made.load()?));
        Ok(made)
    }

    fn plan_of(&self, members: impl IntoIterator<Item = usize>) -> Plan {
        let trained: Vec<&Trained> = members.into_iter().map(|i| self.members[i].joined.trained()).collect();
        Plan::new(self.config.shape.layers, &self.slots, &trained)
    }

    /// The members on the GPU, as they joined.
    fn load(&self) -> Result<Loaded, EngineError> {
        let joined: Vec<&Parameters> = self.members.iter().map(|member| &member.joined).collect();
        let optimizers: Vec<&MemberOptimizer> = self.members.iter().map(|member| &member.optimizer).collect();
        Loaded::new(&self.gpu, &self.config, &self.weights, &joined, &optimizers, &self.plan)
            .map_err(|error| with_runs(error, self.members.len()))
    }

    /// Takes a member out; those behind it move up by one.
    pub fn remove(&mut self, member: usize) {
        self.members.remove(member);
        self.some_left = true;
        self.plan = self.plan_of(0..self.members.len());
    }

    /// Puts the members on the GPU, if they are not, without the memory of those who left.
    fn ensure_loaded(&mut self) -> Result<&mut Loaded, EngineError> {
        let states = match &self.residence {
            Residence::Loaded(_) if !self.some_left => None,
            Residence::Loaded(old) => {
                Some(self.members.iter().map(|member| old.state(member.place, member.steps)).collect())
            }
            Residence::Saved(states) => {
                Some(Ok(self.members.iter().map(|member| states[member.place].clone()).collect()))
            }
            Residence::Lost(error) => Some(Err(error.clone())),
        };
        if let Some(states) = states {
            self.some_left = false;
            self.members.iter_mut().enumerate().for_each(|(place, member)| member.place = place);
            // The old memory first: the two need not fit beside each other.
            self.residence = match states {
                Ok(states) => Residence::Saved(states),
                Err(error) => Residence::Lost(error),
            };
            if let Residence::Saved(states) = &self.residence {
                let mut loaded = self.load()?;
                for (place, state) in states.iter().enumerate() {
                    loaded.restore(place, state)?;
                }
                self.residence = Residence::Loaded(Box::new(loaded));
            }
        }
        match &mut self.residence {
            Residence::Loaded(loaded) => Ok(loaded),
            Residence::Saved(_) => Err(DeviceError::NotLoaded.into()),
            Residence::Lost(error) => Err(error.clone()),
        }
    }

    /// Does something with what is on the GPU, which is then that of the members that are still here. What was asked
    /// for and failed leaves no activations behind.
    fn on_gpu<R>(
        &mut self,
        work: impl FnOnce(&mut Loaded) -> Result<R, EngineError>,
    ) -> Result<R, EngineError> {
        let (runs, plan, layers) = (self.members.len(), self.plan.clone(), self.config.shape.layers);
        self.members.iter_mut().for_each(|member| member.trained = OnceLock::new());
        self.ensure_loaded()
            .and_then(|loaded| work(loaded).inspect_err(|_| loaded.give_back(&plan, layers)))
            .map_err(|error| with_runs(error, runs))
    }

    /// Reads something of what is on the GPU.
    fn read<R>(&self, work: impl FnOnce(&Loaded) -> Result<R, EngineError>) -> Result<R, EngineError> {
        self.loaded().and_then(work).map_err(|error| with_runs(error, self.members.len()))
    }

    fn loaded(&self) -> Result<&Loaded, EngineError> {
        match &self.residence {
            Residence::Loaded(loaded) => Ok(loaded),
            Residence::Saved(_) => Err(DeviceError::NotLoaded.into()),
            Residence::Lost(error) => Err(error.clone()),
        }
    }

    /// Steps that a member has done.
    pub fn steps(&self, member: usize) -> u32 {
        self.members[member].steps
    }

    /// Asks for losses and gradients of a wave's members.
    ///
    /// # Errors
    /// There is no memory, or the GPU fails. No member has changed then.
    pub fn gradients(&mut self, pass: &Pass<'_>) -> Result<(), EngineError> {
        let plan = self.plan_of(pass.wave.iter().copied());
        self.on_gpu(|loaded| loaded.gradients(pass, &plan))
    }

    /// Adds up losses and gradients of some members.
    ///
    /// # Errors
    /// There is no memory, or the GPU fails. No member has changed then.
    pub fn add_up(&mut self, members: &[usize], add: Add) -> Result<(), EngineError> {
        self.on_gpu(|loaded| loaded.add_up(members, add))
    }

    /// Updates every member by its gradient, but for those whose loss or gradient is not finite.
    ///
    /// # Errors
    /// The GPU fails.
    pub fn update(&mut self, learning_rates: &[f64], parts: Parts) -> Result<Vec<StepReport>, EngineError> {
        let steps: Vec<u32> = self.members.iter().map(|member| member.steps).collect();
        let reports = self.on_gpu(|loaded| loaded.update(learning_rates, &steps, parts)?.wait())?;
        for (member, report) in self.members.iter_mut().zip(&reports) {
            member.steps += u32::from(report.is_finite());
        }
        Ok(reports)
    }

    /// Logits `[reads, outputs]` of a wave's members, end to end.
    ///
    /// # Errors
    /// There is no memory, or the GPU fails.
    pub fn predict(&mut self, pass: &Pass<'_>) -> Result<Vec<f32>, EngineError> {
        self.on_gpu(|loaded| loaded.predict(pass))
    }

    /// Logits (so many), loss and gradient of the only member, after [`Step::gradients`].
    ///
    /// # Errors
    /// The GPU fails.
    pub fn probe(&mut self, logits: usize) -> Result<Probe, EngineError> {
        self.on_gpu(|loaded| loaded.probe(logits))
    }

    /// A member's trained scalars.
    ///
    /// # Errors
    /// The GPU fails.
    pub fn trained(&self, member: usize) -> Result<&[f32], EngineError> {
        let Member { place, trained, .. } = &self.members[member];
        if let Some(values) = trained.get() {
            return Ok(values);
        }
        let values = match &self.residence {
            Residence::Saved(states) => states[*place].trained.clone(),
            Residence::Loaded(_) | Residence::Lost(_) => self.read(|loaded| loaded.trained(*place))?,
        };
        Ok(trained.get_or_init(|| values))
    }

    /// What a member has become.
    ///
    /// # Errors
    /// The GPU fails.
    pub fn state(&self, member: usize) -> Result<MemberState, EngineError> {
        let Member { place, steps, .. } = &self.members[member];
        match &self.residence {
            Residence::Saved(states) => Ok(states[*place].clone()),
            Residence::Loaded(_) | Residence::Lost(_) => self.read(|loaded| loaded.state(*place, *steps)),
        }
    }

    /// Lets a member go on from a state of as many scalars.
    ///
    /// # Errors
    /// The GPU fails.
    pub fn restore(&mut self, member: usize, state: &MemberState) -> Result<(), EngineError> {
        self.on_gpu(|loaded| loaded.restore(member, state))?;
        self.members[member].steps = state.steps;
        Ok(())
    }

    /// Whether every scalar outside a member's selection has the bits that it had at first: of all members alike, as
    /// those on a GPU share what is frozen.
    ///
    /// # Errors
    /// The GPU fails.
    pub fn frozen_unchanged(&self, members: &[usize]) -> Result<Vec<bool>, EngineError> {
        Ok(vec![self.read(Loaded::frozen_unchanged)?; members.len()])
    }
}

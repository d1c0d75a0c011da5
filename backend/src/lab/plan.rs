//! An experiment becomes runs, and its runs gangs with what they take.

/// What is read of model and data.
mod reading;
/// The experiment's runs.
mod runs;
/// Room on the disk.
mod disk;

use super::gangs::{Bounds, member_room};
use super::inspection::inspect;
use super::memory::Memory;
use super::queue;
use super::queued_run::QueuedRun;
use super::resources::Resources;
use super::trainers::Trainers;
use crate::artifacts::norms_go;
use crate::data::Sizes;
use disk::Left;
use reading::{absolute_folders, read_model, read_tasks};
use runs::{can_train, runs};
use std::collections::HashMap;
use std::sync::Arc;
use tunemask_engine::{BatchSize, Cost, Device, Matrices, MemberRoom, Precision};
use tunemask_shared::experiment::{EngineKind, Experiment, FieldError};
use tunemask_shared::head::HeadLayout;
use tunemask_shared::plan::{Plan, PlannedGang, TrainingSet};
use tunemask_shared::run::RunSpec;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::task::Task;
use tunemask_shared::trainable::Trainable;
use tunemask_shared::validation::validate;

/// An experiment whose runs are known to the last bit that determines them.
#[derive(Clone, Debug)]
pub(super) struct ExperimentPlan {
    /// As asked for, its folders absolute: the queue may go on in a program started elsewhere.
    pub(super) experiment: Experiment,
    /// Its runs, in the order in which they are asked for.
    pub(super) runs: Vec<PlannedRun>,
    shape: ModelShape,
    tasks: Vec<PlannedTask>,
    device: Device,
    /// How many gangs train at once.
    share: Share,
}

/// By whom an experiment's runs are to be trained.
#[derive(Clone, Copy, Debug)]
pub(super) struct By {
    pub(super) trainers: Trainers,
    /// In which all of them compute.
    pub(super) precision: Precision,
}

/// How workers share what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    /// How many train a gang each at once.
    pub(super) workers: usize,
    /// How many of them share a processor.
    pub(super) on_processor: usize,
}

impl Default for Share {
    fn default() -> Self {
        Self { workers: 1, on_processor: 1 }
    }
}

/// A run that is known to the last bit that determines it.
#[derive(Clone, Debug)]
pub(super) struct PlannedRun {
    /// As it is queued.
    pub(super) queued: QueuedRun,
    trained: Arc<Trained>,
}

/// A task of an experiment.
#[derive(Clone, Debug)]
struct PlannedTask {
    task: Task,
    /// The fingerprint of its files.
    fingerprint: String,
    /// Under the experiment's limits.
    sizes: Sizes,
}

/// What runs of one mask and, where that draws, one seed have in common.
#[derive(Debug)]
struct Trained {
    /// What trains.
    trains: Trainable,
    /// LayerNorm scalars among them.
    norms: usize,
    /// Whether whole matrices are.
    alone: bool,
}

impl ExperimentPlan {
    /// Reads model and data as far as it takes to know every run that is to train on a device.
    ///
    /// # Errors
    /// Every field's error.
    #[cfg(test)]
    pub(super) fn make(
        experiment: &Experiment,
        resources: &Resources,
        device: &Device,
    ) -> Result<Self, Vec<FieldError>> {
        let by = By { trainers: Trainers::of(device), precision: device.precision() };
        Self::make_by(experiment, resources, device, by)
    }

    /// Reads model and data as far as it takes to know every run. `device` plans them: it is one of those that train, or stands
    /// for them.
    ///
    /// # Errors
    /// Every field's error.
    pub(super) fn make_by(
        experiment: &Experiment,
        resources: &Resources,
        device: &Device,
        by: By,
    ) -> Result<Self, Vec<FieldError>> {
        let experiment = absolute_folders(experiment);
        let valid = validate(&experiment, &inspect(&experiment.model, experiment.data.as_deref()))?;
        let model = read_model(&experiment, resources)?;
        let tasks = read_tasks(&valid, &model)?;
        let runs = runs(&valid, &model, &tasks, by.precision)?;
        can_train(by.trainers, &runs).map_err(|error| vec![error])?;
        let shape = model.config.shape;
        Ok(Self {
            experiment: valid.experiment,
            runs,
            shape,
            tasks,
            device: device.clone(),
            share: Share::default(),
        })
    }

    /// The same for workers beside each other.
    pub(super) fn shared(self, share: Share) -> Self {
        Self { share, ..self }
    }

    /// The gangs of the runs at these places.
    pub(super) fn gangs(&self, places: &[usize]) -> Plan {
        let workers = self.share.workers.max(1);
        let bounds = Bounds {
            memory_bytes: Memory::of(&self.device).shared_among(self.share.on_processor).for_scalars(),
            runs: places.len().div_ceil(workers),
        };
        let runs: Vec<&QueuedRun> = places.iter().map(|&i| &self.runs[i].queued).collect();
        let room = |run: &QueuedRun| member_room(Some(&self.shape), &run.spec);
        let mut costs = HashMap::new();
        let gangs = queue::gangs(&runs, bounds, room).map(|gang| {
            let gang: Vec<usize> = gang.into_iter().map(|i| places[i]).collect();
            self.gang(gang, &mut costs)
        });
        let workers = Some(workers as u32).filter(|workers| *workers > 1);
        Plan { gangs: gangs.collect(), workers, ..Plan::default() }
    }

    /// What its tasks have to train on.
    pub(super) fn training(&self) -> Vec<TrainingSet> {
        let set = |planned: &PlannedTask| TrainingSet {
            task: planned.task.name().to_string(),
            examples: planned.sizes.train as u64,
        };
        self.tasks.iter().map(set).collect()
    }

    /// Scalars that a run trains, its head's among them.
    fn scalars(&self, run: &PlannedRun) -> u64 {
        let head = HeadLayout::of(&self.shape, run.queued.spec.task.kind());
        run.queued.trainable + head.scalars() as u64
    }

    fn sizes(&self, task: &Task) -> Sizes {
        self.tasks.iter().find(|known| known.task == *task).map_or(Sizes::default(), |known| known.sizes)
    }

    /// What a run leaves when it has finished, about: the scalars of its epochs, what they predicted and what is right,
    /// the LayerNorms and predictions of every epoch, and what the file says of itself.
    fn left(&self, run: &PlannedRun) -> Left {
        const HEADER: u64 = 4096;
        let (sizes, kind) = (self.sizes(&run.queued.spec.task), run.queued.spec.task.kind());
        let epochs = if run.queued.alone { 1 } else { 2 };
        // A tagged sentence is read at each of its words.
        let reads = if kind.is_tagging() { sizes.tokens.max(1) } else { 1 };
        let reads = (reads * sizes.development) as u64;
        let all_epochs = u64::from(run.queued.spec.epochs);
        let norms = all_epochs * run.trained.norms as u64;
        let (outputs, targets) = (kind.outputs() as u64, kind.targets() as u64);
        let answers = all_epochs * reads * targets * if kind.is_regression() { 4 } else { 1 };
        let dropped_norms = if norms_go(norms) { norms } else { 0 };
        let kept = reads * (2 * outputs + targets + 1) + norms - dropped_norms;
        Left { weights: 4 * (epochs * self.scalars(run) + dropped_norms), rest: HEADER + 4 * kept + answers }
    }

    /// `costs` holds those of gangs of the same selections and streams in batches of the same size: a grid has
    /// thousands of runs and few of these.
    fn gang(&self, places: Vec<usize>, costs: &mut HashMap<CostKey, Cost>) -> PlannedGang {
        let runs: Vec<&PlannedRun> = places.iter().map(|&i| &self.runs[i]).collect();
        let first = &runs[0].queued.spec;
        let sizes = self.sizes(&first.task);
        let members: Vec<&Trainable> = runs.iter().map(|run| &run.trained.trains).collect();
        let mut seeds: Vec<u64> = Vec::new();
        let streams = runs.iter().map(|run| {
            let known = seeds.iter().position(|&seed| seed == run.queued.spec.seed);
            known.unwrap_or_else(|| {
                seeds.push(run.queued.spec.seed);
                seeds.len() - 1
            })
        });
        let streams: Vec<usize> = streams.collect();
        let batch = (first.batch_size as usize).min(sizes.train.max(1));
        let identities = runs.iter().map(|run| Arc::as_ptr(&run.trained)).collect();
        let room = member_room(Some(&self.shape), first);
        let key = (identities, streams, batch, sizes.tokens, room);
        let cost = *costs.entry(key).or_insert_with_key(|(_, streams, ..)| {
            let size = BatchSize { sequences: batch, tokens: sizes.tokens };
            tunemask_engine::cost(&self.shape, &members, streams, size, self.device.footprint(), room)
        });
        // Members that are done leave; what is left is cheaper by about their share.
        let epochs =
            runs.iter().map(|run| f64::from(run.queued.spec.epochs)).sum::<f64>() / runs.len() as f64;
        let steps = sizes.train.div_ceil(batch) as f64;
        let batches = sizes.development.div_ceil(batch) as f64;
        let work = epochs * (steps * cost.step + batches * cost.predict);
        let matrices = if runs[0].trained.alone { Matrices::Trained } else { Matrices::Frozen };
        // Matrices that train stay in f32.
        let packed = match (first.precision, matrices) {
            (Some(Precision::FrozenBf16), Matrices::Frozen) => tunemask_engine::packed_bytes(&self.shape),
            _ => 0.0,
        };
        let products_per_s = match first.engine_kind {
            EngineKind::Tunemask => {
                self.device.products_share() * self.device.products_per_s(&self.shape, matrices)
            }
            EngineKind::Candle => {
                Device::cpu().products_per_s(&self.shape, Matrices::Trained) / SLOWER_BY_CANDLE
            }
        };
        PlannedGang {
            runs: places.iter().map(|&i| i as u32).collect(),
            shared: 1.0 - cost.step / cost.alone.max(1.0),
            expected_secs: work / products_per_s * self.share.on_processor.max(1) as f64,
            saved: self.saved(&runs),
            memory_bytes: (cost.bytes + packed) as u64,
            disk_bytes: runs.iter().map(|run| self.left(run)).map(|left| left.weights + left.rest).sum(),
        }
    }
}

impl ExperimentPlan {
    /// Share of the epochs of these runs that successive halving saves, where they train together.
    fn saved(&self, runs: &[&PlannedRun]) -> f64 {
        let Some(halving) = &self.experiment.halving else { return 0.0 };
        let mut brackets: HashMap<String, Vec<u32>> = HashMap::new();
        for RunSpec { task, mask, seed, epochs, .. } in runs.iter().map(|run| &run.queued.spec) {
            brackets.entry(format!("{task} {mask} {seed}")).or_default().push(*epochs);
        }
        // All runs of a bracket have as many epochs.
        let epochs = |of: &Vec<u32>| halving.epochs(of.len(), of.first().copied().unwrap_or_default());
        let trained: u64 = brackets.values().map(epochs).sum();
        let all: u64 = brackets.values().flatten().map(|&epochs| u64::from(epochs)).sum();
        1.0 - trained as f64 / all.max(1) as f64
    }
}

/// Seconds of the reference engine for one of the processor's products alone: it computes all gradients, kept or not, and its
/// sums and row operations take one thread.
const SLOWER_BY_CANDLE: f64 = 10.0;

/// Selections by their place in memory, streams, batch, mean length and what each member keeps.
type CostKey = (Vec<*const Trained>, Vec<usize>, usize, usize, MemberRoom);

use super::gangs::{self, Candidate};
use super::inspection::inspect;
use super::resources::Resources;
use crate::artifacts::norm_scalars;
use crate::data::{self, Sizes};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tunemask_engine::{BatchSize, Cost, Device, Numbers};
use tunemask_shared::experiment::{BUILTIN_MODEL, Experiment};
use tunemask_shared::mask::{Mask, MaskError};
use tunemask_shared::plan::{Plan as GangPlan, PlannedGang};
use tunemask_shared::run::{ENGINE_VERSION, RunId, RunSpec};
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::task::{Kind, Task};
use tunemask_shared::validation::{Cell, FieldError, ValidExperiment, validate};

/// An experiment whose runs are known to the last bit that determines them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// As asked for, its folders absolute: the queue may go on in a program started elsewhere.
    pub(super) experiment: Experiment,
    /// Its runs, in the order in which they are asked for.
    pub(super) runs: Vec<PlannedRun>,
    shape: ModelShape,
    sizes: Vec<(Task, Sizes)>,
    device: Device,
}

/// A run that is known to the last bit that determines it.
#[derive(Clone, Debug)]
pub(super) struct PlannedRun {
    /// Its identity.
    pub(super) run: RunId,
    pub(super) spec: RunSpec,
    /// Scalars that train, head not counted.
    pub(super) trainable: u64,
    /// Whether it trains whole matrices.
    pub(super) alone: bool,
    chosen: Arc<Chosen>,
}

/// What runs of one mask and, where that draws, one seed have in common.
#[derive(Debug)]
struct Chosen {
    /// The scalars that train.
    selection: Selection,
    /// LayerNorm scalars among them.
    norms: usize,
    /// Whether whole matrices are.
    alone: bool,
}

impl PlannedRun {
    pub(super) fn candidate(&self) -> Candidate<'_> {
        Candidate { spec: &self.spec, trainable: self.trainable, alone: self.alone }
    }
}

impl Plan {
    /// Reads model and data as far as it takes to know every run that is to train on a device.
    ///
    /// # Errors
    /// Every field's error.
    pub(super) fn make(
        experiment: &Experiment,
        resources: &Resources,
        device: &Device,
    ) -> Result<Self, Vec<FieldError>> {
        let mut experiment = experiment.clone();
        experiment.model = absolute(&experiment.model);
        experiment.delta = experiment.delta_file().map(absolute);
        experiment.data = experiment.data.as_deref().filter(|d| !d.trim().is_empty()).map(absolute);
        let valid = validate(&experiment, &inspect(&experiment.model, experiment.data.as_deref()))?;

        let delta = experiment.delta.as_deref().map(Path::new);
        let model = resources.read_model(&experiment.model, delta).map_err(|e| {
            // Where the base alone can be used, the delta is what is wrong.
            let base_is_good = delta.is_some() && resources.read_model(&experiment.model, None).is_ok();
            let field = if base_is_good { "delta" } else { "model" };
            vec![FieldError { field: field.into(), message: e.to_string() }]
        })?;
        let folder = experiment.data.as_deref().map(Path::new);
        let mut errors = Vec::new();
        let mut prints = Vec::new();
        for (i, &task) in valid.tasks.iter().enumerate() {
            match data::fingerprint(task, folder) {
                Ok(print) => prints.push((task, print)),
                Err(e) => errors.push(FieldError { field: format!("tasks[{i}]"), message: e.to_string() }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut sizes = Vec::new();
        for (i, &task) in valid.tasks.iter().enumerate() {
            let e = &valid.experiment;
            let limits = (e.train_limit, e.eval_limit);
            match data::sizes(task, folder, &model.tokenizer, e.max_length as usize, limits) {
                Ok(own) => sizes.push((task, own)),
                Err(e) => errors.push(FieldError { field: format!("tasks[{i}]"), message: e.to_string() }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let shape = model.config.shape;
        let switches = valid.experiment.mask_switches();
        let mut resolved: HashMap<(Mask, Option<u64>), Arc<Chosen>> = HashMap::new();
        let mut runs = Vec::new();
        for cell in valid.cells() {
            let print = prints.iter().find(|(task, _)| *task == cell.task).map(|(_, p)| p.clone());
            // Thousands of seeds of one mask are one selection, unless they draw it.
            let key = (cell.mask.clone(), Some(cell.seed).filter(|_| cell.mask.is_drawn_by_the_run()));
            let chosen = match resolved.get(&key) {
                Some(chosen) => chosen.clone(),
                None => {
                    let made = cell.mask.resolve(&shape, switches, cell.seed, Some(&model.weights));
                    let wrong =
                        |e: MaskError| vec![FieldError { field: "masks".into(), message: e.to_string() }];
                    let selection = made.map_err(wrong)?;
                    let norms = norm_scalars(&shape, &selection).len();
                    let alone = tunemask_engine::goes_alone(&shape, &selection);
                    let made = Arc::new(Chosen { selection, norms, alone });
                    resolved.insert(key, made.clone());
                    made
                }
            };
            let prints = (model.fingerprint.clone(), print.unwrap_or_default());
            let spec = spec(&valid, cell, prints, device.numbers());
            let trainable = chosen.selection.len() as u64;
            runs.push(PlannedRun { run: spec.id(), spec, trainable, alone: chosen.alone, chosen });
        }
        Ok(Self { experiment: valid.experiment, runs, shape, sizes, device: device.clone() })
    }

    /// The gangs of the runs at these places.
    pub(super) fn gangs(&self, places: &[usize]) -> GangPlan {
        let candidates: Vec<Candidate<'_>> = places.iter().map(|&i| self.runs[i].candidate()).collect();
        let gangs = gangs::gangs(&candidates, gangs::memory_for_scalars(&self.device));
        let mut costs = HashMap::new();
        let gangs = gangs.into_iter().map(|gang| {
            let gang: Vec<usize> = gang.into_iter().map(|i| places[i]).collect();
            self.gang(gang, &mut costs)
        });
        GangPlan { gangs: gangs.collect() }
    }

    /// Bytes that the checkpoints of the runs that train at once take at most, beside what finished ones leave.
    pub(super) fn checkpoint_bytes(&self, plan: &GangPlan) -> u64 {
        // Its scalars, two moments and the best epoch; and once more while one is put in the place of another.
        let of = |i: u32| self.runs.get(i as usize).map_or(0, |run| 4 * 4 * self.scalars(run));
        let gang = |gang: &PlannedGang| {
            gang.runs.iter().map(|&i| of(i)).sum::<u64>()
                + gang.runs.iter().map(|&i| of(i)).max().unwrap_or(0)
        };
        plan.gangs.iter().map(gang).max().unwrap_or(0)
    }

    /// Scalars that a run trains, its head's among them.
    fn scalars(&self, run: &PlannedRun) -> u64 {
        run.trainable + (run.spec.task.kind().outputs() * (self.shape.hidden + 1)) as u64
    }

    fn sizes(&self, task: Task) -> Sizes {
        self.sizes.iter().find(|(own, _)| *own == task).map_or(Sizes::default(), |(_, s)| *s)
    }

    /// What a run leaves when it has finished, about: the scalars of its epochs, what they predicted and what is right,
    /// the LayerNorms of every epoch, and what the file says of itself.
    fn product_bytes(&self, run: &PlannedRun) -> u64 {
        const HEADER: u64 = 4096;
        let (sizes, kind) = (self.sizes(run.spec.task), run.spec.task.kind());
        let epochs = if run.alone { 1 } else { 2 };
        // A tagged sentence is read at each of its words.
        let reads = if matches!(kind, Kind::Tagging(_)) { sizes.tokens.max(1) } else { 1 };
        let reads = (reads * sizes.development) as u64;
        let norms = u64::from(run.spec.epochs) * run.chosen.norms as u64;
        HEADER + 4 * (epochs * self.scalars(run) + reads * (2 * kind.outputs() as u64 + 2) + norms)
    }

    /// `costs` holds those of gangs of the same selections and streams in batches of the same size: a grid has
    /// thousands of runs and few of these.
    fn gang(&self, places: Vec<usize>, costs: &mut HashMap<CostKey, Cost>) -> PlannedGang {
        let runs: Vec<&PlannedRun> = places.iter().map(|&i| &self.runs[i]).collect();
        let first = &runs[0].spec;
        let sizes = self.sizes(first.task);
        let selections: Vec<&Selection> = runs.iter().map(|run| &run.chosen.selection).collect();
        let mut seeds: Vec<u64> = Vec::new();
        let streams = runs.iter().map(|run| {
            let known = seeds.iter().position(|&seed| seed == run.spec.seed);
            known.unwrap_or_else(|| {
                seeds.push(run.spec.seed);
                seeds.len() - 1
            })
        });
        let streams: Vec<usize> = streams.collect();
        let batch = (first.batch_size as usize).min(sizes.train.max(1));
        let identities = runs.iter().map(|run| Arc::as_ptr(&run.chosen)).collect();
        let key = (identities, streams, batch, sizes.tokens);
        let cost = *costs.entry(key).or_insert_with_key(|(_, streams, ..)| {
            let size = BatchSize { sequences: batch, tokens: sizes.tokens };
            tunemask_engine::cost(&self.shape, &selections, streams, size, self.device.footprint())
        });
        // Members that are done leave; what is left is cheaper by about their share.
        let epochs = runs.iter().map(|run| f64::from(run.spec.epochs)).sum::<f64>() / runs.len() as f64;
        let steps = sizes.train.div_ceil(batch) as f64;
        let batches = sizes.development.div_ceil(batch) as f64;
        let work = epochs * (steps * cost.step + batches * cost.predict);
        let alone = runs[0].alone;
        // Matrices that train stay in f32.
        let narrow = first.numbers == Some(Numbers::FrozenBf16) && !alone;
        let packed = if narrow { tunemask_engine::packed_bytes(&self.shape) } else { 0.0 };
        let products_per_s = self.device.products_share() * self.device.products_per_s(&self.shape, alone);
        PlannedGang {
            runs: places.iter().map(|&i| i as u32).collect(),
            shared: 1.0 - cost.step / cost.alone.max(1.0),
            expected_secs: work / products_per_s,
            memory_bytes: (cost.bytes + packed) as u64,
            disk_bytes: runs.iter().map(|run| self.product_bytes(run)).sum(),
        }
    }
}

/// Selections by their place in memory, streams, batch and mean length.
type CostKey = (Vec<*const Chosen>, Vec<usize>, usize, usize);

fn spec(valid: &ValidExperiment, cell: Cell, (model, data): (String, String), numbers: Numbers) -> RunSpec {
    let e = &valid.experiment;
    RunSpec {
        engine: ENGINE_VERSION,
        model,
        task: cell.task,
        data,
        mask: cell.mask,
        switches: e.mask_switches(),
        learning_rate: cell.learning_rate,
        seed: cell.seed,
        epochs: cell.epochs,
        batch_size: e.batch_size,
        max_length: e.max_length,
        warmup_fraction: e.warmup_fraction,
        dropout: e.dropout,
        adam: [e.adam_beta1, e.adam_beta2, e.adam_epsilon],
        epsilon_place: e.epsilon_place,
        train_limit: e.train_limit,
        eval_limit: e.eval_limit,
        numbers: Some(numbers).filter(|numbers| *numbers != Numbers::F32),
        clip_predictions: e.clip_predictions && matches!(cell.task.kind(), Kind::Regression(..)),
    }
}

fn absolute(name: &str) -> String {
    let name = name.trim();
    if name.is_empty() || name == BUILTIN_MODEL {
        return name.to_owned();
    }
    std::path::absolute(name).map_or_else(|_| name.to_owned(), |path| path.to_string_lossy().into_owned())
}

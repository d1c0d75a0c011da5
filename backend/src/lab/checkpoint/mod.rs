//! What a run has become, on the disk: to go on with the same bits, and to be used when it is done.
//!
//! A checkpoint is one safetensors file, `HOME/runs/RUN.checkpoint`: the trained scalars, Adam's moments, what the best
//! epoch so far gave, and the LayerNorms after every one. It is written beside the old one, synced, and put in its place,
//! so that there is always a whole one. When a run is done, `HOME/runs/RUN.safetensors` holds the trained scalars of its
//! best and its last epoch with the predictions of both and what would have been right, and the LayerNorms; the
//! checkpoint goes. Where both are one epoch it stands there once, and a run that trains whole matrices keeps the scalars
//! of the epoch that is reported only. Both files carry checksums, which are verified as they are read.

#[cfg(test)]
mod tests;

use crate::files::FileError;
use crate::store::make_private;
use crate::tensors::{TensorReader, TensorWriter, TensorsError, sweep, sync};
use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tunemask_engine::MemberState;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::RunId;

/// What an epoch gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Product {
    /// Epoch, counted from 1; 0 before the first.
    pub epoch: u32,
    /// The trained scalars: the selection ascending, then the head. None in the file of a run that did not keep them.
    pub trained: Vec<f32>,
    /// Logits `[reads, outputs]` on each development set.
    pub predictions: Vec<Vec<f32>>,
}

/// A run between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What trains; its steps are those of the run.
    pub state: MemberState,
    /// The best epoch so far.
    pub best: Product,
    /// After each epoch that was scored the LayerNorm scalars that train, ascending.
    pub norms: Vec<Vec<f32>>,
}

/// What is right on a development set, beside which a run's logits stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Label numbers or scores `[reads]`.
    pub targets: Vec<f32>,
    /// Reads of each example: 1, or the words of a tagged sentence.
    pub reads: Vec<u32>,
}

/// What a finished run leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Its best epoch.
    pub best: Product,
    /// Its last one.
    pub last: Product,
    /// What is right, set by set. Empty for runs of programs that did not keep it.
    pub truth: Vec<Truth>,
    /// After each epoch the LayerNorm scalars that train, ascending. Empty for runs of programs that did not keep them.
    pub norms: Vec<Vec<f32>>,
}

/// Which epochs' scalars a finished run leaves. What it predicted at its best and its last epoch is always kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those of the best and the last.
    Both,
    /// Those of the one that is reported.
    Only(ReportedEpoch),
}

/// An epoch's logits `[reads, outputs]` on a development set, and what is right there.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The logits.
    pub logits: Vec<f32>,
    /// What is right.
    pub truth: Truth,
}

/// Why what a run has become cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It cannot be written.
    #[error("{}: {cause}; see that the disk has room and the folder can be written to", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It is not what was written.
    #[error("{}: {why}; delete it to train the run anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl From<TensorsError> for CheckpointError {
    fn from(error: TensorsError) -> Self {
        match error {
            TensorsError::File(error) => Self::File(error),
            TensorsError::Io { path, cause } => Self::Io { path, cause },
            TensorsError::Damaged { path, why } => Self::Damaged { path, why },
        }
    }
}

/// The folder of all runs' files.
#[derive(Clone, Debug)]
pub struct Checkpoints(PathBuf);

impl Checkpoints {
    /// In a home folder.
    pub fn new(home: &Path) -> Self {
        Self(home.join("runs"))
    }

    /// Makes the folder, which only its user can look into.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_folder(&self) -> std::io::Result<()> {
        make_private(&self.0)
    }

    /// Of their files' names.
    pub const EXTENSION: &str = "checkpoint";

    /// In a folder of their own.
    pub fn inside(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Of the names of what finished runs leave.
    pub const FINISHED: &str = "safetensors";

    /// Removes what a killed program left half written; no other program may be writing there.
    pub fn sweep(&self) {
        sweep(&self.0, &[Self::EXTENSION, Self::FINISHED]);
    }

    /// Removes a run's checkpoint.
    pub fn remove(&self, run: &RunId) {
        // One that stays is of no harm.
        _ = fs::remove_file(self.checkpoint(run));
    }

    /// Writes a run's checkpoint in the place of the one before.
    ///
    /// # Errors
    /// It could not be written; the one before is still there.
    pub fn save(&self, run: &RunId, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let mut file = TensorWriter::default();
        let state = &checkpoint.state;
        add(&mut file, "trained", &state.trained);
        add(&mut file, "first_moment", &state.first);
        add(&mut file, "second_moment", &state.second);
        add_product(&mut file, "best", &checkpoint.best, true);
        add_norms(&mut file, &checkpoint.norms);
        file.say("steps", state.steps);
        self.write(file, &self.checkpoint(run))
    }

    /// Writes a file with its checksums. The folder is made if need be, but not the home folder in which it stands: one
    /// that was deleted does not come back as an empty one.
    fn write(&self, mut file: TensorWriter<'_>, path: &Path) -> Result<(), CheckpointError> {
        let io = |cause| CheckpointError::Io { path: self.0.clone(), cause };
        match fs::create_dir(&self.0) {
            Ok(()) => sync(self.0.parent().unwrap_or(&self.0)).map_err(io)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.0.is_dir() => {}
            Err(error) => return Err(io(error)),
        }
        file.seal();
        Ok(file.write(path)?)
    }

    /// Reads a run's checkpoint; `None` if it has none, or one of a program that kept no checksums or LayerNorms.
    ///
    /// # Errors
    /// It cannot be read, or is not whole.
    pub fn load(&self, run: &RunId) -> Result<Option<Checkpoint>, CheckpointError> {
        let path = self.checkpoint(run);
        if !path.exists() {
            return Ok(None);
        }
        let mut file = TensorReader::open(&path)?;
        if !file.is_sealed() {
            return Ok(None);
        }
        let Some(norms) = norms(&mut file)? else { return Ok(None) };
        let state = MemberState {
            steps: file.number("steps")?,
            trained: file.floats("trained")?,
            first: file.floats("first_moment")?,
            second: file.floats("second_moment")?,
        };
        Ok(Some(Checkpoint { state, best: product(&mut file, "best")?, norms }))
    }

    /// Writes what a finished run leaves.
    ///
    /// # Errors
    /// It could not be written.
    pub fn finish(&self, run: &RunId, trained: &Trained, keep: Keep) -> Result<(), CheckpointError> {
        let mut file = TensorWriter::default();
        let one = trained.best.epoch == trained.last.epoch;
        let kept = |epoch| one || keep == Keep::Both || keep == Keep::Only(epoch);
        add_product(&mut file, name(ReportedEpoch::Best), &trained.best, kept(ReportedEpoch::Best));
        if one {
            file.say(epoch_of(ReportedEpoch::Last), trained.last.epoch);
        } else {
            add_product(&mut file, name(ReportedEpoch::Last), &trained.last, kept(ReportedEpoch::Last));
        }
        for (set, truth) in trained.truth.iter().enumerate() {
            add(&mut file, &format!("targets.{set}"), &truth.targets);
            file.counts(format!("reads.{set}"), truth.reads.clone());
        }
        add_norms(&mut file, &trained.norms);
        self.write(file, &self.trained(run))
    }

    /// Reads what a finished run left; `None` if nothing is there.
    ///
    /// # Errors
    /// It cannot be read, or is not whole.
    pub fn finished(&self, run: &RunId) -> Result<Option<Trained>, CheckpointError> {
        let Some(mut file) = self.left(run)? else { return Ok(None) };
        let mut sets = Vec::new();
        while let Some(own) = truth(&mut file, sets.len())? {
            sets.push(own);
        }
        let best = product(&mut file, name(ReportedEpoch::Best))?;
        let last = match stored(&file, ReportedEpoch::Last)? {
            ReportedEpoch::Best => best.clone(),
            ReportedEpoch::Last => product(&mut file, name(ReportedEpoch::Last))?,
        };
        let norms = norms(&mut file)?.unwrap_or_default();
        Ok(Some(Trained { best, last, truth: sets, norms }))
    }

    /// Reads what a finished run predicted on a development set, and no more of its file than that; `None` if it
    /// is not stored.
    ///
    /// # Errors
    /// The file cannot be read, or is not whole.
    pub fn predicted(
        &self,
        run: &RunId,
        epoch: ReportedEpoch,
        set: usize,
    ) -> Result<Option<Predicted>, CheckpointError> {
        let Some(mut file) = self.left(run)? else { return Ok(None) };
        let Some(truth) = truth(&mut file, set)? else { return Ok(None) };
        let epoch = stored(&file, epoch)?;
        let logits = file.floats(&format!("{}.predictions.{set}", name(epoch)))?;
        Ok(Some(Predicted { logits, truth }))
    }

    /// The runs of which something is left that finished.
    ///
    /// # Errors
    /// The folder is there and cannot be read.
    pub(super) fn left_by(&self) -> Result<HashSet<RunId>, CheckpointError> {
        let io = |cause| CheckpointError::Io { path: self.0.clone(), cause };
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashSet::new()),
            entries => entries.map_err(io)?,
        };
        let mut runs = HashSet::new();
        for entry in entries {
            let name = entry.map_err(io)?.file_name();
            let run = name.to_str().and_then(|name| name.strip_suffix(Self::FINISHED)?.strip_suffix('.'));
            runs.extend(run.map(|run| RunId(run.to_owned())));
        }
        Ok(runs)
    }

    fn left(&self, run: &RunId) -> Result<Option<TensorReader>, CheckpointError> {
        let path = self.trained(run);
        Ok(if path.exists() { Some(TensorReader::open(&path)?) } else { None })
    }

    fn checkpoint(&self, run: &RunId) -> PathBuf {
        self.0.join(format!("{run}.{}", Self::EXTENSION))
    }

    /// Where a finished run's file is.
    pub(super) fn trained(&self, run: &RunId) -> PathBuf {
        self.0.join(format!("{run}.{}", Self::FINISHED))
    }
}

/// How a run's file names an epoch.
fn name(epoch: ReportedEpoch) -> &'static str {
    match epoch {
        ReportedEpoch::Best => "best",
        ReportedEpoch::Last => "last",
    }
}

fn epoch_of(epoch: ReportedEpoch) -> String {
    format!("{}.epoch", name(epoch))
}

/// Under whose name an epoch stands in a file: the last one under that of the best, if they are one.
fn stored(file: &TensorReader, epoch: ReportedEpoch) -> Result<ReportedEpoch, CheckpointError> {
    let number = |epoch| file.number(&epoch_of(epoch));
    let apart = file.dims(&format!("{}.predictions.0", name(ReportedEpoch::Last))).is_some()
        || number(ReportedEpoch::Best)? != number(ReportedEpoch::Last)?;
    Ok(if apart { epoch } else { ReportedEpoch::Best })
}

fn add<'a>(file: &mut TensorWriter<'a>, name: &str, values: &'a [f32]) {
    file.floats(name, vec![values.len()], values);
}

fn add_product<'a>(file: &mut TensorWriter<'a>, name: &str, product: &'a Product, scalars: bool) {
    file.say(format!("{name}.epoch"), product.epoch);
    if scalars {
        add(file, &format!("{name}.trained"), &product.trained);
    }
    for (set, predictions) in product.predictions.iter().enumerate() {
        add(file, &format!("{name}.predictions.{set}"), predictions);
    }
}

fn product(file: &mut TensorReader, name: &str) -> Result<Product, CheckpointError> {
    let mut predictions = Vec::new();
    loop {
        let set = format!("{name}.predictions.{}", predictions.len());
        if file.dims(&set).is_none() {
            break;
        }
        predictions.push(file.floats(&set)?);
    }
    let epoch = file.number(&format!("{name}.epoch"))?;
    let trained = format!("{name}.trained");
    let trained = if file.dims(&trained).is_some() { file.floats(&trained)? } else { Vec::new() };
    Ok(Product { epoch, trained, predictions })
}

fn truth(file: &mut TensorReader, set: usize) -> Result<Option<Truth>, CheckpointError> {
    let (targets, reads) = (format!("targets.{set}"), format!("reads.{set}"));
    if file.dims(&targets).is_none() {
        return Ok(None);
    }
    Ok(Some(Truth { targets: file.floats(&targets)?, reads: file.counts(&reads)? }))
}

/// `[epochs, scalars]`.
fn add_norms(file: &mut TensorWriter<'_>, norms: &[Vec<f32>]) {
    let scalars = norms.first().map_or(0, Vec::len);
    file.floats("norms", vec![norms.len(), scalars], norms.concat());
}

fn norms(file: &mut TensorReader) -> Result<Option<Vec<Vec<f32>>>, CheckpointError> {
    let (epochs, scalars) = match file.dims("norms") {
        None => return Ok(None),
        Some(&[epochs, scalars]) => (epochs, scalars),
        Some(other) => {
            return Err(file.damaged(format!("norms are {other:?}, not epochs by scalars")).into());
        }
    };
    let all = file.floats("norms")?;
    Ok(Some((0..epochs).map(|epoch| all[epoch * scalars..(epoch + 1) * scalars].to_vec()).collect()))
}

//! The folder in which runs leave their files.

#[cfg(test)]
mod tests;

use crate::artifacts::ArtifactError;
use crate::artifacts::contents::{Answered, Checkpoint, Keep, Predicted, Scalars, Trained};
use crate::artifacts::layout::{
    ProductParts, add, add_answers, add_norms, add_product, answers, bytes, epoch_of, name, norms, product,
    stored, truth, weights,
};
use crate::store::make_private;
use crate::tensors::{TensorReader, TensorWriter, sweep, sync};
use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tunemask_engine::MemberState;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::Arithmetic;

/// How a checkpoint names whose bits it has.
const ARITHMETIC: &str = "arithmetic";

/// The folder of all runs' files, which are named by the run's id, or for pre-training by its identity.
#[derive(Clone, Debug)]
pub struct Artifacts(PathBuf);

impl Artifacts {
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
    pub fn remove(&self, run: &str) {
        // One that stays is of no harm.
        _ = fs::remove_file(self.checkpoint_path(run));
    }

    /// Removes all that a run left.
    pub fn remove_all(&self, run: &str) {
        for path in [self.checkpoint_path(run), self.finished_path(run)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tracing::warn!("cannot delete {}: {error}", path.display());
                }
                _ => {}
            }
        }
    }

    /// Bytes of all that a run left.
    pub fn bytes(&self, run: &str) -> u64 {
        let paths = [self.checkpoint_path(run), self.finished_path(run)];
        paths.iter().filter_map(|path| Some(fs::metadata(path).ok()?.len())).sum()
    }

    /// Bytes of all files in the folder.
    pub fn all_bytes(&self) -> u64 {
        let files = fs::read_dir(&self.0).into_iter().flatten().flatten();
        files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    /// Writes a run's checkpoint in the place of the one before.
    ///
    /// # Errors
    /// It could not be written; the one before is still there.
    pub fn save(&self, run: &str, checkpoint: &Checkpoint) -> Result<(), ArtifactError> {
        let mut file = TensorWriter::default();
        let state = &checkpoint.state;
        add(&mut file, "trained", &state.trained);
        add(&mut file, "first_moment", &state.first);
        add(&mut file, "second_moment", &state.second);
        add_product(&mut file, "best", &checkpoint.best, ProductParts::All);
        add_norms(&mut file, &checkpoint.norms);
        add_answers(&mut file, &checkpoint.answers);
        file.set_metadata("steps", state.steps);
        if let Some(arithmetic) = &checkpoint.arithmetic {
            file.set_metadata(ARITHMETIC, arithmetic);
        }
        self.write(file, &self.checkpoint_path(run))
    }

    /// Writes a file with its checksums. The folder is made if need be, but not the home folder in which it stands: one
    /// that was deleted does not come back as an empty one.
    fn write(&self, mut file: TensorWriter<'_>, path: &Path) -> Result<(), ArtifactError> {
        let io = |cause| ArtifactError::Io { path: self.0.clone(), cause };
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
    pub fn load(&self, run: &str) -> Result<Option<Checkpoint>, ArtifactError> {
        let path = self.checkpoint_path(run);
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
        let answers = answers(&mut file)?.unwrap_or_default();
        let arithmetic = file.metadata(ARITHMETIC).map(|name| Arithmetic(name.to_owned()));
        Ok(Some(Checkpoint { state, best: product(&mut file, "best")?, norms, answers, arithmetic }))
    }

    /// Writes what a finished run leaves.
    ///
    /// # Errors
    /// It could not be written.
    pub fn finish(&self, run: &str, trained: &Trained, keep: Keep) -> Result<(), ArtifactError> {
        let mut file = TensorWriter::default();
        let one = trained.best.epoch == trained.last.epoch;
        let parts = |epoch| match keep {
            Keep::Only(other) if !one && other != epoch => ProductParts::Predictions,
            Keep::Only(_) | Keep::Both => ProductParts::All,
        };
        add_product(&mut file, name(ReportedEpoch::Best), &trained.best, parts(ReportedEpoch::Best));
        if one {
            file.set_metadata(epoch_of(ReportedEpoch::Last), trained.last.epoch);
        } else {
            add_product(&mut file, name(ReportedEpoch::Last), &trained.last, parts(ReportedEpoch::Last));
        }
        for (set, truth) in trained.truth.iter().enumerate() {
            add(&mut file, &format!("targets.{set}"), &truth.targets);
            file.counts(format!("reads.{set}"), truth.reads.clone());
        }
        add_norms(&mut file, &trained.norms);
        add_answers(&mut file, &trained.answers);
        self.write(file, &self.finished_path(run))
    }

    /// Reads what a finished run left; `None` if nothing is there.
    ///
    /// # Errors
    /// It cannot be read, or is not whole.
    pub fn finished(&self, run: &str) -> Result<Option<Trained>, ArtifactError> {
        let Some(mut file) = self.open_finished(run)? else { return Ok(None) };
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
        let answers = answers(&mut file)?.unwrap_or_default();
        Ok(Some(Trained { best, last, truth: sets, norms, answers }))
    }

    /// Reads what a finished run predicted on a development set, and no more of its file than that; `None` if it
    /// is not stored.
    ///
    /// # Errors
    /// The file cannot be read, or is not whole.
    pub fn predicted(
        &self,
        run: &str,
        epoch: ReportedEpoch,
        set: usize,
    ) -> Result<Option<Predicted>, ArtifactError> {
        let Some(mut file) = self.open_finished(run)? else { return Ok(None) };
        let Some(truth) = truth(&mut file, set)? else { return Ok(None) };
        let epoch = stored(&file, epoch)?;
        let logits = file.floats(&format!("{}.predictions.{set}", name(epoch)))?;
        Ok(Some(Predicted { logits, truth }))
    }

    /// Reads what a finished run trained, and no more of its file than that; `None` if nothing is there. Without scalars if
    /// it kept those of another epoch.
    ///
    /// # Errors
    /// The file cannot be read, or is not whole.
    pub fn scalars(&self, run: &str, epoch: ReportedEpoch) -> Result<Option<Scalars>, ArtifactError> {
        let Some(mut file) = self.open_finished(run)? else { return Ok(None) };
        let stored = name(stored(&file, epoch)?);
        let tensor = format!("{stored}.trained");
        let trained = if file.dims(&tensor).is_some() { file.floats(&tensor)? } else { Vec::new() };
        Ok(Some(Scalars { epoch: file.number(&format!("{stored}.epoch"))?, trained }))
    }

    /// Reads what a finished run predicted on the first development set after each epoch; `None` if it is not stored.
    ///
    /// # Errors
    /// The file cannot be read, or is not whole.
    pub fn answered(&self, run: &str) -> Result<Option<Answered>, ArtifactError> {
        let Some(mut file) = self.open_finished(run)? else { return Ok(None) };
        let Some(truth) = truth(&mut file, 0)? else { return Ok(None) };
        let Some(epochs) = answers(&mut file)?.filter(|epochs| !epochs.is_empty()) else { return Ok(None) };
        let (best, last) = (file.number(&epoch_of(ReportedEpoch::Best))?, epochs.len() as u32);
        Ok(Some(Answered { epochs, best: best.min(last), truth }))
    }

    /// Writes what a finished run left anew, without its weights; nothing to do where there are none, or no file. There is a whole
    /// file at every moment.
    ///
    /// # Errors
    /// The file cannot be read or is not whole, or the new one cannot be written; the old one is still there.
    pub fn drop_weights(&self, run: &str) -> Result<(), ArtifactError> {
        let Some(mut file) = self.open_finished(run)? else { return Ok(()) };
        let names = weights(&file);
        if names.is_empty() {
            return Ok(());
        }
        let kept = file.without(&names)?;
        self.write(kept, &self.finished_path(run))
    }

    /// Bytes that dropping a finished run's weights would give back, about; 0 where there are none.
    pub fn weight_bytes(&self, run: &str) -> u64 {
        // Of what cannot be read nothing can be given back.
        let Ok(Some(file)) = self.open_finished(run) else { return 0 };
        weights(&file).iter().map(|name| bytes(&file, name)).sum()
    }

    /// The finished runs of which a file is left.
    ///
    /// # Errors
    /// The folder is there and cannot be read.
    pub fn finished_runs(&self) -> Result<HashSet<String>, ArtifactError> {
        let io = |cause| ArtifactError::Io { path: self.0.clone(), cause };
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashSet::new()),
            entries => entries.map_err(io)?,
        };
        let mut runs = HashSet::new();
        for entry in entries {
            let name = entry.map_err(io)?.file_name();
            let run = name.to_str().and_then(|name| name.strip_suffix(Self::FINISHED)?.strip_suffix('.'));
            runs.extend(run.map(str::to_owned));
        }
        Ok(runs)
    }

    fn open_finished(&self, run: &str) -> Result<Option<TensorReader>, ArtifactError> {
        let path = self.finished_path(run);
        Ok(if path.exists() { Some(TensorReader::open(&path)?) } else { None })
    }

    /// Where a run's checkpoint is.
    pub fn checkpoint_path(&self, run: &str) -> PathBuf {
        self.0.join(format!("{run}.{}", Self::EXTENSION))
    }

    /// Where a finished run's file is.
    pub fn finished_path(&self, run: &str) -> PathBuf {
        self.0.join(format!("{run}.{}", Self::FINISHED))
    }
}

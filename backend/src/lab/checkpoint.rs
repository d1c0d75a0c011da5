//! What a run has become, on the disk: to go on with the same bits, and to be used when it is done.
//!
//! A checkpoint is one safetensors file, `HOME/runs/RUN.checkpoint`: the trained scalars, Adam's moments, and what the
//! best epoch so far gave. It is written beside the old one, synced, and put in its place, so that there is always a
//! whole one. When a run is done, `HOME/runs/RUN.safetensors` holds the trained scalars of its best and its last epoch
//! with the predictions of both, and the checkpoint goes.

use crate::engine::MemberState;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use tunemask_shared::run::RunId;

/// What an epoch gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Product {
    /// Epoch, counted from 1; 0 before the first.
    pub epoch: u32,
    /// The trained scalars: the selection ascending, then the head.
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
}

/// What a finished run leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Its best epoch.
    pub best: Product,
    /// Its last one.
    pub last: Product,
}

/// Why what a run has become cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The system refused.
    #[error("{path}: {source}; see that the disk has room and the folder can be written to")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not what was written.
    #[error("{path}: {why}; delete it to train the run anew")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// The folder of all runs' files.
#[derive(Clone, Debug)]
pub struct Checkpoints(PathBuf);

impl Checkpoints {
    /// In a home folder.
    pub fn new(home: &Path) -> Self {
        Self(home.join("runs"))
    }

    /// In a folder of their own.
    pub fn inside(folder: &Path) -> Self {
        Self(folder.to_owned())
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
        let mut tensors = Tensors::default();
        let state = &checkpoint.state;
        tensors.add("trained", &state.trained);
        tensors.add("first_moment", &state.first);
        tensors.add("second_moment", &state.second);
        tensors.product("best", &checkpoint.best);
        tensors.write(&self.checkpoint(run), HashMap::from([("steps".into(), state.steps.to_string())]))
    }

    /// Reads a run's checkpoint; `None` if it has none.
    ///
    /// # Errors
    /// It cannot be read, or is not whole.
    pub fn load(&self, run: &RunId) -> Result<Option<Checkpoint>, CheckpointError> {
        let path = self.checkpoint(run);
        if !path.exists() {
            return Ok(None);
        }
        read(&path, |file| {
            let steps = file.number("steps")?;
            let state = MemberState {
                steps,
                trained: file.floats("trained")?,
                first: file.floats("first_moment")?,
                second: file.floats("second_moment")?,
            };
            Ok(Checkpoint { state, best: file.product("best")? })
        })
        .map(Some)
    }

    /// Writes what a finished run leaves, and removes its checkpoint.
    ///
    /// # Errors
    /// It could not be written; the checkpoint is still there.
    pub fn finish(&self, run: &RunId, trained: &Trained) -> Result<(), CheckpointError> {
        let mut tensors = Tensors::default();
        tensors.product("best", &trained.best);
        tensors.product("last", &trained.last);
        tensors.write(&self.trained(run), HashMap::new())?;
        self.remove(run);
        Ok(())
    }

    /// Reads what a finished run left; `None` if nothing is there.
    ///
    /// # Errors
    /// It cannot be read, or is not whole.
    pub fn finished(&self, run: &RunId) -> Result<Option<Trained>, CheckpointError> {
        let path = self.trained(run);
        if !path.exists() {
            return Ok(None);
        }
        read(&path, |file| Ok(Trained { best: file.product("best")?, last: file.product("last")? })).map(Some)
    }

    fn checkpoint(&self, run: &RunId) -> PathBuf {
        self.0.join(format!("{run}.checkpoint"))
    }

    fn trained(&self, run: &RunId) -> PathBuf {
        self.0.join(format!("{run}.safetensors"))
    }
}

/// Tensors on their way to a file.
#[derive(Default)]
struct Tensors {
    floats: Vec<(String, Vec<u8>)>,
    numbers: Vec<(String, u32)>,
}

impl Tensors {
    fn add(&mut self, name: &str, values: &[f32]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.floats.push((name.to_owned(), bytes));
    }

    fn product(&mut self, name: &str, product: &Product) {
        self.numbers.push((format!("{name}.epoch"), product.epoch));
        self.add(&format!("{name}.trained"), &product.trained);
        for (set, predictions) in product.predictions.iter().enumerate() {
            self.add(&format!("{name}.predictions.{set}"), predictions);
        }
    }

    fn write(self, path: &Path, mut numbers: HashMap<String, String>) -> Result<(), CheckpointError> {
        numbers.extend(self.numbers.iter().map(|(name, number)| (name.clone(), number.to_string())));
        let views = self.floats.iter().map(|(name, bytes)| {
            TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes).map(|view| (name.as_str(), view))
        });
        let damaged = |why: String| CheckpointError::Damaged { path: path.to_owned(), why };
        let views = views.collect::<Result<Vec<_>, _>>().map_err(|e| damaged(e.to_string()))?;
        let bytes = safetensors::serialize(views, Some(numbers)).map_err(|e| damaged(e.to_string()))?;
        replace(path, &bytes).map_err(|source| CheckpointError::Io { path: path.to_owned(), source })
    }
}

/// Puts a whole file in the place of another, or leaves that as it is.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let new = path.with_extension("new");
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&new, path)) {
        // Half a file takes the room that the next try needs.
        _ = fs::remove_file(&new);
        return Err(error);
    }
    // So that the new name outlives a power cut, too; a system that cannot sync a folder does without.
    _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

struct Stored<'a> {
    tensors: SafeTensors<'a>,
    numbers: HashMap<String, String>,
}

fn read<T>(path: &Path, work: impl Fn(&Stored<'_>) -> Result<T, String>) -> Result<T, CheckpointError> {
    let bytes = fs::read(path).map_err(|source| CheckpointError::Io { path: path.to_owned(), source })?;
    let damaged = |why: String| CheckpointError::Damaged { path: path.to_owned(), why };
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|e| damaged(e.to_string()))?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|e| damaged(e.to_string()))?;
    let numbers = header.metadata().clone().unwrap_or_default();
    work(&Stored { tensors, numbers }).map_err(damaged)
}

impl Stored<'_> {
    fn floats(&self, name: &str) -> Result<Vec<f32>, String> {
        let view = self.tensors.tensor(name).map_err(|e| e.to_string())?;
        if view.dtype() != Dtype::F32 {
            return Err(format!("{name} is not of 32-bit floats"));
        }
        Ok(view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    fn number(&self, name: &str) -> Result<u32, String> {
        let text = self.numbers.get(name).ok_or_else(|| format!("it does not say {name}"))?;
        text.parse().map_err(|_| format!("its {name} is {text}"))
    }

    fn product(&self, name: &str) -> Result<Product, String> {
        let mut predictions = Vec::new();
        while let Ok(own) = self.floats(&format!("{name}.predictions.{}", predictions.len())) {
            predictions.push(own);
        }
        let (epoch, trained) =
            (self.number(&format!("{name}.epoch"))?, self.floats(&format!("{name}.trained"))?);
        Ok(Product { epoch, trained, predictions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(steps: u32) -> Checkpoint {
        let state = MemberState {
            steps,
            trained: vec![1.5, f32::MIN_POSITIVE],
            first: vec![0.25; 2],
            second: vec![-0.0; 2],
        };
        let best = Product { epoch: 3, trained: vec![7.0; 2], predictions: vec![vec![0.5; 4], Vec::new()] };
        Checkpoint { state, best }
    }

    #[test]
    fn what_is_saved_is_loaded_and_damage_is_said() {
        let home = tempfile::tempdir().unwrap();
        let (files, run) = (Checkpoints::new(home.path()), RunId("abc".into()));
        assert!(files.load(&run).unwrap().is_none() && files.finished(&run).unwrap().is_none());
        files.save(&run, &checkpoint(7)).unwrap();
        files.save(&run, &checkpoint(9)).unwrap();
        assert_eq!(files.load(&run).unwrap(), Some(checkpoint(9)));
        let path = files.checkpoint(&run);
        let bytes = fs::read(&path).unwrap();
        for broken in [&bytes[..bytes.len() - 3], &bytes[..5], b"nonsense, and more of it"] {
            fs::write(&path, broken).unwrap();
            assert!(files.load(&run).unwrap_err().to_string().contains("delete it"));
        }
        let trained = Trained { best: checkpoint(1).best, last: Product::default() };
        files.finish(&run, &trained).unwrap();
        assert_eq!(files.finished(&run).unwrap(), Some(trained));
        assert!(!path.exists());
    }

    #[test]
    fn what_cannot_be_written_leaves_the_last_good_one() {
        let home = tempfile::tempdir().unwrap();
        let (files, run) = (Checkpoints::new(home.path()), RunId("abc".into()));
        files.save(&run, &checkpoint(7)).unwrap();
        // A folder stands where the new file would be written.
        let new = files.checkpoint(&run).with_extension("new");
        fs::create_dir(&new).unwrap();
        let error = files.save(&run, &checkpoint(9)).unwrap_err();
        assert!(error.to_string().contains("disk has room"), "{error}");
        assert_eq!(files.load(&run).unwrap(), Some(checkpoint(7)));
    }

    /// A device that is always full stands for a disk that is.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_leaves_the_last_good_one() {
        let home = tempfile::tempdir().unwrap();
        let (files, run) = (Checkpoints::new(home.path()), RunId("abc".into()));
        files.save(&run, &checkpoint(7)).unwrap();
        let new = files.checkpoint(&run).with_extension("new");
        std::os::unix::fs::symlink("/dev/full", &new).unwrap();
        let error = files.save(&run, &checkpoint(9)).unwrap_err();
        assert!(error.to_string().contains("No space left"), "{error}");
        assert_eq!(files.load(&run).unwrap(), Some(checkpoint(7)));
        assert!(!new.exists());
        files.save(&run, &checkpoint(9)).unwrap();
    }
}

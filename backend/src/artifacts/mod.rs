//! What runs leave on the disk: to go on with the same bits, and to be used when they are done.
//!
//! A checkpoint is one safetensors file, `HOME/runs/RUN.checkpoint`: the trained scalars, Adam's moments, what the best
//! epoch so far gave, and the LayerNorms after every one. It is written beside the old one, synced, and put in its place,
//! so that there is always a whole one. When a run is done, `HOME/runs/RUN.safetensors` holds the trained scalars of its
//! best and its last epoch with the predictions of both and what would have been right, and of every epoch the LayerNorms and
//! what was predicted on the first development set; the
//! checkpoint goes. Where both are one epoch it stands there once, and a run that trains whole matrices keeps the scalars
//! of the epoch that is reported only. A run whose weights no rule keeps has the same file without them, see
//! [`drop_weights`](crate::artifacts::Artifacts::drop_weights). Both files carry checksums, which are verified as they are read.
//!
//! In reading order:

/// What the files hold.
mod contents;
/// Why they cannot be written or read.
mod error;
/// Where things stand in them.
mod layout;
/// The folder of all of them.
mod folder;
/// The LayerNorm scalars among those that train.
mod norms;
/// What a finished run has become, beside its model.
mod tuned;

pub use contents::{Answered, Checkpoint, Keep, Predicted, Product, Scalars, Trained, Truth};
pub use error::ArtifactError;
pub use folder::Artifacts;
pub(crate) use layout::norms_go;
pub(crate) use norms::{norm_places, norm_scalars};
pub use tuned::{Tuned, TunedError};
pub(crate) use tuned::{find_run, kept_scalars};

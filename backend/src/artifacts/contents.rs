//! What the files of a run hold.

use tunemask_engine::MemberState;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::Arithmetic;

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
    /// After each epoch that was scored what it predicts on the first development set, as [`Truth::targets`] says
    /// what is right. Empty in checkpoints of programs that did not keep it.
    pub answers: Vec<Vec<f32>>,
    /// Whose bits these are. None in checkpoints of programs that did not keep it.
    pub arithmetic: Option<Arithmetic>,
}

/// What is right on a development set, beside which a run's logits stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Label numbers or scores `[reads]`; for each of several labels 1 or 0, `[reads, labels]`.
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
    /// After each epoch what is predicted on the first development set, as [`Truth::targets`] says what is right. So tests can
    /// choose the epoch on other examples than those that they test on. Empty for runs of programs that did not keep it.
    pub answers: Vec<Vec<f32>>,
}

/// Which epochs' scalars a finished run leaves. What it predicted at its best and its last epoch is always kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those of the best and the last.
    Both,
    /// Those of the one that is reported.
    Only(ReportedEpoch),
}

/// What a finished run trained, at an epoch of which it kept that.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalars {
    /// Epoch, counted from 1.
    pub epoch: u32,
    /// As [`Product::trained`].
    pub trained: Vec<f32>,
}

/// An epoch's logits `[reads, outputs]` on a development set, and what is right there.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The logits.
    pub logits: Vec<f32>,
    /// What is right.
    pub truth: Truth,
}

/// What a finished run predicted on the first development set after each epoch, and what is right there.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// What was predicted, epoch by epoch, as [`Truth::targets`] says what is right.
    pub epochs: Vec<Vec<f32>>,
    /// The best epoch, counted from 1.
    pub best: u32,
    /// What is right.
    pub truth: Truth,
}

//! Signs that tests turn in kernels, to see that the reference engine finds them. Only this crate's own test build has it.

use std::cell::Cell;

/// A term of a kernel's formula whose sign is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedSign {
    /// u φ(u) in GELU's derivative.
    GeluDerivative,
    /// The mean of γ ⊙ d_y in LayerNorm's backward pass.
    NormMean,
    /// The sum in softmax's backward pass.
    SoftmaxSum,
}

impl TurnedSign {
    /// Every one.
    pub const ALL: [TurnedSign; 3] =
        [TurnedSign::GeluDerivative, TurnedSign::NormMean, TurnedSign::SoftmaxSum];
}

thread_local! {
    static TURNED: Cell<Option<TurnedSign>> = const { Cell::new(None) };
}

/// −1 where this term's sign is turned, else 1.
pub fn sign(of: TurnedSign) -> f32 {
    if TURNED.get() == Some(of) { -1.0 } else { 1.0 }
}

/// Does something with a sign turned, on a thread of its own, so that no other test sees it.
pub fn with_turned<R: Send>(turned: TurnedSign, work: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        TURNED.set(Some(turned));
        work()
    })
}

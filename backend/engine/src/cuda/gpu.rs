//! A GPU and the models that are on it.

use super::launch::Runner;
use super::machine::{Buffer, DeviceGemm, Machine, Precision, Strided, bytes};
use super::model::{Model, Models};
use crate::EngineError;
use crate::cpu::kernels::matmul::{Accumulate, Form};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;
use tunemask_shared::shape::ModelShape;

/// A GPU and the models that are on it. All copies are one: who opens it anew does so for all.
#[derive(Clone)]
pub struct Gpu(Arc<Inner>);

struct Inner {
    name: String,
    precision: Precision,
    open: Box<Opener>,
    /// `None` if it was lost and could not be reopened.
    opened: Mutex<Option<Opened>>,
    rate: OnceLock<f64>,
}

type Opener = dyn Fn() -> Result<Arc<dyn Machine>, EngineError> + Send + Sync;

#[derive(Clone)]
struct Opened {
    runner: Runner,
    models: Arc<Models>,
}

impl Opened {
    fn new(machine: Arc<dyn Machine>, precision: Precision) -> Self {
        Self { runner: Runner { machine, precision }, models: Arc::default() }
    }
}

impl Gpu {
    fn new(open: Box<Opener>, precision: Precision) -> Result<Self, EngineError> {
        let machine = open()?;
        let name = machine.name().to_owned();
        let opened = Mutex::new(Some(Opened::new(machine, precision)));
        Ok(Self(Arc::new(Inner { name, precision, open, opened, rate: OnceLock::new() })))
    }

    /// The processor with the GPU's kernels emulated, its threads in either order.
    #[cfg(test)]
    pub fn emulated(order: tunemask_emulator::Order, precision: Precision) -> Self {
        let open = move || Ok(super::emulated::Emulated::with_order(order));
        Self::new(Box::new(open), precision).unwrap()
    }

    /// The same with so much memory.
    #[cfg(test)]
    pub fn emulated_with_memory(bytes: usize) -> Self {
        let open = move || Ok(super::emulated::Emulated::with_memory(bytes));
        Self::new(Box::new(open), Precision::F32).unwrap()
    }

    /// A real one.
    ///
    /// # Errors
    /// A sentence: there is no driver, no such GPU, or it cannot run the kernels.
    #[cfg(feature = "cuda")]
    pub fn open(ordinal: usize, precision: Precision) -> Result<Self, EngineError> {
        Self::new(Box::new(move || super::driver::Driver::open(ordinal)), precision)
    }

    /// How many real ones there are.
    ///
    /// # Errors
    /// A sentence: there is no driver.
    #[cfg(feature = "cuda")]
    pub fn count() -> Result<usize, EngineError> {
        super::driver::Driver::count()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        self.0.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> Result<Opened, EngineError> {
        let lost = || EngineError::Lost(format!("{} could not be reopened", self.name()));
        self.lock().clone().ok_or_else(lost)
    }

    /// What runs kernels on it.
    ///
    /// # Errors
    /// It was lost.
    pub(super) fn runner(&self) -> Result<Runner, EngineError> {
        Ok(self.opened()?.runner)
    }

    /// The model with these weights on it.
    ///
    /// # Errors
    /// There is no memory for it, or the device fails.
    pub(super) fn model(&self, weights: &Arc<Vec<f32>>) -> Result<Arc<Model>, EngineError> {
        let Opened { runner, models } = self.opened()?;
        models.get(&runner, weights)
    }

    /// Opens it anew, for all copies. Gangs that were on it must have been dropped: a driver makes a new context only
    /// once nobody holds the old one.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn reopen(&self) -> Result<(), EngineError> {
        let mut opened = self.lock();
        *opened = None;
        *opened = Some(Opened::new((self.0.open)()?, self.0.precision));
        Ok(())
    }

    /// What it is, for people.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The precision that it computes in.
    pub fn precision(&self) -> Precision {
        self.0.precision
    }

    /// Most bytes that were ever in use on it at a time, since it was opened.
    pub fn peak_bytes(&self) -> usize {
        self.opened().map_or(0, |opened| opened.runner.machine.peak_bytes())
    }

    /// Bytes that could still be had, if that is known.
    pub fn free_bytes(&self) -> Option<u64> {
        self.opened().ok()?.runner.machine.free_bytes().map(|bytes| bytes as u64)
    }

    /// Bytes that it has, if that is known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.opened().ok()?.runner.machine.total_bytes().map(|bytes| bytes as u64)
    }

    /// Gives back what no gang uses.
    pub fn rest(&self) {
        if let Ok(Opened { runner, models }) = self.opened() {
            models.forget();
            runner.machine.trim();
        }
    }

    /// Multiply-adds a second of its products with matrices of a model's size, measured once.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub fn products_per_s(&self, shape: &ModelShape) -> Result<f64, EngineError> {
        if let Some(rate) = self.0.rate.get() {
            return Ok(*rate);
        }
        let rate = time_products(&self.runner()?, shape)?;
        Ok(*self.0.rate.get_or_init(|| rate))
    }
}

/// Rows of the products that are timed: those of a usual batch.
const ROWS: usize = 2048;
/// Products that are asked for before the clock is looked at.
const TIMED: usize = 4;

fn time_products(runner: &Runner, shape: &ModelShape) -> Result<f64, EngineError> {
    let (machine, precision) = (&runner.machine, runner.precision);
    let (n, k) = (shape.intermediate.clamp(64, 3072), shape.hidden.clamp(32, 768));
    let zeros = |scalars: usize| -> Result<Buffer, EngineError> {
        let buffer = Buffer::new(machine, bytes(precision) * scalars)?;
        machine.clear(buffer.at(), buffer.len())?;
        Ok(buffer)
    };
    let (a, b, out) = (zeros(ROWS * k)?, zeros(n * k)?, zeros(ROWS * n)?);
    let strided = |buffer: &Buffer, stride| Strided { address: buffer.at(), stride };
    let product = DeviceGemm {
        form: Form::Nt,
        m: ROWS,
        n,
        k,
        a: strided(&a, k),
        b: strided(&b, k),
        out: strided(&out, n),
        accumulate: Accumulate::Overwrite,
        f32_out: false,
    };
    let mut best = f64::INFINITY;
    // The first finds the library asleep.
    for _ in 0..3 {
        let clock = Instant::now();
        for _ in 0..TIMED {
            // SAFETY: the three buffers are as large as the product's matrices.
            unsafe { machine.gemm(precision, &product)? };
        }
        machine.read(out.at(), &mut [0; 4])?;
        best = best.min(clock.elapsed().as_secs_f64());
    }
    Ok((TIMED * ROWS * n * k) as f64 / best.max(1e-9))
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {:?}", self.name(), self.precision())
    }
}

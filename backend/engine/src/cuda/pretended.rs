//! GPUs for tests: the one that `TUNEMASK_TEST_DEVICE` names (such as `cuda:0`), else one of a pretended driver, which
//! must not have been asked for anything wrong and must have got everything back.

// What cannot be opened has failed the test.
#![allow(clippy::unwrap_used)]

use super::Gpu;
use super::driver::Driver;
use super::machine::{Machine, Precision};
use crate::Device;
use crate::device::DeviceKind;
use std::ops::Deref;
use std::sync::Arc;
use tunemask_emulator::gpu::PretendedGpu;

/// A GPU's number in `TUNEMASK_TEST_DEVICE`.
pub(crate) fn named() -> Option<usize> {
    let name = std::env::var("TUNEMASK_TEST_DEVICE").ok()?;
    Some(name.strip_prefix("cuda:").and_then(|n| n.parse().ok()).expect("TUNEMASK_TEST_DEVICE is cuda:N"))
}

/// A pretended GPU of one test; `None`, with a word, beside a real one, whose driver it would be taken for.
pub(crate) fn pretended() -> Option<Pretended> {
    if named().is_some() {
        tunemask_shared::fixtures::Requirement::PretendedGpu.skip("no pretended GPU beside a real one");
        return None;
    }
    Some(Pretended(PretendedGpu::take().expect("a pretended GPU is free")))
}

/// A pretended GPU; when it is dropped, after all that was on it, nothing may be left.
pub(crate) struct Pretended(PretendedGpu);

impl Deref for Pretended {
    type Target = PretendedGpu;

    fn deref(&self) -> &PretendedGpu {
        &self.0
    }
}

impl Pretended {
    /// Its memory, kernels and products.
    pub(crate) fn open(&self) -> Arc<dyn Machine> {
        Driver::open(self.ordinal()).unwrap()
    }

    /// The same for the engine.
    pub(crate) fn device(&self, precision: Precision) -> Device {
        Device(DeviceKind::Gpu(Gpu::open(self.ordinal(), precision).unwrap()))
    }
}

impl Drop for Pretended {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.faults(), "");
            assert_eq!(self.look().left(), 0, "{:?}", self.look());
        }
    }
}

/// A GPU of one test, a real one if one is named.
pub(crate) struct TestGpu(Option<Pretended>);

impl TestGpu {
    /// The one that is named, or a pretended one.
    pub(crate) fn take() -> Self {
        Self(if named().is_some() { None } else { pretended() })
    }

    /// The pretended one, if it is one.
    pub(crate) fn pretended(&self) -> Option<&PretendedGpu> {
        self.0.as_deref()
    }

    fn ordinal(&self) -> usize {
        self.0.as_ref().map_or_else(|| named().unwrap_or(0), |gpu| gpu.ordinal())
    }

    /// Its memory, kernels and products.
    pub(crate) fn open(&self) -> Arc<dyn Machine> {
        Driver::open(self.ordinal()).unwrap()
    }

    /// The same for the engine.
    pub(crate) fn device(&self, precision: Precision) -> Device {
        Device::gpu(self.ordinal(), precision).unwrap()
    }
}

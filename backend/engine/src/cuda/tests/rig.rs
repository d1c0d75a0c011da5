//! What the kernels' tests share.

use crate::cuda::emulated::Emulated;
use crate::cuda::launch::{DeviceChunk, DeviceDraw, DeviceSite, Runner};
use crate::cuda::machine::{self, Address, Buffer, Plain, Precision, from_bytes};
use crate::dropout::{self, Dropout};
use std::cell::RefCell;
use tunemask_emulator::Order;
use tunemask_shared::philox::{Purpose, Stream};

/// A device and the buffers of one test.
pub(super) struct Rig {
    pub runner: Runner,
    buffers: RefCell<Vec<Buffer>>,
}

/// Runs a test with both kinds of activations; each run's results must not hang on the threads' order. With the feature
/// `cuda` on a GPU, too, or a pretended one.
pub(super) fn everywhere(test: impl Fn(&Rig) -> Vec<f32>) {
    for precision in [Precision::F32, Precision::Bf16] {
        let run = |order| {
            let runner = Runner { machine: Emulated::with_order(order), precision };
            test(&Rig { runner, buffers: RefCell::default() })
        };
        let bits = |x: Vec<f32>| x.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(run(Order::Forwards)), bits(run(Order::Backwards)), "the order of threads shows");
        #[cfg(all(feature = "cuda", target_os = "linux"))]
        {
            let gpu = crate::cuda::pretended::TestGpu::take();
            test(&Rig { runner: Runner { machine: gpu.open(), precision }, buffers: RefCell::default() });
        }
    }
}

/// Runs a test once, for what would take too long in every way.
pub(super) fn once(test: impl Fn(&Rig)) {
    let runner = Runner { machine: Emulated::with_order(Order::Forwards), precision: Precision::F32 };
    test(&Rig { runner, buffers: RefCell::default() });
}

pub(super) fn bf16(x: f32) -> f32 {
    f32::from_bits((x.to_bits() + 0x7fff + (x.to_bits() >> 16 & 1)) & 0xffff_0000)
}

pub(super) fn random(n: usize, part: u32) -> Vec<f32> {
    let mut s = Stream::new(17, Purpose::Weights, part);
    (0..n).map(|_| s.normal() as f32).collect()
}

impl Rig {
    pub(super) fn put<T: Plain>(&self, values: &[T]) -> Address {
        let buffer = Buffer::of(&self.runner.machine, values).unwrap();
        self.buffers.borrow_mut().push(buffer);
        self.buffers.borrow().last().unwrap().at()
    }

    /// Room for f32 numbers that nothing was written to.
    pub(super) fn space(&self, n: usize) -> Address {
        let buffer = Buffer::new(&self.runner.machine, 4 * n).unwrap();
        self.buffers.borrow_mut().push(buffer);
        self.buffers.borrow().last().unwrap().at()
    }

    /// Activations, and what they are once rounded.
    pub(super) fn activations(&self, values: &[f32]) -> (Address, Vec<f64>) {
        let seen: Vec<f32> = values.iter().map(|&x| self.round(x)).collect();
        let at = match self.runner.precision {
            Precision::Bf16 => {
                let halves: Vec<u8> =
                    seen.iter().flat_map(|x| ((x.to_bits() >> 16) as u16).to_le_bytes()).collect();
                self.put(&halves)
            }
            Precision::F32 | Precision::Tf32 | Precision::FrozenBf16 => self.put(&seen),
        };
        (at, seen.into_iter().map(f64::from).collect())
    }

    fn round(&self, x: f32) -> f32 {
        if self.runner.precision == Precision::Bf16 { bf16(x) } else { x }
    }

    pub(super) fn read(&self, from: Address, n: usize) -> Vec<f32> {
        from_bytes(&self.runner.machine.fetch(from, 4 * n).unwrap()().unwrap())
    }

    pub(super) fn read_activations(&self, from: Address, n: usize) -> Vec<f32> {
        let bytes =
            self.runner.machine.fetch(from, machine::bytes(self.runner.precision) * n).unwrap()().unwrap();
        match self.runner.precision {
            Precision::Bf16 => bytes
                .chunks_exact(2)
                .map(|b| f32::from_bits(u32::from(u16::from_le_bytes([b[0], b[1]])) << 16))
                .collect(),
            Precision::F32 | Precision::Tf32 | Precision::FrozenBf16 => from_bytes(&bytes),
        }
    }

    /// Relative to the largest of `want`: f32's rounding, or half a unit of bf16's last place and a bit.
    pub(super) fn close(&self, got: &[f32], want: &[f64], what: &str) {
        self.close_to(got, want, if self.runner.precision == Precision::Bf16 { 6e-3 } else { 5e-6 }, what);
    }

    pub(super) fn close_to(&self, got: &[f32], want: &[f64], tolerance: f64, what: &str) {
        assert_eq!(got.len(), want.len(), "{what}");
        let scale = want.iter().fold(1e-3, |m: f64, w| m.max(w.abs()));
        for (i, (g, w)) in got.iter().zip(want).enumerate() {
            let off = (f64::from(*g) - w).abs();
            assert!(off <= tolerance * scale, "{:?} {what} {i}: {g} is not {w}", self.runner.precision);
        }
    }
}

/// A member's dropout on the processor and on the device.
pub(super) fn dropout(
    site: dropout::Site,
    probability: f32,
    seed: u64,
    step: u32,
) -> (Dropout, DeviceSite, DeviceDraw) {
    let own = Dropout { probability, seed, step };
    (own, DeviceSite::new(site, probability), DeviceDraw::new(seed, step))
}

/// Chunks of members with so many rows; out rows are in order, products and residuals elsewhere.
pub(super) fn chunks(members: &[usize]) -> (Vec<DeviceChunk>, usize) {
    let (mut made, mut at) = (Vec::new(), 0);
    for (member, &rows) in members.iter().enumerate() {
        for first in (0..rows).step_by(32) {
            let count = (rows - first).min(32);
            let out = (at + first) as u32;
            made.push(DeviceChunk {
                member: member as u32,
                out,
                product: out + 3,
                residual: out + 1,
                row: out,
                rows: count as u32,
                kept: 1,
            });
        }
        at += rows;
    }
    (made, at)
}

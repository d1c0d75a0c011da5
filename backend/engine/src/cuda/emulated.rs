//! A device on the processor: the kernels through `tunemask-emulator`, products through `gemm`.

use super::machine::{
    Address, DeviceGemm, Machine, Pending, Precision, Strided, has_bf16_activations, no_room,
};
use crate::EngineError;
use crate::cpu::kernels::matmul::Accumulate;
use crate::error::DeviceError;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tunemask_emulator as emulator;

/// The emulated device.
pub(super) struct Emulated {
    order: emulator::Order,
    most_bytes: usize,
    used: AtomicUsize,
    peak: AtomicUsize,
}

impl Emulated {
    /// One whose threads run in this order.
    pub(super) fn with_order(order: emulator::Order) -> Arc<dyn Machine> {
        Arc::new(Self { order, most_bytes: usize::MAX, used: 0.into(), peak: 0.into() })
    }

    /// One with so much memory.
    pub(super) fn with_memory(most_bytes: usize) -> Arc<dyn Machine> {
        Arc::new(Self { order: emulator::Order::Forwards, most_bytes, used: 0.into(), peak: 0.into() })
    }
}

fn bf16(x: f32) -> u16 {
    if x.is_nan() { 0x7fff } else { ((x.to_bits() + 0x7fff + (x.to_bits() >> 16 & 1)) >> 16) as u16 }
}

fn widen(x: u16) -> f32 {
    f32::from_bits(u32::from(x) << 16)
}

/// A column-major matrix in f32.
///
/// # Safety
/// It lies inside its buffer.
unsafe fn read(
    Strided { address, stride }: Strided,
    rows: usize,
    columns: usize,
    precision: Precision,
) -> Vec<f32> {
    let len = if columns == 0 { 0 } else { (columns - 1) * stride + rows };
    // SAFETY: the caller's promise.
    unsafe {
        if has_bf16_activations(precision) {
            let from = std::slice::from_raw_parts(address as *const u16, len);
            from.iter().map(|&x| widen(x)).collect()
        } else {
            std::slice::from_raw_parts(address as *const f32, len).to_vec()
        }
    }
}

impl Machine for Emulated {
    fn name(&self) -> &str {
        "emulated on the processor"
    }

    fn allocate(&self, bytes: usize) -> Result<Address, EngineError> {
        let used = self.used.load(Ordering::Relaxed);
        let memory = if bytes > self.most_bytes - used { None } else { emulator::allocate(bytes) };
        let address = memory.ok_or_else(|| no_room(bytes, used))?;
        let used = self.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(used, Ordering::Relaxed);
        Ok(address)
    }

    fn free(&self, address: Address, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        // SAFETY: a buffer gives back what it got, once.
        unsafe { emulator::free(address, bytes) };
    }

    fn upload(&self, to: Address, from: &[u8]) -> Result<(), EngineError> {
        // SAFETY: the buffer behind `to` has room; what is too long meets the wall behind it.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to as *mut u8, from.len()) };
        Ok(())
    }

    fn read(&self, from: Address, to: &mut [u8]) -> Result<(), EngineError> {
        // SAFETY: the buffer behind `from` is as long; what is too long meets the wall behind it.
        unsafe { std::ptr::copy_nonoverlapping(from as *const u8, to.as_mut_ptr(), to.len()) };
        Ok(())
    }

    fn fetch(&self, from: Address, bytes: usize) -> Result<Pending, EngineError> {
        let mut to = vec![0; bytes];
        self.read(from, &mut to)?;
        Ok(Box::new(move || Ok(to)))
    }

    fn clear(&self, at: Address, bytes: usize) -> Result<(), EngineError> {
        // SAFETY: the buffer at `at` has room; what is too long meets the wall behind it.
        unsafe { std::ptr::write_bytes(at as *mut u8, 0, bytes) };
        Ok(())
    }

    unsafe fn launch(
        &self,
        kernel: &str,
        grid: [u32; 3],
        threads: u32,
        shared_bytes: usize,
        parameters: *const c_void,
        bytes: usize,
    ) -> Result<(), EngineError> {
        // SAFETY: the caller's promise.
        unsafe { emulator::launch(kernel, grid, threads, shared_bytes, parameters, bytes, self.order) }
            .map_err(|fault| DeviceError::Driver(fault).into())
    }

    unsafe fn gemm(&self, precision: Precision, product: &DeviceGemm) -> Result<(), EngineError> {
        let blas = product.column_major();
        let (m, n, k) = (blas.m, blas.n, blas.k);
        if m == 0 || n == 0 {
            return Ok(());
        }
        let stored = |rows, columns, transposed| if transposed { (columns, rows) } else { (rows, columns) };
        let (rows, columns) = stored(m, k, blas.a_transposed);
        // SAFETY: the caller's promise.
        let a = unsafe { read(blas.a, rows, columns, precision) };
        let (rows, columns) = stored(k, n, blas.b_transposed);
        // SAFETY: the caller's promise.
        let b = unsafe { read(blas.b, rows, columns, precision) };
        let strides =
            |stride: usize, transposed| if transposed { (stride as isize, 1) } else { (1, stride as isize) };
        let (a_row, a_column) = strides(blas.a.stride, blas.a_transposed);
        let (b_row, b_column) = strides(blas.b.stride, blas.b_transposed);
        let mut out = vec![0.0f32; m * n];
        // SAFETY: the matrices are as large as they were read.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                out.as_mut_ptr(),
                m as isize,
                1,
                false,
                a.as_ptr(),
                a_column,
                a_row,
                b.as_ptr(),
                b_column,
                b_row,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        let add = product.accumulate == Accumulate::Add;
        let bf16_out = has_bf16_activations(precision) && !product.f32_out;
        for (j, column) in out.chunks_exact(m).enumerate() {
            for (i, &x) in column.iter().enumerate() {
                let at = j * blas.out.stride + i;
                // SAFETY: the caller's promise.
                unsafe {
                    if bf16_out {
                        let to = (blas.out.address as *mut u16).add(at);
                        *to = bf16(if add { widen(*to) + x } else { x });
                    } else {
                        let to = (blas.out.address as *mut f32).add(at);
                        *to = if add { *to + x } else { x };
                    }
                }
            }
        }
        Ok(())
    }

    fn peak_bytes(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    fn free_bytes(&self) -> Option<usize> {
        (self.most_bytes < usize::MAX).then(|| self.most_bytes - self.used.load(Ordering::Relaxed))
    }

    fn total_bytes(&self) -> Option<usize> {
        (self.most_bytes < usize::MAX).then_some(self.most_bytes)
    }

    fn trim(&self) {}
}

//! What the step needs of a device: memory, kernels, matrix products. One stream: what is asked for first is done
//! first, and nothing but a download waits.

use crate::EngineError;
use crate::cpu::kernels::matmul::{Accumulate, Form};
use crate::error::DeviceError;
use std::ffi::c_void;
use std::sync::Arc;
pub(super) use tunemask_shared::run::Precision;

/// A place in a device's memory.
pub(super) type Address = u64;

/// Whether activations are bf16, rather than f32.
pub(super) fn has_bf16_activations(precision: Precision) -> bool {
    match precision {
        Precision::Bf16 => true,
        // Frozen matrices alone in bf16 are the processor's.
        Precision::F32 | Precision::Tf32 | Precision::FrozenBf16 => false,
    }
}

/// Bytes of an activation.
pub(super) fn bytes(precision: Precision) -> usize {
    if has_bf16_activations(precision) { 2 } else { 4 }
}

/// What the kernels for this precision end in.
pub(super) fn suffix(precision: Precision) -> &'static str {
    if has_bf16_activations(precision) { "bf16" } else { "f32" }
}

/// A matrix in a device's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strided {
    /// Where it starts.
    pub address: Address,
    /// Scalars from row to row, or from column to column where it is column-major.
    pub stride: usize,
}

/// A product of row-major matrices: `out[m, n] (+)= a · b`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceGemm {
    /// How the factors are read.
    pub form: Form,
    /// Rows of the result.
    pub m: usize,
    /// Its columns.
    pub n: usize,
    /// The inner dimension.
    pub k: usize,
    /// The left factor.
    pub a: Strided,
    /// The right one.
    pub b: Strided,
    /// The result.
    pub out: Strided,
    /// What happens to what stood in the result.
    pub accumulate: Accumulate,
    /// Whether the result is f32 even where activations are bf16.
    pub f32_out: bool,
}

/// A product as BLAS takes it, column-major: `out[m, n] (+)= op(a) · op(b)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ColumnMajor {
    /// Whether the left factor is transposed.
    pub a_transposed: bool,
    /// Whether the right one is.
    pub b_transposed: bool,
    /// Rows of the result.
    pub m: usize,
    /// Its columns.
    pub n: usize,
    /// The inner dimension.
    pub k: usize,
    /// The left factor.
    pub a: Strided,
    /// The right one.
    pub b: Strided,
    /// The result.
    pub out: Strided,
}

impl DeviceGemm {
    /// The same for BLAS: a row-major matrix is a column-major one transposed, so the factors change places.
    pub(crate) fn column_major(&self) -> ColumnMajor {
        ColumnMajor {
            a_transposed: self.form == Form::Nt,
            b_transposed: self.form == Form::Tn,
            m: self.n,
            n: self.m,
            k: self.k,
            a: self.b,
            b: self.a,
            out: self.out,
        }
    }
}

/// Bytes that are on their way to the host; calling it waits for them.
pub(super) type Pending = Box<dyn FnOnce() -> Result<Vec<u8>, EngineError> + Send>;

/// A device has no room for so many bytes beside those that the engine uses.
pub(super) fn no_room(asked: usize, used: usize) -> EngineError {
    let mib = |bytes: usize| bytes as f64 / 1048576.0;
    let why =
        format!("it has no room for another {:.1} MiB beside the {:.1} MiB in use", mib(asked), mib(used));
    DeviceError::OutOfMemory(why).into()
}

/// A device.
pub(crate) trait Machine: Send + Sync {
    /// What it is, for people.
    fn name(&self) -> &str;

    /// Room for so many bytes; what stands in it is undefined.
    ///
    /// # Errors
    /// [`DeviceError::OutOfMemory`] if there is none.
    fn allocate(&self, bytes: usize) -> Result<Address, EngineError>;

    /// As many bytes as a buffer should get that has grown to these: the next batch may be longer still.
    fn roomy(&self, bytes: usize) -> usize {
        bytes
    }

    /// Gives back what `allocate` gave, once all that was asked for before is done.
    fn free(&self, address: Address, bytes: usize);

    /// Copies to the device. `from` may change as soon as this returns.
    ///
    /// # Errors
    /// The device fails.
    fn upload(&self, to: Address, from: &[u8]) -> Result<(), EngineError>;

    /// Copies to the host, and waits.
    ///
    /// # Errors
    /// The device fails.
    fn read(&self, from: Address, to: &mut [u8]) -> Result<(), EngineError>;

    /// Copies a few bytes to the host, behind all that was asked for before; what is asked for after it need not wait.
    ///
    /// # Errors
    /// The device fails.
    fn fetch(&self, from: Address, bytes: usize) -> Result<Pending, EngineError>;

    /// Fills with zeros.
    ///
    /// # Errors
    /// The device fails.
    fn clear(&self, at: Address, bytes: usize) -> Result<(), EngineError>;

    /// Runs a kernel over `grid` blocks of `threads`.
    ///
    /// # Errors
    /// The device fails.
    ///
    /// # Safety
    /// `parameters` points to the kernel's structure of `bytes`, and the addresses in it reach as far as the kernel
    /// does.
    unsafe fn launch(
        &self,
        kernel: &str,
        grid: [u32; 3],
        threads: u32,
        shared_bytes: usize,
        parameters: *const c_void,
        bytes: usize,
    ) -> Result<(), EngineError>;

    /// A matrix product.
    ///
    /// # Errors
    /// The device fails.
    ///
    /// # Safety
    /// The three matrices lie inside their buffers, and the result overlaps neither factor.
    unsafe fn gemm(&self, precision: Precision, product: &DeviceGemm) -> Result<(), EngineError>;

    /// Most bytes that were ever in use at a time.
    fn peak_bytes(&self) -> usize;

    /// Bytes that could still be had, if that is known.
    fn free_bytes(&self) -> Option<usize>;

    /// Bytes that it has, if that is known.
    fn total_bytes(&self) -> Option<usize>;

    /// Gives memory that is not in use back to the system.
    fn trim(&self);
}

/// Memory of a device, given back when dropped.
pub(super) struct Buffer {
    machine: Arc<dyn Machine>,
    address: Address,
    bytes: usize,
}

impl Buffer {
    /// No memory yet.
    pub(super) fn empty(machine: &Arc<dyn Machine>) -> Self {
        Self { machine: machine.clone(), address: 0, bytes: 0 }
    }

    /// Room for so many bytes.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn new(machine: &Arc<dyn Machine>, bytes: usize) -> Result<Self, EngineError> {
        let mut made = Self::empty(machine);
        made.room(bytes)?;
        Ok(made)
    }

    /// A copy of the host's values.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn of<T: Plain>(machine: &Arc<dyn Machine>, values: &[T]) -> Result<Self, EngineError> {
        let bytes = as_bytes(values);
        let made = Self::new(machine, bytes.len())?;
        made.fill(bytes)?;
        Ok(made)
    }

    /// Grows to so many bytes; what stood in it is lost then.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn room(&mut self, bytes: usize) -> Result<Address, EngineError> {
        if bytes > self.bytes {
            let roomy = if self.bytes == 0 { bytes } else { self.machine.roomy(bytes) };
            // Old memory first: the two need not fit beside each other.
            self.give_back();
            (self.address, self.bytes) = match self.machine.allocate(roomy) {
                Err(EngineError::Device(DeviceError::OutOfMemory(_))) if roomy > bytes => {
                    (self.machine.allocate(bytes)?, bytes)
                }
                done => (done?, roomy),
            };
        }
        Ok(self.address)
    }

    /// Copies bytes to its start.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn fill(&self, bytes: &[u8]) -> Result<(), EngineError> {
        assert!(bytes.len() <= self.bytes, "a copy behind the end of a buffer");
        self.machine.upload(self.address, bytes)
    }

    /// Where it starts.
    pub(super) fn at(&self) -> Address {
        self.address
    }

    /// Its size in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    /// Values on the host, from the `first` one on.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn read<T: Plain>(&self, first: usize, count: usize) -> Result<Vec<T>, EngineError> {
        let size = size_of::<T>();
        assert!((first + count) * size <= self.bytes, "a read behind the end of a buffer");
        // SAFETY: all zeros are a `Plain` value, and so is what is copied over them.
        let mut values = vec![unsafe { std::mem::zeroed::<T>() }; count];
        // SAFETY: the values' own memory, which may have any bits.
        let to = unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().cast::<u8>(), count * size) };
        self.machine.read(self.address + (first * size) as u64, to)?;
        Ok(values)
    }

    fn give_back(&mut self) {
        if self.bytes > 0 {
            self.machine.free(self.address, self.bytes);
        }
        (self.address, self.bytes) = (0, 0);
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Values that are their bytes.
///
/// # Safety
/// No padding, and every pattern of bits is a value.
pub(super) unsafe trait Plain: Copy {}
// SAFETY: numbers.
unsafe impl Plain for u16 {}
// SAFETY: numbers.
unsafe impl Plain for u8 {}
// SAFETY: numbers.
unsafe impl Plain for u32 {}
// SAFETY: numbers.
unsafe impl Plain for u64 {}
// SAFETY: numbers.
unsafe impl Plain for f32 {}
// SAFETY: numbers.
unsafe impl Plain for f64 {}

/// The bytes of values.
pub(super) fn as_bytes<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: `Plain` values are their bytes.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Values from their bytes.
pub(super) fn from_bytes<T: Plain>(bytes: &[u8]) -> Vec<T> {
    // SAFETY: `Plain` values may have any bits.
    bytes.chunks_exact(size_of::<T>()).map(|b| unsafe { b.as_ptr().cast::<T>().read_unaligned() }).collect()
}

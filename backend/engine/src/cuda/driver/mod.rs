//! A GPU through the CUDA driver and cuBLAS, both found when the program runs. In reading order:

/// What is made in a GPU's context.
mod context;
/// Pinned memory of the host.
mod pinned;
/// Copies through it.
mod copies;
/// What the driver says when it fails.
mod fault;

pub(super) use context::Launches;

use super::machine::{Address, DeviceGemm, Machine, Pending, Precision, has_bf16_activations, no_room};
use crate::EngineError;
use crate::cpu::kernels::matmul::Accumulate;
use crate::error::DeviceError;
use context::Context;
use copies::Fetched;
use cudarc::cublas::result as blas;
use cudarc::cublas::sys as blas_sys;
use cudarc::driver::result as cuda;
use cudarc::driver::sys;
use fault::failed;
use pinned::MAX_STAGED_BYTES;
use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A GPU.
pub(super) struct Driver {
    name: String,
    context: Arc<Context>,
    used: AtomicUsize,
    peak: AtomicUsize,
}

impl Driver {
    /// Opens a GPU by its number. With `TUNEMASK_CUDA_SYNC=1` in the environment every kernel is waited for, and the one
    /// that fails is named.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub(super) fn open(ordinal: usize) -> Result<Arc<dyn Machine>, EngineError> {
        let blocking = std::env::var_os("TUNEMASK_CUDA_SYNC").is_some_and(|value| value == "1");
        Self::open_with(ordinal, if blocking { Launches::Blocking } else { Launches::Asynchronous })
    }

    /// How many there are.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub(super) fn count() -> Result<usize, EngineError> {
        #[cfg(not(feature = "candle-cuda"))]
        Self::find_libraries()?;
        let count = || {
            cuda::init().map_err(|e| failed("its start", e))?;
            Ok(cuda::device::get_count().map_err(|e| failed("counting GPUs", e))? as usize)
        };
        std::panic::catch_unwind(count).unwrap_or_else(|_| Err(fault::too_old()))
    }

    /// The same, every kernel waited for or not.
    ///
    /// # Errors
    /// As above.
    pub(super) fn open_with(ordinal: usize, launches: Launches) -> Result<Arc<dyn Machine>, EngineError> {
        // Where candle's CUDA links them, the program has not started without them.
        #[cfg(not(feature = "candle-cuda"))]
        Self::find_libraries()?;
        // A library that lacks a function that is called makes the binding panic.
        std::panic::catch_unwind(|| Self::start(ordinal, launches)).unwrap_or_else(|_| Err(fault::too_old()))
    }

    /// Looks for the driver and for cuBLAS.
    #[cfg(not(feature = "candle-cuda"))]
    fn find_libraries() -> Result<(), EngineError> {
        let missing = |what: &str| Err(DeviceError::Driver(what.to_owned()).into());
        // SAFETY: looks for libraries that carry NVIDIA's names.
        if !unsafe { sys::is_culib_present() } {
            return missing("there is no NVIDIA driver here (libcuda.so.1)");
        }
        // SAFETY: looks for libraries that carry NVIDIA's names.
        if !unsafe { blas_sys::is_culib_present() } {
            return missing(
                "there is no cuBLAS here (libcublas.so.13 or .12): install CUDA's libraries and name their folder in \
                 LD_LIBRARY_PATH",
            );
        }
        Ok(())
    }

    fn start(ordinal: usize, launches: Launches) -> Result<Arc<dyn Machine>, EngineError> {
        cuda::init().map_err(|e| failed("its start", e))?;
        let count = cuda::device::get_count().map_err(|e| failed("counting GPUs", e))? as usize;
        if ordinal >= count {
            return Err(DeviceError::NoSuchGpu { ordinal, count }.into());
        }
        let device = cuda::device::get(ordinal as c_int).map_err(|e| failed("its start", e))?;
        let name = cuda::device::get_name(device).map_err(|e| failed("its name", e))?;
        let context = Arc::new(Context::new(device, &name, launches)?);
        Ok(Arc::new(Self { name, context, used: 0.into(), peak: 0.into() }))
    }

    fn no_room(&self, asked: usize) -> EngineError {
        no_room(asked, self.used.load(Ordering::Relaxed))
    }

    /// What a product's failure means: the context's own, if it has one.
    fn blas_error(&self, product: &DeviceGemm, error: blas::CublasError) -> EngineError {
        let DeviceGemm { m, n, k, .. } = product;
        match (error.0, self.context.wait()) {
            (blas_sys::cublasStatus_t::CUBLAS_STATUS_ALLOC_FAILED, Ok(())) => self.no_room(0),
            (_, Ok(())) => fault::blas(&format!("a product of {:?}", (m, n, k)), error),
            (_, Err(own)) => failed(&format!("a product of {:?}, or before it", (m, n, k)), own),
        }
    }
}

const MIB: usize = 1 << 20;

impl Machine for Driver {
    fn name(&self) -> &str {
        &self.name
    }

    fn allocate(&self, bytes: usize) -> Result<Address, EngineError> {
        self.context.bind()?;
        // SAFETY: memory of one's own.
        let find = || unsafe { cuda::malloc_async(self.context.stream, bytes) };
        let no_memory = |e: &cuda::DriverError| e.0 == sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY;
        // What the pool keeps may be free, and in pieces that are too small: it is asked for again when they are given back.
        let again = |e| if no_memory(&e) { self.context.trim().and_then(|()| find()) } else { Err(e) };
        let address = find().or_else(again).map_err(|e| match no_memory(&e) {
            true => self.no_room(bytes),
            false => failed("finding memory", e),
        })?;
        let used = self.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(used, Ordering::Relaxed);
        Ok(address)
    }

    /// A quarter more, and where that is little beside it in whole units of the driver's: else every longest batch so far
    /// would leave a piece of the pool behind that fits nothing.
    fn roomy(&self, bytes: usize) -> usize {
        let unit = if bytes < 16 * MIB { MIB / 16 } else { 2 * MIB };
        (bytes + bytes / 4).next_multiple_of(unit)
    }

    fn free(&self, address: Address, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        if self.context.bind().is_ok() {
            // SAFETY: a buffer gives back what it got, once; the stream does it behind all that reads it. What
            // fails cannot be helped.
            let _ = unsafe { cuda::free_async(address, self.context.stream) };
        }
    }

    fn upload(&self, to: Address, from: &[u8]) -> Result<(), EngineError> {
        copies::upload(&self.context, to, from)
    }

    fn read(&self, from: Address, to: &mut [u8]) -> Result<(), EngineError> {
        copies::read(&self.context, from, to)
    }

    fn fetch(&self, from: Address, bytes: usize) -> Result<Pending, EngineError> {
        let mut to = vec![0; bytes];
        if bytes > MAX_STAGED_BYTES {
            self.read(from, &mut to)?;
            return Ok(Box::new(move || Ok(to)));
        }
        let fetched = Fetched::start(&self.context, from, bytes)?;
        Ok(Box::new(move || fetched.wait(&mut to).map(|()| to)))
    }

    fn clear(&self, at: Address, bytes: usize) -> Result<(), EngineError> {
        self.context.bind()?;
        // SAFETY: the buffer's owner asks for it.
        unsafe { cuda::memset_d8_async(at, 0, bytes, self.context.stream) }
            .map_err(|e| failed("clearing memory", e))?;
        self.context.check("clearing memory")
    }

    unsafe fn launch(
        &self,
        kernel: &str,
        grid: [u32; 3],
        threads: u32,
        shared_bytes: usize,
        parameters: *const c_void,
        _bytes: usize,
    ) -> Result<(), EngineError> {
        self.context.bind()?;
        let function = self.context.function(kernel)?;
        let (grid, block, shared) = ((grid[0], grid[1], grid[2]), (threads, 1, 1), shared_bytes as u32);
        let parameters = &mut [parameters.cast_mut()];
        // SAFETY: the caller's promise.
        unsafe { cuda::launch_kernel(function, grid, block, shared, self.context.stream, parameters) }
            .map_err(|e| failed(kernel, e))?;
        self.context.check(kernel)
    }

    unsafe fn gemm(&self, precision: Precision, product: &DeviceGemm) -> Result<(), EngineError> {
        self.context.bind()?;
        let p = product.column_major();
        let operation = |transposed| match transposed {
            true => blas_sys::cublasOperation_t::CUBLAS_OP_T,
            false => blas_sys::cublasOperation_t::CUBLAS_OP_N,
        };
        let (single, half) = (blas_sys::cudaDataType::CUDA_R_32F, blas_sys::cudaDataType::CUDA_R_16BF);
        let factor = if has_bf16_activations(precision) { half } else { single };
        let result = if has_bf16_activations(precision) && !product.f32_out { half } else { single };
        let compute = match precision {
            Precision::Tf32 => blas_sys::cublasComputeType_t::CUBLAS_COMPUTE_32F_FAST_TF32,
            Precision::F32 | Precision::Bf16 | Precision::FrozenBf16 => {
                blas_sys::cublasComputeType_t::CUBLAS_COMPUTE_32F
            }
        };
        let int = |n: usize| {
            c_int::try_from(n)
                .map_err(|_| DeviceError::Driver(format!("a matrix of {n} rows is too large for cuBLAS")))
        };
        let (one, old) = (1.0f32, if product.accumulate == Accumulate::Add { 1.0f32 } else { 0.0 });
        let handle = self.context.blas();
        // SAFETY: the caller's promise; the factors live on the host through the call, which reads them at once.
        let done = unsafe {
            blas::gemm_ex(
                *handle,
                operation(p.a_transposed),
                operation(p.b_transposed),
                int(p.m)?,
                int(p.n)?,
                int(p.k)?,
                (&raw const one).cast(),
                p.a.address as *const c_void,
                factor,
                int(p.a.stride)?,
                p.b.address as *const c_void,
                factor,
                int(p.b.stride)?,
                (&raw const old).cast(),
                p.out.address as *mut c_void,
                result,
                int(p.out.stride)?,
                compute,
                blas_sys::cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
            )
        };
        drop(handle);
        done.map_err(|e| self.blas_error(product, e))?;
        self.context.check("a product")
    }

    fn peak_bytes(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    fn free_bytes(&self) -> Option<usize> {
        self.context.bind().ok()?;
        self.context
            .free_bytes()
            .inspect_err(|e| tracing::warn!("{}", failed("counting its memory", *e)))
            .ok()
    }

    fn total_bytes(&self) -> Option<usize> {
        self.context.bind().ok()?;
        self.context
            .total_bytes()
            .inspect_err(|e| tracing::warn!("{}", failed("counting its memory", *e)))
            .ok()
    }

    fn trim(&self) {
        if let Err(error) = self
            .context
            .bind()
            .and_then(|()| self.context.trim().map_err(|e| failed("giving memory back", e)))
        {
            tracing::warn!("{error}");
        }
    }
}

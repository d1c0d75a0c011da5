//! A GPU through the CUDA driver and cuBLAS, both found when the program runs.

use super::machine::{Address, Machine, Numbers, Pending, Product, no_room};
use crate::engine::EngineError;
use cudarc::cublas::result as blas;
use cudarc::cublas::sys as blas_sys;
use cudarc::driver::result as cuda;
use cudarc::driver::sys;
use std::collections::{HashMap, VecDeque};
use std::ffi::{CString, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The kernels for each architecture, and as PTX for later ones; build.rs makes them.
#[repr(C, align(64))]
struct Image<B: ?Sized>(B);
static KERNELS: &Image<[u8]> = &Image(*include_bytes!(concat!(env!("OUT_DIR"), "/kernels.fatbin")));

/// Shared memory that every GPU from compute capability 8.0 gives a block.
const MOST_SHARED_BYTES: i32 = 99 << 10;
/// Bytes that go through one piece of pinned memory at a time.
const MOST_STAGED_BYTES: usize = 16 << 20;

/// A GPU.
pub struct Driver {
    name: String,
    context: Arc<Context>,
    used: AtomicUsize,
    peak: AtomicUsize,
}

/// What it is reached through. All handles are used by one thread at a time: calls that change any take the lock.
struct Context {
    device: sys::CUdevice,
    context: sys::CUcontext,
    stream: sys::CUstream,
    module: sys::CUmodule,
    blas: blas_sys::cublasHandle_t,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    functions: HashMap<String, sys::CUfunction>,
    /// Those that nobody holds, the one that was given back longest ago first.
    pinned: VecDeque<Pinned>,
}

/// Pinned memory, and what to wait for before it is touched.
struct Pinned {
    memory: *mut u8,
    bytes: usize,
    event: sys::CUevent,
}

// SAFETY: the driver's handles may be used from any thread whose context is current, which `bind` sees to; cuBLAS's
// handle is used under the lock alone.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}
// SAFETY: pinned memory is plain memory.
unsafe impl Send for Pinned {}

fn failed(what: &str, error: cuda::DriverError) -> EngineError {
    let why =
        error.error_string().map_or_else(|_| format!("{error:?}"), |s| s.to_string_lossy().into_owned());
    EngineError::Device(format!("the GPU failed at {what}: {why}"))
}

impl Driver {
    /// Opens a GPU by its number.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn open(ordinal: usize) -> Result<Arc<dyn Machine>, EngineError> {
        let missing = |what: &str| Err(EngineError::Device(what.to_owned()));
        // SAFETY: looks for libraries that carry NVIDIA's names.
        if !unsafe { sys::is_culib_present() } {
            return missing("there is no NVIDIA driver here (libcuda.so.1)");
        }
        // SAFETY: as above.
        if !unsafe { blas_sys::is_culib_present() } {
            return missing(
                "there is no cuBLAS here (libcublas.so.13 or .12): install CUDA's libraries and name their folder in \
                 LD_LIBRARY_PATH",
            );
        }
        // A library that lacks a function that is called makes the binding panic.
        std::panic::catch_unwind(|| Self::start(ordinal)).unwrap_or_else(|_| {
            missing("the NVIDIA driver or cuBLAS here is too old for this program; a driver from 525 on is needed")
        })
    }

    fn start(ordinal: usize) -> Result<Arc<dyn Machine>, EngineError> {
        cuda::init().map_err(|e| failed("its start", e))?;
        let count = cuda::device::get_count().map_err(|e| failed("counting GPUs", e))? as usize;
        if ordinal >= count {
            let which = match count {
                0 => "none".to_owned(),
                1 => "cuda:0 alone".to_owned(),
                n => format!("cuda:0 to cuda:{}", n - 1),
            };
            return Err(EngineError::Device(format!(
                "there is no GPU cuda:{ordinal} here; there is {which}"
            )));
        }
        let device = cuda::device::get(ordinal as c_int).map_err(|e| failed("its start", e))?;
        let name = cuda::device::get_name(device).map_err(|e| failed("its name", e))?;
        let context = Arc::new(Context::new(device, &name)?);
        Ok(Arc::new(Self { name, context, used: 0.into(), peak: 0.into() }))
    }

    fn memory(&self, asked: usize) -> EngineError {
        no_room(asked, self.used.load(Ordering::Relaxed))
    }

    fn error(&self, what: &str, asked: usize, error: cuda::DriverError) -> EngineError {
        match error.0 {
            sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY => self.memory(asked),
            _ => failed(what, error),
        }
    }
}

impl Context {
    fn new(device: sys::CUdevice, name: &str) -> Result<Self, EngineError> {
        // SAFETY: a device that `get` gave; handles are used as their documentation wants, and given back in `drop`.
        unsafe {
            let major = sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
            let major =
                cuda::device::get_attribute(device, major).map_err(|e| failed("its capability", e))?;
            if major < 8 {
                return Err(EngineError::Device(format!(
                    "{name} has compute capability {major}, and 8.0 or more is needed"
                )));
            }
            let context = cuda::primary_ctx::retain(device).map_err(|e| failed("its context", e))?;
            cuda::ctx::set_current(context).map_err(|e| failed("its context", e))?;
            let stream = cuda::stream::create(cuda::stream::StreamKind::NonBlocking)
                .map_err(|e| failed("its stream", e))?;
            // Memory that was given back stays with the program: the next step asks for it again.
            let pool = cuda::device::get_mem_pool(device).map_err(|e| failed("its memory pool", e))?;
            let mut threshold = u64::MAX;
            sys::cuMemPoolSetAttribute(
                pool,
                sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD,
                (&raw mut threshold).cast(),
            )
            .result()
            .map_err(|e| failed("its memory pool", e))?;
            let module = cuda::module::load_data((&raw const KERNELS.0).cast())
                .map_err(|e| failed("loading the kernels", e))?;
            let blas = blas::create_handle()
                .map_err(|e| EngineError::Device(format!("cuBLAS does not start: {e:?}")))?;
            blas::set_stream(blas, stream.cast())
                .map_err(|e| EngineError::Device(format!("cuBLAS takes no stream: {e:?}")))?;
            Ok(Self { device, context, stream, module, blas, state: Mutex::default() })
        }
    }

    fn bind(&self) -> Result<(), EngineError> {
        // SAFETY: the context lives as long as this.
        unsafe { cuda::ctx::set_current(self.context) }.map_err(|e| failed("its context", e))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn function(&self, kernel: &str) -> Result<sys::CUfunction, EngineError> {
        let mut state = self.lock();
        if let Some(&function) = state.functions.get(kernel) {
            return Ok(function);
        }
        let name = CString::new(kernel).map_err(|e| EngineError::Device(e.to_string()))?;
        let what = format!("finding {kernel}");
        // SAFETY: the module is loaded.
        let function =
            unsafe { cuda::module::get_function(self.module, name) }.map_err(|e| failed(&what, e))?;
        let attribute = sys::CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        // SAFETY: the function was just found.
        unsafe { cuda::function::set_function_attribute(function, attribute, MOST_SHARED_BYTES) }
            .map_err(|e| failed(&what, e))?;
        state.functions.insert(kernel.to_owned(), function);
        Ok(function)
    }
}

/// As many pieces of pinned memory are made before one that is on its way is waited for.
const PIECES: usize = 4;

impl Context {
    /// Pinned memory that nothing reads or writes any more. The context must be current.
    fn pin(&self, bytes: usize) -> Result<Pinned, cuda::DriverError> {
        let mut state = self.lock();
        // SAFETY: memory and events of one's own; what is freed is out of use once its event is done.
        unsafe {
            let mut piece = match state.pinned.pop_front() {
                Some(piece)
                    if state.pinned.len() + 1 >= PIECES || cuda::event::query(piece.event).is_ok() =>
                {
                    piece
                }
                busy => {
                    if let Some(busy) = busy {
                        state.pinned.push_front(busy);
                    }
                    let event = cuda::event::create(sys::CUevent_flags::CU_EVENT_DISABLE_TIMING)?;
                    Pinned { memory: std::ptr::null_mut(), bytes: 0, event }
                }
            };
            cuda::event::synchronize(piece.event)?;
            if piece.bytes < bytes {
                if !piece.memory.is_null() {
                    cuda::free_host(piece.memory.cast())?;
                }
                let room = bytes.next_power_of_two().max(4096);
                (piece.memory, piece.bytes) = (std::ptr::null_mut(), 0);
                piece.memory = cuda::malloc_host(room, 0)?.cast();
                piece.bytes = room;
            }
            Ok(piece)
        }
    }

    fn unpin(&self, piece: Pinned) {
        self.lock().pinned.push_back(piece);
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: all were made by `new` or `pin` and are used no more; what fails cannot be helped.
        unsafe {
            let _ = cuda::ctx::set_current(self.context);
            let _ = cuda::stream::synchronize(self.stream);
            for piece in &state.pinned {
                if !piece.memory.is_null() {
                    let _ = cuda::free_host(piece.memory.cast());
                }
                let _ = cuda::event::destroy(piece.event);
            }
            let _ = blas::destroy_handle(self.blas);
            let _ = cuda::module::unload(self.module);
            let _ = cuda::stream::destroy(self.stream);
            let _ = cuda::primary_ctx::release(self.device);
        }
    }
}

impl Machine for Driver {
    fn name(&self) -> &str {
        &self.name
    }

    fn allocate(&self, bytes: usize) -> Result<Address, EngineError> {
        self.context.bind()?;
        // SAFETY: memory of one's own.
        let address = unsafe { cuda::malloc_async(self.context.stream, bytes) }
            .map_err(|e| self.error("finding memory", bytes, e))?;
        let used = self.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(used, Ordering::Relaxed);
        Ok(address)
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
        self.context.bind()?;
        for (i, part) in from.chunks(MOST_STAGED_BYTES).enumerate() {
            let to = to + (i * MOST_STAGED_BYTES) as u64;
            let piece =
                self.context.pin(part.len()).map_err(|e| self.error("pinning memory", part.len(), e))?;
            // SAFETY: the piece is as large as the part, and is touched again only behind its event.
            let done = unsafe {
                std::ptr::copy_nonoverlapping(part.as_ptr(), piece.memory, part.len());
                let pinned = std::slice::from_raw_parts(piece.memory, part.len());
                cuda::memcpy_htod_async(to, pinned, self.context.stream)
                    .and_then(|()| cuda::event::record(piece.event, self.context.stream))
            };
            self.context.unpin(piece);
            done.map_err(|e| failed("a copy to it", e))?;
        }
        Ok(())
    }

    fn fetch(&self, from: Address, bytes: usize) -> Result<Pending, EngineError> {
        self.context.bind()?;
        let fetched =
            Fetched::start(&self.context, from, bytes).map_err(|e| self.error("a copy from it", bytes, e))?;
        Ok(Box::new(move || fetched.wait()))
    }

    fn clear(&self, at: Address, bytes: usize) -> Result<(), EngineError> {
        self.context.bind()?;
        // SAFETY: the buffer's owner asks for it.
        unsafe { cuda::memset_d8_async(at, 0, bytes, self.context.stream) }
            .map_err(|e| failed("clearing memory", e))
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
        // SAFETY: the caller's promise.
        unsafe {
            cuda::launch_kernel(
                function,
                grid,
                block,
                shared,
                self.context.stream,
                &mut [parameters.cast_mut()],
            )
        }
        .map_err(|e| failed(kernel, e))
    }

    unsafe fn product(&self, numbers: Numbers, product: &Product) -> Result<(), EngineError> {
        self.context.bind()?;
        let p = product.column_major();
        let operation = |transposed| match transposed {
            true => blas_sys::cublasOperation_t::CUBLAS_OP_T,
            false => blas_sys::cublasOperation_t::CUBLAS_OP_N,
        };
        let (single, half) = (blas_sys::cudaDataType::CUDA_R_32F, blas_sys::cudaDataType::CUDA_R_16BF);
        let factor = if numbers == Numbers::Bf16 { half } else { single };
        let result = if numbers == Numbers::Bf16 && !product.wide { half } else { single };
        let compute = match numbers {
            Numbers::Tf32 => blas_sys::cublasComputeType_t::CUBLAS_COMPUTE_32F_FAST_TF32,
            _ => blas_sys::cublasComputeType_t::CUBLAS_COMPUTE_32F,
        };
        let int = |n: usize| {
            c_int::try_from(n)
                .map_err(|_| EngineError::Device(format!("a matrix of {n} rows is too large for cuBLAS")))
        };
        let (one, old) = (1.0f32, if product.add { 1.0f32 } else { 0.0 });
        let _lock = self.context.lock();
        // SAFETY: the caller's promise; the factors live on the host through the call, which reads them at once.
        let done = unsafe {
            blas::gemm_ex(
                self.context.blas,
                operation(p.transposed.0),
                operation(p.transposed.1),
                int(p.dims.0)?,
                int(p.dims.1)?,
                int(p.dims.2)?,
                (&raw const one).cast(),
                p.a.0 as *const c_void,
                factor,
                int(p.a.1)?,
                p.b.0 as *const c_void,
                factor,
                int(p.b.1)?,
                (&raw const old).cast(),
                p.out.0 as *mut c_void,
                result,
                int(p.out.1)?,
                compute,
                blas_sys::cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
            )
        };
        done.map_err(|e| match e.0 {
            blas_sys::cublasStatus_t::CUBLAS_STATUS_ALLOC_FAILED => self.memory(0),
            _ => EngineError::Device(format!("cuBLAS failed at a product of {:?}: {e:?}", product.dims)),
        })
    }

    fn peak_bytes(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }
}

/// Bytes on their way to pinned memory of the host.
struct Fetched {
    context: Arc<Context>,
    piece: Option<Pinned>,
    bytes: usize,
}

impl Fetched {
    fn start(context: &Arc<Context>, from: Address, bytes: usize) -> Result<Self, cuda::DriverError> {
        let piece = context.pin(bytes)?;
        // SAFETY: the piece is as large as what is copied, and is touched again only behind its event.
        let done = unsafe {
            let pinned = std::slice::from_raw_parts_mut(piece.memory, bytes);
            cuda::memcpy_dtoh_async(pinned, from, context.stream)
                .and_then(|()| cuda::event::record(piece.event, context.stream))
        };
        let made = Self { context: context.clone(), piece: Some(piece), bytes };
        done.map(|()| made)
    }

    fn wait(self) -> Result<Vec<u8>, EngineError> {
        self.context.bind()?;
        let Some(piece) = &self.piece else { return Ok(Vec::new()) };
        // SAFETY: the event is the copy's, behind which the memory is as large and at rest.
        unsafe {
            cuda::event::synchronize(piece.event).map_err(|e| failed("a step", e))?;
            Ok(std::slice::from_raw_parts(piece.memory, self.bytes).to_vec())
        }
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        if let Some(piece) = self.piece.take() {
            self.context.unpin(piece);
        }
    }
}

//! A GPU's context, and all that is made in it.

use super::fault::{self, failed};
use super::pinned::Pool;
use crate::EngineError;
use crate::cuda::launch;
use crate::error::DeviceError;
use cudarc::cublas::result as blas;
use cudarc::cublas::sys as blas_sys;
use cudarc::driver::result as cuda;
use cudarc::driver::sys;
use std::collections::HashMap;
use std::ffi::CString;
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The kernels for each architecture, and as PTX for later ones; build.rs makes them.
#[repr(C, align(64))]
struct Image<B: ?Sized>(B);
static KERNELS: &Image<[u8]> = &Image(*include_bytes!(concat!(env!("OUT_DIR"), "/kernels.fatbin")));

/// Shared memory that every GPU from compute capability 8.0 gives a block.
const MAX_SHARED_BYTES: i32 = 99 << 10;

/// Whether a kernel is waited for once it is launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cuda) enum Launches {
    /// No: what fails is known when something is waited for.
    Asynchronous,
    /// Yes, so that the one that fails can be named.
    Blocking,
}

/// What a GPU is reached through. Handles that are null have not been made.
pub(super) struct Context {
    device: sys::CUdevice,
    context: sys::CUcontext,
    pub stream: sys::CUstream,
    pool: sys::CUmemoryPool,
    module: sys::CUmodule,
    functions: HashMap<String, sys::CUfunction>,
    /// Used by one thread at a time, under the lock.
    blas: Mutex<blas_sys::cublasHandle_t>,
    pub pinned: Pool,
    launches: Launches,
}

// SAFETY: the driver's handles may be used from any thread whose context is current, which `bind` sees to; cuBLAS's
// handle is used under its lock alone.
unsafe impl Send for Context {}
// SAFETY: cuBLAS's handle is the only part that is not for several threads at once, and is used under its lock.
unsafe impl Sync for Context {}

impl Context {
    /// A context of the GPU with this name.
    ///
    /// # Errors
    /// The GPU cannot run the kernels, or fails. All that was made until then is given back.
    pub(super) fn new(device: sys::CUdevice, name: &str, launches: Launches) -> Result<Self, EngineError> {
        let major = sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
        // SAFETY: a device that the driver gave.
        let major = unsafe { cuda::device::get_attribute(device, major) };
        let major = major.map_err(|e| failed("its capability", e))?;
        if major < 8 {
            return Err(DeviceError::Capability { name: name.to_owned(), major }.into());
        }
        // SAFETY: a device that the driver gave; the context is released when this is dropped.
        let context = unsafe { cuda::primary_ctx::retain(device) }.map_err(|e| failed("its context", e))?;
        // From here on what is made is dropped with this, whatever fails behind it.
        let mut made = Self {
            device,
            context,
            stream: null_mut(),
            pool: null_mut(),
            module: null_mut(),
            functions: HashMap::new(),
            blas: Mutex::new(null_mut()),
            pinned: Pool::default(),
            launches,
        };
        made.fill()?;
        Ok(made)
    }

    fn fill(&mut self) -> Result<(), EngineError> {
        self.bind()?;
        self.stream = cuda::stream::create(cuda::stream::StreamKind::NonBlocking)
            .map_err(|e| failed("its stream", e))?;
        // Memory that was given back stays with the program: the next step asks for it again.
        let mut threshold = u64::MAX;
        let attribute = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
        // SAFETY: the device's own pool, and a number of the attribute's type.
        unsafe {
            self.pool = cuda::device::get_mem_pool(self.device).map_err(|e| failed("its memory pool", e))?;
            cuda::mem_pool::set_attribute(self.pool, attribute, (&raw mut threshold).cast())
                .map_err(|e| failed("its memory pool", e))?;
        }
        // SAFETY: the image that the toolkit made.
        self.module =
            unsafe { cuda::module::load_data((&raw const KERNELS.0).cast()) }.map_err(fault::image)?;
        // All of them now: a driver that loads them when they are first used might have no memory left for them then.
        for kernel in launch::names() {
            let function = self.find(&kernel)?;
            self.functions.insert(kernel, function);
        }
        let own = blas::create_handle().map_err(|e| fault::blas("its start", e))?;
        *self.blas() = own;
        // SAFETY: both were just made.
        unsafe { blas::set_stream(own, self.stream.cast()) }.map_err(|e| fault::blas("taking a stream", e))
    }

    fn find(&self, kernel: &str) -> Result<sys::CUfunction, EngineError> {
        let name = CString::new(kernel).map_err(|e| DeviceError::Driver(e.to_string()))?;
        let attribute = sys::CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        // SAFETY: the module is loaded.
        unsafe {
            cuda::module::get_function(self.module, name).and_then(|function| {
                cuda::function::set_function_attribute(function, attribute, MAX_SHARED_BYTES)?;
                Ok(function)
            })
        }
        .map_err(|e| failed(&format!("finding {kernel}"), e))
    }

    /// Makes the context this thread's.
    ///
    /// # Errors
    /// It is lost.
    pub(super) fn bind(&self) -> Result<(), EngineError> {
        // SAFETY: the context lives as long as this.
        unsafe { cuda::ctx::set_current(self.context) }.map_err(|e| failed("its context", e))
    }

    /// A kernel by its name.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn function(&self, kernel: &str) -> Result<sys::CUfunction, EngineError> {
        let unknown =
            || EngineError::from(DeviceError::Driver(format!("the program has no kernel {kernel}")));
        self.functions.get(kernel).copied().ok_or_else(unknown)
    }

    /// cuBLAS, for one thread.
    pub(super) fn blas(&self) -> MutexGuard<'_, blas_sys::cublasHandle_t> {
        self.blas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for all that was asked for. The context must be current.
    ///
    /// # Errors
    /// The GPU failed at some of it.
    pub(super) fn wait(&self) -> Result<(), cuda::DriverError> {
        // SAFETY: the stream lives as long as this.
        unsafe { cuda::stream::synchronize(self.stream) }
    }

    /// Waits for what was just asked for, where each is to be named that fails.
    ///
    /// # Errors
    /// The GPU failed at it.
    pub(super) fn check(&self, what: &str) -> Result<(), EngineError> {
        match self.launches {
            Launches::Asynchronous => Ok(()),
            Launches::Blocking => self.wait().map_err(|e| failed(what, e)),
        }
    }

    /// Gives memory that is not in use back to the system. The context must be current.
    ///
    /// # Errors
    /// The GPU fails.
    pub(super) fn trim(&self) -> Result<(), cuda::DriverError> {
        // What was given back is free only once the stream has come to it.
        self.wait()?;
        // SAFETY: the device's own pool.
        unsafe { cuda::mem_pool::trim_to(self.pool, 0) }
    }

    /// Bytes that could still be had: those that are free, and those that the pool keeps. The context must be current.
    ///
    /// # Errors
    /// The GPU fails.
    pub(super) fn free_bytes(&self) -> Result<usize, cuda::DriverError> {
        use sys::CUmemPool_attribute::{
            CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT as RESERVED, CU_MEMPOOL_ATTR_USED_MEM_CURRENT as USED,
        };
        let (free, _) = cuda::mem_get_info()?;
        let [reserved, used] = [RESERVED, USED].map(|attribute| {
            let mut bytes = 0u64;
            // SAFETY: the device's own pool, and a number of the attribute's type.
            unsafe { cuda::mem_pool::get_attribute(self.pool, attribute, (&raw mut bytes).cast()) }
                .map(|()| bytes as usize)
        });
        Ok(free + reserved?.saturating_sub(used?))
    }

    /// Bytes of its memory. The context must be current.
    ///
    /// # Errors
    /// The GPU fails.
    pub(super) fn total_bytes(&self) -> Result<usize, cuda::DriverError> {
        Ok(cuda::mem_get_info()?.1)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let handle = *self.blas();
        // SAFETY: all were made by `fill` and are used no more; what fails cannot be helped.
        unsafe {
            let _ = cuda::ctx::set_current(self.context);
            if !self.stream.is_null() {
                let _ = cuda::stream::synchronize(self.stream);
            }
            self.pinned.clear();
            if !handle.is_null() {
                let _ = blas::destroy_handle(handle);
            }
            if !self.module.is_null() {
                let _ = cuda::module::unload(self.module);
            }
            if !self.stream.is_null() {
                let _ = cuda::stream::destroy(self.stream);
            }
            let _ = cuda::primary_ctx::release(self.device);
        }
    }
}

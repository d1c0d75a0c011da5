//! GPUs of a pretended CUDA driver: `libcuda.so` and `libcublas.so` of our own, which the program under test finds and
//! loads as it does the real ones.
//!
//! What a stream is asked for is done later, in order. Copies want pinned memory, everything must lie inside its block,
//! memory that was given back is poisoned and watched. A test takes a GPU of its own, may let it fail, and looks at what
//! it was asked for and at what was left behind.

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use std::ffi::{c_char, c_int};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

/// GPUs that there are.
const GPUS: usize = 64;

/// What a GPU was asked for, and what contexts that are gone left behind.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Kernels that were launched.
    pub launches: u64,
    /// Matrix products.
    pub products: u64,
    /// Copies to it.
    pub uploads: u64,
    /// Copies from it.
    pub downloads: u64,
    /// Times that somebody waited for it.
    pub waits: u64,
    /// Blocks of memory.
    pub allocations: u64,
    /// Bytes of its memory in use.
    pub used: u64,
    /// Bytes of the host's memory that are pinned.
    pub pinned: u64,
    /// Most of them at a time.
    pub most_pinned: u64,
    /// How often its context is held.
    pub contexts: u64,
    /// Left behind: blocks of memory.
    pub blocks: u64,
    /// Left behind: pieces of pinned memory.
    pub pieces: u64,
    /// Left behind: events.
    pub events: u64,
    /// Left behind: modules.
    pub modules: u64,
    /// Left behind: streams.
    pub streams: u64,
    /// Left behind: handles of cuBLAS.
    pub handles: u64,
}

impl Look {
    /// What contexts that are gone left behind, and contexts that are not.
    pub fn left(&self) -> u64 {
        self.contexts + self.blocks + self.pieces + self.events + self.modules + self.streams + self.handles
    }
}

/// A GPU that no other test has.
#[derive(Debug)]
pub struct PretendedGpu {
    library: &'static Library,
    ordinal: usize,
}

static FREE: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// The driver's library, loaded before the program under test looks for it: who asks the system for a library of its name
/// from then on is given this one.
fn library() -> Option<&'static Library> {
    static LIBRARY: OnceLock<Option<[Library; 2]>> = OnceLock::new();
    let load = || {
        let folder = Path::new(option_env!("TUNEMASK_PRETENDED_DRIVER")?);
        let open = |name: &str| {
            // SAFETY: the libraries of this package, whose initialisers only fill the list of kernels.
            unsafe { Library::open(Some(folder.join(name)), RTLD_NOW | RTLD_GLOBAL) }
                .inspect_err(|e| eprintln!("the pretended driver cannot be loaded: {e}"))
                .ok()
        };
        let loaded = [open("libcuda.so")?, open("libcublas.so")?];
        *FREE.lock().unwrap_or_else(PoisonError::into_inner) = (0..GPUS).rev().collect();
        Some(loaded)
    };
    LIBRARY.get_or_init(load).as_ref().map(|[driver, _]| driver)
}

impl PretendedGpu {
    /// One that is fresh. `None` where there is no pretended driver, and once all are taken.
    pub fn take() -> Option<Self> {
        let library = library()?;
        let ordinal = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        let taken = Self { library, ordinal };
        // SAFETY: a function of that type in the library, here and below.
        taken.call::<unsafe extern "C" fn(c_int)>("tunemask_gpu_reset", |f, gpu| unsafe { f(gpu) });
        Some(taken)
    }

    fn call<F: Copy>(&self, name: &str, call: impl FnOnce(F, c_int)) {
        // SAFETY: `F` is the function's type, as `driver.cpp` has it.
        match unsafe { self.library.get::<F>(name.as_bytes()) } {
            Ok(function) => call(*function, self.ordinal as c_int),
            Err(error) => eprintln!("{name}: {error}"),
        }
    }

    /// Its number, by which the driver opens it.
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// Gives it so much memory; it has 8 GiB else.
    pub fn set_memory(&self, bytes: u64) {
        type F = unsafe extern "C" fn(c_int, u64);
        // SAFETY: as above.
        self.call::<F>("tunemask_gpu_set_memory", |f, gpu| unsafe { f(gpu, bytes) });
    }

    /// Whether the host has memory that can be pinned.
    pub fn set_pins(&self, pins: bool) {
        type F = unsafe extern "C" fn(c_int, bool);
        // SAFETY: as above.
        self.call::<F>("tunemask_gpu_set_pins", |f, gpu| unsafe { f(gpu, pins) });
    }

    /// Lets the launch behind so many others fail with an error of the driver, and all that is asked for after it.
    pub fn fail_launch(&self, behind: i64, error: c_int) {
        type F = unsafe extern "C" fn(c_int, i64, c_int);
        // SAFETY: as above.
        self.call::<F>("tunemask_gpu_fail_launch", |f, gpu| unsafe { f(gpu, behind, error) });
    }

    /// Lets the call behind so many others give an error of the driver; those after it are as ever.
    pub fn fail_call(&self, behind: i64, error: c_int) {
        type F = unsafe extern "C" fn(c_int, i64, c_int);
        // SAFETY: as above.
        self.call::<F>("tunemask_gpu_fail_call", |f, gpu| unsafe { f(gpu, behind, error) });
    }

    /// What it was asked for so far.
    pub fn look(&self) -> Look {
        type F = unsafe extern "C" fn(c_int, *mut Look);
        let mut look = Look::default();
        // SAFETY: as above.
        self.call::<F>("tunemask_gpu_look", |f, gpu| unsafe { f(gpu, &raw mut look) });
        look
    }

    /// What it was asked for that no program may ask for, a line each.
    pub fn faults(&self) -> String {
        type F = unsafe extern "C" fn(c_int, *mut c_char, usize) -> usize;
        let (mut text, mut bytes) = (vec![0u8; 4096], 0);
        self.call::<F>("tunemask_gpu_faults", |f, gpu| {
            // SAFETY: as above; the text has that much room.
            bytes = unsafe { f(gpu, text.as_mut_ptr().cast(), text.len()) };
        });
        text.truncate(bytes);
        String::from_utf8_lossy(&text).into_owned()
    }
}

impl Drop for PretendedGpu {
    fn drop(&mut self) {
        FREE.lock().unwrap_or_else(PoisonError::into_inner).push(self.ordinal);
    }
}

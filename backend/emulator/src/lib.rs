//! Runs Tunemask's CUDA kernels on the processor, for tests.
//!
//! The very `.cu` files that a GPU runs are compiled by the host's C++ compiler. Threads of a block are fibers
//! with real barriers and shuffles, in blocks of the real size. A barrier that not all threads reach, a read of
//! memory that nothing was written to, a write behind a buffer's end and a result that hangs on the threads'
//! order all show themselves.

/// GPUs of a pretended driver.
#[cfg(target_os = "linux")]
pub mod gpu;

use std::ffi::{CStr, CString, c_char, c_void};

unsafe extern "C" {
    fn tunemask_emulator_launch(
        name: *const c_char,
        grid: *const u32,
        threads: u32,
        shared_bytes: usize,
        params: *const c_void,
        params_bytes: usize,
        backwards: bool,
    ) -> *const c_char;
    fn tunemask_emulator_allocate(bytes: usize) -> *mut c_void;
    fn tunemask_emulator_kernel(number: u32, params_bytes: *mut usize) -> *const c_char;
    fn tunemask_emulator_free(memory: *mut c_void, bytes: usize);
}

/// In which order the threads of a block and the blocks of a grid run. A kernel must not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// First to last.
    Forwards,
    /// Last to first.
    Backwards,
}

/// Runs a kernel over `grid` blocks of `threads`.
///
/// # Errors
/// What it did that no kernel may do, or why there is no such launch.
///
/// # Safety
/// `params` points to the kernel's parameter structure, and the pointers in it reach as far as the kernel does.
pub unsafe fn launch(
    kernel: &str,
    grid: [u32; 3],
    threads: u32,
    shared_bytes: usize,
    params: *const c_void,
    params_bytes: usize,
    order: Order,
) -> Result<(), String> {
    let name = CString::new(kernel).map_err(|e| e.to_string())?;
    let backwards = order == Order::Backwards;
    // SAFETY: the caller's promise; `name` and `grid` live through the call.
    let fault = unsafe {
        tunemask_emulator_launch(
            name.as_ptr(),
            grid.as_ptr(),
            threads,
            shared_bytes,
            params,
            params_bytes,
            backwards,
        )
    };
    if fault.is_null() {
        return Ok(());
    }
    // SAFETY: a message of this thread that ends with a zero.
    Err(unsafe { CStr::from_ptr(fault) }.to_string_lossy().into_owned())
}

/// Memory of the emulated device, as an address: not-a-number all over, and its end is a wall.
pub fn allocate(bytes: usize) -> Option<u64> {
    // SAFETY: asks for memory of its own.
    let memory = unsafe { tunemask_emulator_allocate(bytes) };
    (!memory.is_null()).then_some(memory as u64)
}

/// Gives back what [`allocate`] gave.
///
/// # Safety
/// `memory` and `bytes` are those of one call of [`allocate`], and nothing reads it any more.
pub unsafe fn free(memory: u64, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe { tunemask_emulator_free(memory as *mut c_void, bytes) };
}

/// The names of all kernels.
pub fn kernels() -> Vec<String> {
    let name = |number| {
        let mut bytes = 0usize;
        // SAFETY: writes a size, and gives null or a name that lives as long as the program.
        let name = unsafe { tunemask_emulator_kernel(number, &raw mut bytes) };
        // SAFETY: as above.
        (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
    };
    (0..).map_while(name).collect()
}

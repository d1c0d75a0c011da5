//! A matrix packed in bf16 for products with f32 sums, by oneDNN; what `onednn.cpp` has, made safe.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::NonNull;

/// Rows of a product. A row has the same bits at each place among them (tested in [`super::bf16_matmul`]).
pub const ROWS: usize = 32;

/// Room for what oneDNN says of an error.
const MESSAGE: usize = 256;

unsafe extern "C" {
    fn tunemask_pack(
        matrix: *const f32,
        rows: usize,
        k: usize,
        n: usize,
        transposed: bool,
        message: *mut c_char,
        room: usize,
    ) -> *mut c_void;
    fn tunemask_unpack(packed: *mut c_void);
    fn tunemask_packed_bytes(packed: *const c_void, bytes: *mut usize) -> *const u8;
    fn tunemask_product(
        packed: *const c_void,
        input: *const u16,
        output: *mut f32,
        message: *mut c_char,
        room: usize,
    ) -> bool;
}

fn text(message: &[c_char; MESSAGE]) -> String {
    // SAFETY: the shim ends what it writes with a zero, and the array begins as zeros.
    unsafe { CStr::from_ptr(message.as_ptr()) }.to_string_lossy().into_owned()
}

/// How a matrix `[k, n]` lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transpose {
    /// As `[k, n]`, row by row.
    No,
    /// As `[n, k]`, row by row.
    Yes,
}

/// A matrix `[k, n]` in the order in which the processor reads it best.
pub struct Packed {
    handle: NonNull<c_void>,
    k: usize,
    n: usize,
}

// SAFETY: after `new` nothing writes what the handle stands for: a product's working memory is its thread's.
unsafe impl Send for Packed {}
// SAFETY: a product only reads the packed matrix.
unsafe impl Sync for Packed {}

impl Packed {
    /// Rounds a matrix to bf16 and packs it.
    ///
    /// # Errors
    /// What oneDNN says if it has no such product on this processor, or no memory.
    pub fn new(matrix: &[f32], k: usize, n: usize, transpose: Transpose) -> Result<Self, String> {
        assert_eq!(matrix.len(), k * n, "a {k} x {n} matrix");
        let (mut message, transposed) = ([0; MESSAGE], transpose == Transpose::Yes);
        // SAFETY: the matrix has k · n scalars, and the message its room.
        let handle =
            unsafe { tunemask_pack(matrix.as_ptr(), ROWS, k, n, transposed, message.as_mut_ptr(), MESSAGE) };
        NonNull::new(handle).map(|handle| Self { handle, k, n }).ok_or_else(|| text(&message))
    }

    /// Rows of the matrix.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Its columns.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The packed bytes.
    pub fn bytes(&self) -> &[u8] {
        let mut bytes = 0;
        // SAFETY: the matrix lives as long as `self`, and nothing writes it.
        unsafe {
            let start = tunemask_packed_bytes(self.handle.as_ptr(), &mut bytes);
            std::slice::from_raw_parts(start, bytes)
        }
    }

    /// `output[ROWS, n] = input[ROWS, k] · matrix`; `input` holds bf16 by its bits.
    ///
    /// # Errors
    /// What oneDNN says if it fails, as without memory.
    pub fn product(&self, input: &[u16], output: &mut [f32]) -> Result<(), String> {
        assert!(input.len() == ROWS * self.k && output.len() == ROWS * self.n, "{ROWS} rows");
        let mut message = [0; MESSAGE];
        // SAFETY: the lengths are those that the product was made for.
        let done = unsafe {
            let (input, output) = (input.as_ptr(), output.as_mut_ptr());
            tunemask_product(self.handle.as_ptr(), input, output, message.as_mut_ptr(), MESSAGE)
        };
        if done { Ok(()) } else { Err(text(&message)) }
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        // SAFETY: the handle came from `tunemask_pack` and ends here.
        unsafe { tunemask_unpack(self.handle.as_ptr()) }
    }
}

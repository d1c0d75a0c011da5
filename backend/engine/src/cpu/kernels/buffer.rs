//! Buffers that grow where a batch wants more.

/// Grows a buffer to `n` scalars and gives these.
pub fn room(buffer: &mut Vec<f32>, n: usize) -> &mut [f32] {
    if buffer.len() < n {
        buffer.resize(n, 0.0);
    }
    &mut buffer[..n]
}

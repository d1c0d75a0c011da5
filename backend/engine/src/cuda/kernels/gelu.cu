// gelu.rs and activation.rs on the GPU: bias and activation in one pass, and back. The backward pass computes the
// derivative again.
#include "activation.cuh"

struct Gelu {
    const Chunk *chunks;
    const void *product; // T [rows, width]
    Vectors bias;
    void *out;      // T [rows, width]: forward the activation's output; backward the gradient to it, then to its input
    float *partial; // backward [chunks, PARTS, width]: column sums; null if nobody asks
    u32 width, activation;
};

// Grid: chunks, PARTS, columns / 256.
template <typename T> DEVICE void gelu_forward(const Gelu &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 column = blockIdx.z * 256 + threadIdx.x;
    if (column >= p.width) return;
    const float bias = p.bias[chunk.member][column];
    const u32 first = blockIdx.y * BLOCK_ROWS, last = min(first + BLOCK_ROWS, chunk.rows);
    const T *product = static_cast<const T *>(p.product);
    T *out = static_cast<T *>(p.out);
#pragma unroll 8
    for (u32 i = first; i < last; ++i) {
        const float u = load(product[(u64)(chunk.product + i) * p.width + column]) + bias;
        store(out[(u64)(chunk.out + i) * p.width + column], activate(p.activation, u));
    }
}
KERNELS(gelu_forward, Gelu, 256)

template <typename T> DEVICE void gelu_backward(const Gelu &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 column = blockIdx.z * 256 + threadIdx.x;
    if (column >= p.width) return;
    const float bias = p.bias[chunk.member][column];
    const u32 first = blockIdx.y * BLOCK_ROWS, last = min(first + BLOCK_ROWS, chunk.rows);
    const T *product = static_cast<const T *>(p.product);
    T *out = static_cast<T *>(p.out);
    float sum = 0.0f;
#pragma unroll 8
    for (u32 i = first; i < last; ++i) {
        const float u = load(product[(u64)(chunk.product + i) * p.width + column]) + bias;
        T &place = out[(u64)(chunk.out + i) * p.width + column];
        const float grad = load(place) * activation_grad(p.activation, u);
        store(place, grad);
        sum += grad;
    }
    if (p.partial) p.partial[((u64)blockIdx.x * PARTS + blockIdx.y) * p.width + column] = sum;
}
KERNELS(gelu_backward, Gelu, 256)

// dense_head.rs on the GPU: the dense layer that a family's head has in a pooler's place. It is each member's own, so its
// rows are those of the head's level, and its weights f32 in the member's head, behind the outputs': weight [width, width],
// then bias [width].
#include "activation.cuh"

struct DenseInputs {
    const Chunk *chunks; // rows are reads
    const Draw *draws;
    const u32 *examples, *positions;
    const void *features; // T [rows, width]: the encoder's output, read at the residual's rows: those of two levels below
    float *inputs;        // [reads, width]
    u32 width;
    Site site;
};

// What the layer reads. A warp a read.
template <typename T> DEVICE void dense_inputs(const DenseInputs &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, i = blockIdx.y * BLOCK_ROWS + warp;
    if (i >= chunk.rows) return;
    const u32 width = p.width, b = (width + 3) / 4, row = chunk.row + i;
    const T *features = static_cast<const T *>(p.features) + (u64)(chunk.residual + i) * width;
    float *inputs = p.inputs + (u64)(chunk.out + i) * width;
    const Draw draw = p.draws[chunk.member];
    for (u32 c = lane; c < b; c += 32) {
        const Four f = factors(p.site, draw, p.examples[row], p.positions[row] * b + c);
#pragma unroll
        for (u32 q = 0; q < 4; ++q) {
            const u32 e = q * b + c;
            if (e < width) inputs[e] = f.of[q] * load(features[e]);
        }
    }
}
KERNELS(dense_inputs, DenseInputs, 32 * BLOCK_ROWS)

struct DenseForward {
    const Chunk *chunks;
    const float *inputs;      // [reads, width]
    const float *const *head; // of each member
    float *out, *act_grad;      // [reads, width]; the activation's output and derivative
    u32 width, first;         // the layer's first scalar in the head
    u32 activation, padding;
};

// Eight outputs of eight reads, a warp an output. Grid: chunks, PARTS, outputs / 8.
DEVICE void dense_forward(const DenseForward &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, o = blockIdx.z * 8 + warp, width = p.width;
    const u32 first = blockIdx.y * BLOCK_ROWS;
    if (first >= chunk.rows || o >= width) return;
    const u32 rows = min(BLOCK_ROWS, chunk.rows - first);
    const float *dense = p.head[chunk.member] + p.first, *weight = dense + (u64)o * width;
    const u64 at = (u64)(chunk.out + first) * width;
    float sums[BLOCK_ROWS] = {};
    for (u32 e = lane; e < width; e += 32) {
        const float w = weight[e];
#pragma unroll
        for (u32 i = 0; i < BLOCK_ROWS; ++i)
            if (i < rows) sums[i] += w * p.inputs[at + (u64)i * width + e];
    }
    const float bias = dense[(u64)width * width + o];
#pragma unroll
    for (u32 i = 0; i < BLOCK_ROWS; ++i) {
        const float u = warp_sum(sums[i]) + bias;
        if (i < rows && lane == 0) {
            p.out[at + (u64)i * width + o] = activate(p.activation, u);
            p.act_grad[at + (u64)i * width + o] = activation_grad(p.activation, u);
        }
    }
}
KERNEL(dense_forward, DenseForward, 256)

struct DenseBackward {
    const Chunk *chunks; // of the encoder's output
    const Draw *draws;
    const u32 *examples, *positions;
    const float *grad;        // [reads, width]: to the layer's sums
    const float *const *head; // of each member
    void *out;                // T [rows, width]: to the encoder's output
    u32 width, first;
    Site site;
};

// A column of eight reads a thread. Grid: chunks, PARTS, columns / 256.
template <typename T> DEVICE void dense_backward(const DenseBackward &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 column = blockIdx.z * 256 + threadIdx.x, width = p.width, first = blockIdx.y * BLOCK_ROWS;
    if (first >= chunk.rows || column >= width) return;
    const u32 rows = min(BLOCK_ROWS, chunk.rows - first), b = (width + 3) / 4;
    const float *weight = p.head[chunk.member] + p.first;
    const u64 at = (u64)(chunk.out + first) * width;
    float sums[BLOCK_ROWS] = {};
    for (u32 o = 0; o < width; ++o) {
        const float w = weight[(u64)o * width + column];
#pragma unroll
        for (u32 i = 0; i < BLOCK_ROWS; ++i)
            if (i < rows) sums[i] += w * p.grad[at + (u64)i * width + o];
    }
    const Draw draw = p.draws[chunk.member];
#pragma unroll
    for (u32 i = 0; i < BLOCK_ROWS; ++i) {
        if (i >= rows) break;
        const u32 row = chunk.row + first + i;
        const Four f = factors(p.site, draw, p.examples[row], p.positions[row] * b + column % b);
        store(static_cast<T *>(p.out)[at + (u64)i * width + column], f.of[column / b] * sums[i]);
    }
}
KERNELS(dense_backward, DenseBackward, 256)

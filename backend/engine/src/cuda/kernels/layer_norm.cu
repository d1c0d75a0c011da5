// layer_norm.rs on the GPU: bias, dropout, residual and LayerNorm in one pass, and back.
#include "normalise.cuh"

struct NormForward {
    const Chunk *chunks;
    const Draw *draws;
    const u32 *examples, *positions; // of each row of the packed batch
    const void *product, *residual;  // T [rows, width]
    Vectors bias, gamma, beta;
    void *x_hats, *out; // T [rows, width]
    float *rstd;  // [rows]
    u32 width;
    float epsilon;
    Site site;
};

// Shared: BLOCK_ROWS rows of f32.
template <typename T> DEVICE void norm_forward(const NormForward &p) {
    SHARED(float, shared);
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, i = blockIdx.y * BLOCK_ROWS + warp;
    if (i >= chunk.rows) return;
    const u32 width = p.width, b = (width + 3) / 4;
    float *z = shared + warp * width;
    const T *product = static_cast<const T *>(p.product) + (u64)(chunk.product + i) * width;
    const T *residual = static_cast<const T *>(p.residual) + (u64)(chunk.residual + i) * width;
    const float *bias = p.bias[chunk.member], *gamma = p.gamma[chunk.member], *beta = p.beta[chunk.member];
    const u32 example = p.examples[chunk.row + i], position = p.positions[chunk.row + i];
    const Draw draw = p.draws[chunk.member];
    for (u32 c = lane; c < b; c += 32) {
        const Four f = factors(p.site, draw, example, position * b + c);
#pragma unroll
        for (u32 q = 0; q < 4; ++q) {
            const u32 e = q * b + c;
            if (e < width) z[e] = f.of[q] * (load(product[e]) + bias[e]) + load(residual[e]);
        }
    }
    const float rstd = normalise(z, width, p.epsilon);
    const u64 at = (u64)(chunk.out + i) * width;
    T *x_hats = static_cast<T *>(p.x_hats) + at, *out = static_cast<T *>(p.out) + at;
    for (u32 c = lane; c < b; c += 32)
        for (u32 e = c; e < width; e += b) {
            store(out[e], gamma[e] * z[e] + beta[e]);
            if (chunk.kept) store(x_hats[e], z[e]);
        }
    if (chunk.kept && lane == 0) p.rstd[chunk.out + i] = rstd;
}
KERNELS(norm_forward, NormForward, 32 * BLOCK_ROWS)

struct NormBackward {
    const Chunk *chunks;
    const Draw *draws;
    const u32 *examples, *positions;
    void *grad; // T [rows, width]: in dy, out the gradient to z
    const void *x_hats;
    const float *rstd;
    Vectors gamma;
    void *product;  // T [rows, width]: the gradient to the product; null behind the embeddings
    float *partial; // [chunks, PARTS, 3 width]: Σ dy ⊙ x̂, Σ dy, Σ d product; null if nobody asks
    u32 width;
    u32 after; // 1 where dropout follows the LayerNorm: the embeddings
    Site site;
};

// Shared: the two means of BLOCK_ROWS rows.
template <typename T> DEVICE void norm_backward(const NormBackward &p) {
    SHARED(float, means);
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 width = p.width, b = (width + 3) / 4, warps = blockDim.x / 32;
    const u32 first = min(blockIdx.y * BLOCK_ROWS, chunk.rows), rows = min(chunk.rows - first, BLOCK_ROWS);
    const float *gamma = p.gamma[chunk.member];
    const Draw draw = p.draws[chunk.member];
    T *grad = static_cast<T *>(p.grad) + (u64)(chunk.out + first) * width;
    const T *x_hats = static_cast<const T *>(p.x_hats) + (u64)(chunk.out + first) * width;
    for (u32 i = threadIdx.x / 32; i < rows; i += warps) {
        const u32 at = chunk.row + first + i;
        float sum = 0.0f, dot = 0.0f;
        for (u32 c = threadIdx.x % 32; c < b; c += 32) {
            Four f = {{1.0f, 1.0f, 1.0f, 1.0f}};
            if (p.after) f = factors(p.site, draw, p.examples[at], p.positions[at] * b + c);
#pragma unroll
            for (u32 q = 0; q < 4; ++q) {
                const u32 e = q * b + c;
                if (e < width) {
                    const float scaled = f.of[q] * load(grad[(u64)i * width + e]) * gamma[e];
                    sum += scaled;
                    dot += scaled * load(x_hats[(u64)i * width + e]);
                }
            }
        }
        sum = warp_sum(sum);
        dot = warp_sum(dot);
        if (threadIdx.x % 32 == 0) {
            means[2 * i] = sum / width;
            means[2 * i + 1] = dot / width;
        }
    }
    __syncthreads();
    for (u32 c = threadIdx.x; c < b; c += blockDim.x) {
        float dgamma[4] = {}, dbeta[4] = {}, dbias[4] = {};
        for (u32 i = 0; i < rows; ++i) {
            const u32 at = chunk.row + first + i;
            const Four f = factors(p.site, draw, p.examples[at], p.positions[at] * b + c);
            const float mean = means[2 * i], dot = means[2 * i + 1], rstd = p.rstd[chunk.out + first + i];
#pragma unroll
            for (u32 q = 0; q < 4; ++q) {
                const u32 e = q * b + c;
                if (e < width) {
                    const u64 place = (u64)i * width + e;
                    const float dy = (p.after ? f.of[q] : 1.0f) * load(grad[place]), x_hat = load(x_hats[place]);
                    const float dz = rstd * (dy * gamma[e] - mean - x_hat * dot);
                    store(grad[place], dz);
                    dgamma[q] += dy * x_hat;
                    dbeta[q] += dy;
                    if (p.product) {
                        const float dproduct = dz * f.of[q];
                        store(static_cast<T *>(p.product)[(u64)(chunk.out + first) * width + place], dproduct);
                        dbias[q] += dproduct;
                    }
                }
            }
        }
        if (p.partial) {
            float *sums = p.partial + ((u64)blockIdx.x * PARTS + blockIdx.y) * 3 * width;
#pragma unroll
            for (u32 q = 0; q < 4; ++q) {
                const u32 e = q * b + c;
                if (e < width) {
                    sums[e] = dgamma[q];
                    sums[width + e] = dbeta[q];
                    sums[2 * width + e] = dbias[q];
                }
            }
        }
    }
}
KERNELS(norm_backward, NormBackward, 256)

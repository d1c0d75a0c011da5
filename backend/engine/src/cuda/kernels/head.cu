// head.rs on the GPU: the pooler's tanh, dropout, logits, losses, and back. A read is a row that the head reads.
#include "common.cuh"

struct HeadForward {
    const Chunk *chunks; // rows are reads
    const Draw *draws;
    const u32 *examples, *positions;
    const void *product;   // T [rows, width]: the pooler's product, or the encoder's output where there is no pooler;
                           // read at the residual's rows: those of two levels below
    const float *features; // [reads, width]: a dense layer's output, read instead where there is one
    Vectors bias;          // the pooler's; null without one
    const float *const *head; // of each member: weight [outputs, width], then bias [outputs]
    float *pooled, *dropped;  // [reads, width]; pooled only with a pooler
    float *logits;            // [reads, outputs]
    u32 width, outputs;
    Site site;
};

// A warp a read. Shared: BLOCK_ROWS rows of f32.
template <typename T> DEVICE void head_forward(const HeadForward &p) {
    SHARED(float, shared);
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, i = blockIdx.y * BLOCK_ROWS + warp;
    if (i >= chunk.rows) return;
    const u32 width = p.width, b = (width + 3) / 4, row = chunk.row + i;
    const u64 at = (u64)(chunk.out + i) * width;
    const T *product = static_cast<const T *>(p.product) + (u64)(chunk.residual + i) * width;
    float *x = shared + warp * width;
    const Draw draw = p.draws[chunk.member];
    for (u32 c = lane; c < b; c += 32) {
        const Four f = factors(p.site, draw, p.examples[row], p.positions[row] * b + c);
#pragma unroll
        for (u32 q = 0; q < 4; ++q) {
            const u32 e = q * b + c;
            if (e < width) {
                float value = p.features ? p.features[at + e] : load(product[e]);
                if (p.bias) {
                    value = tanhf(value + p.bias[chunk.member][e]);
                    p.pooled[at + e] = value;
                }
                x[e] = f.of[q] * value;
                p.dropped[at + e] = x[e];
            }
        }
    }
    const float *weight = p.head[chunk.member], *bias = weight + (u64)p.outputs * width;
    for (u32 o = 0; o < p.outputs; ++o) {
        float sum = 0.0f;
        for (u32 c = lane; c < b; c += 32)
            for (u32 e = c; e < width; e += b) sum += weight[(u64)o * width + e] * x[e];
        sum = warp_sum(sum);
        if (lane == 0) p.logits[(u64)(chunk.out + i) * p.outputs + o] = sum + bias[o];
    }
}
KERNELS(head_forward, HeadForward, 32 * BLOCK_ROWS)

struct Loss {
    const float *logits;  // [reads, outputs]
    const float *targets; // [reads]; of a binary cross-entropy [reads, outputs]
    const u32 *firsts;    // [members + 1]: first read of each member of the wave
    const u32 *wave;      // [members]: which of the gang's each is
    const double *divisors; // [members] of the wave
    const float *weights; // [outputs]: of a cross-entropy's classes; null where all are 1
    float *d_logits;        // [reads, outputs]
    double *losses;       // one a member of the gang
    u32 outputs;
    u32 function; // 0: squared error; 1: cross-entropy; 2: binary cross-entropy
};

// A member's losses, each with its class's weight, summed over its reads and divided, and over the labels of a binary cross-entropy
// their mean; and its gradient to the logits. Grid: members. Shared: 128 f64.
DEVICE void loss(const Loss &p) {
    SHARED(double, sums);
    const u32 first = p.firsts[blockIdx.x], reads = p.firsts[blockIdx.x + 1] - first;
    const double divisor = p.divisors[blockIdx.x];
    double total = 0.0;
    for (u32 i = threadIdx.x; i < reads; i += blockDim.x) {
        const float *row = p.logits + (u64)(first + i) * p.outputs;
        float *grad = p.d_logits + (u64)(first + i) * p.outputs;
        if (p.function == 1) {
            float most = -INFINITY;
            for (u32 o = 0; o < p.outputs; ++o) most = fmaxf(most, row[o]);
            double norm = 0.0;
            for (u32 o = 0; o < p.outputs; ++o) norm += exp((double)(row[o] - most));
            const u32 label = (u32)p.targets[first + i];
            const double weight = p.weights ? (double)p.weights[label] : 1.0;
            total += weight * (log(norm) - (double)(row[label] - most));
            for (u32 o = 0; o < p.outputs; ++o)
                grad[o] = (float)(weight * (exp((double)(row[o] - most)) / norm - (o == label ? 1.0 : 0.0)) / divisor);
        } else if (p.function == 2) {
            const float *targets = p.targets + (u64)(first + i) * p.outputs;
            double sum = 0.0;
            for (u32 o = 0; o < p.outputs; ++o) {
                const double x = row[o], t = targets[o];
                sum += fmax(x, 0.0) - t * x + log1p(exp(-fabs(x)));
                grad[o] = (float)((1.0 / (1.0 + exp(-x)) - t) / (divisor * p.outputs));
            }
            total += sum / p.outputs;
        } else {
            const double error = (double)row[0] - (double)p.targets[first + i];
            total += error * error;
            grad[0] = (float)(2.0 * error / divisor);
        }
    }
    sums[threadIdx.x] = total;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (u32 i = 1; i < blockDim.x; ++i) total += sums[i];
        p.losses[p.wave[blockIdx.x]] = total / divisor;
    }
}
KERNEL(loss, Loss, 128)

struct HeadGradient {
    const float *d_logits;  // [reads, outputs]
    const float *dropped; // [reads, width]
    const u32 *firsts, *wave;
    float *const *gradients; // of each member of the gang's head: from `first` on weight [outputs, width], then bias [outputs]
    u32 width, outputs;
    u64 first;
};

// 32 columns of one output of one member, the last column the bias; as `collect`. Grid: outputs, (width + 1) / 32,
// members. Shared: 256 f32.
DEVICE void head_gradient(const HeadGradient &p) {
    SHARED(float, sums);
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, column = blockIdx.y * 32 + lane, o = blockIdx.x;
    const u32 first = p.firsts[blockIdx.z], count = p.firsts[blockIdx.z + 1] - first, run = (count + 7) / 8;
    float sum = 0.0f;
    if (column <= p.width)
        for (u32 i = warp * run; i < min((warp + 1) * run, count); ++i)
            sum += p.d_logits[(u64)(first + i) * p.outputs + o] *
                   (column < p.width ? p.dropped[(u64)(first + i) * p.width + column] : 1.0f);
    sum = sum_of_warps(sums, sum);
    if (warp == 0 && column <= p.width)
        (p.gradients[p.wave[blockIdx.z]] + p.first)[column < p.width ? (u64)o * p.width + column : (u64)p.outputs * p.width + o] = sum;
}
KERNEL(head_gradient, HeadGradient, 256)

struct HeadBackward {
    const Chunk *chunks;
    const Draw *draws;
    const u32 *examples, *positions;
    const float *d_logits; // [reads, outputs]
    const float *const *head;
    const float *pooled; // null without a pooler
    const float *act_grad; // of a dense layer [reads, width]; null without one
    void *product;       // T [reads, width]: gradient to what `head_forward` read; with act_grad f32, to the layer's sums
    u32 width, outputs;
    Site site;
};

// A warp a read.
template <typename T> DEVICE void head_backward(const HeadBackward &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, i = blockIdx.y * BLOCK_ROWS + warp;
    if (i >= chunk.rows) return;
    const u32 width = p.width, b = (width + 3) / 4, row = chunk.row + i;
    const u64 at = (u64)(chunk.out + i) * width;
    const float *d_logits = p.d_logits + (u64)(chunk.out + i) * p.outputs, *weight = p.head[chunk.member];
    const Draw draw = p.draws[chunk.member];
    for (u32 c = lane; c < b; c += 32) {
        const Four f = factors(p.site, draw, p.examples[row], p.positions[row] * b + c);
#pragma unroll
        for (u32 q = 0; q < 4; ++q) {
            const u32 e = q * b + c;
            if (e < width) {
                float back = 0.0f;
                for (u32 o = 0; o < p.outputs; ++o) back += d_logits[o] * weight[(u64)o * width + e];
                back *= f.of[q];
                if (p.pooled) back *= 1.0f - p.pooled[at + e] * p.pooled[at + e];
                if (p.act_grad)
                    static_cast<float *>(p.product)[at + e] = back * p.act_grad[at + e];
                else
                    store(static_cast<T *>(p.product)[at + e], back);
            }
        }
    }
}
KERNELS(head_backward, HeadBackward, 32 * BLOCK_ROWS)

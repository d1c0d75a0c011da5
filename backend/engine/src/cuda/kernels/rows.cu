// Column sums by member, and rows picked out and put back.
#include "common.cuh"

struct ColumnSums {
    const Chunk *chunks;
    const void *from; // T: row `out + i` of a chunk starts at (out + i) · stride
    float *partial;   // [chunks, PARTS, width]
    u32 stride, width;
};

// Grid: chunks, PARTS, columns / 256.
template <typename T> DEVICE void column_sums(const ColumnSums &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 column = blockIdx.z * 256 + threadIdx.x;
    if (column >= p.width) return;
    const u32 first = blockIdx.y * BLOCK_ROWS, last = min(first + BLOCK_ROWS, chunk.rows);
    float sum = 0.0f;
#pragma unroll 8
    for (u32 i = first; i < last; ++i)
        sum += load(static_cast<const T *>(p.from)[(u64)(chunk.out + i) * p.stride + column]);
    p.partial[((u64)blockIdx.x * PARTS + blockIdx.y) * p.width + column] = sum;
}
KERNELS(column_sums, ColumnSums, 256)

struct Collect {
    const float *partial;   // [chunks, PARTS, width]
    const u32 *firsts;      // [members + 1]: first chunk of each member of the wave
    const u32 *wave;        // [members]: which of the gang's each is
    float *const *targets;  // [width / vector, stride]: where a member's sums of a vector go; null if it trains none
    u32 width, vector, stride;
    u32 first; // place in the target of its first sum
};

// 32 columns of one member: eight warps add up eight runs of its chunks' parts, and the runs' sums are added in
// order. Grid: columns / 32, members. Shared: 256 f32.
DEVICE void collect(const Collect &p) {
    SHARED(float, sums);
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, member = blockIdx.y;
    const u32 column = blockIdx.x * 32 + lane;
    const u32 first = p.firsts[member] * PARTS, count = p.firsts[member + 1] * PARTS - first, run = (count + 7) / 8;
    float *target = column < p.width ? p.targets[column / p.vector * p.stride + p.wave[member]] : nullptr;
    float sum = 0.0f;
    if (target)
        for (u32 i = warp * run; i < min((warp + 1) * run, count); ++i)
            sum += p.partial[(u64)(first + i) * p.width + column];
    sum = sum_of_warps(sums, sum);
    if (warp == 0 && target) target[p.first + column % p.vector] = sum;
}
KERNEL(collect, Collect, 256)

struct PickRows {
    const u32 *rows; // which row of `from` (or, put back, of `to`) each is; none twice
    const void *from;
    void *to;
    u32 width, padding;
};

// Grid: rows.
template <typename T> DEVICE void gather_rows(const PickRows &p) {
    const T *from = static_cast<const T *>(p.from) + (u64)p.rows[blockIdx.x] * p.width;
    T *to = static_cast<T *>(p.to) + (u64)blockIdx.x * p.width;
    for (u32 e = threadIdx.x; e < p.width; e += blockDim.x) to[e] = from[e];
}
KERNELS(gather_rows, PickRows, 128)

template <typename T> DEVICE void add_rows(const PickRows &p) {
    const T *from = static_cast<const T *>(p.from) + (u64)blockIdx.x * p.width;
    T *to = static_cast<T *>(p.to) + (u64)p.rows[blockIdx.x] * p.width;
    for (u32 e = threadIdx.x; e < p.width; e += blockDim.x) store(to[e], load(to[e]) + load(from[e]));
}
KERNELS(add_rows, PickRows, 128)

struct Round {
    const float *from;
    bf16 *to;
    u64 count;
};

// The bf16 copy of f32 scalars. Grid: enough blocks of 1024 scalars.
DEVICE void round_all(const Round &p) {
    const u64 first = (u64)blockIdx.x * 1024;
    for (u32 i = threadIdx.x; i < 1024; i += blockDim.x)
        if (first + i < p.count) store(p.to[first + i], p.from[first + i]);
}
KERNEL(round_all, Round, 256)

struct Digest {
    const u32 *from;
    u64 *sums; // one a block
    u64 count;
};

// Sums of a hash of each word and its place (Steele et al., 2014): whole numbers, so no order shows. Grid: blocks of
// 4096 words. Shared: 8 u64.
DEVICE void digest(const Digest &p) {
    SHARED(u64, sums);
    const u64 first = (u64)blockIdx.x * 4096;
    u64 sum = 0;
    for (u32 i = threadIdx.x; i < 4096; i += 256) {
        if (first + i >= p.count) break;
        u64 x = ((first + i) << 32 ^ p.from[first + i]) + 0x9E3779B97F4A7C15ull * (first + i + 1);
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
        x = (x ^ x >> 27) * 0x94D049BB133111EBull;
        sum += x ^ x >> 31;
    }
    for (u32 other = 16; other; other /= 2) sum += __shfl_xor_sync(ALL_LANES, sum, other);
    if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x != 0) return;
    for (u32 w = 1; w < 8; ++w) sum += sums[w];
    p.sums[blockIdx.x] = sum;
}
KERNEL(digest, Digest, 256)

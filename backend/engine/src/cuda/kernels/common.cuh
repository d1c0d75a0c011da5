// What all kernels share: types, numbers, chunks of rows, dropout (dropout.rs has its definition).
//
// Each kernel is a function of one parameter structure, templated over the type T of activations: f32 or bf16.
// Sums, statistics and vectors are f32. No kernel adds with atomics: the same input gives the same bits.
#pragma once

#ifdef TUNEMASK_EMULATOR
#include "emulator.hpp"
#define DEVICE static inline
#define DEVICE_METHOD inline
#define SHARED(Type, name) Type *name = reinterpret_cast<Type *>(emulator::running.shared)
#define KERNEL(name, Params, threads)                                                                                  \
    static emulator::Entry entry_##name(                                                                               \
        "tunemask_" #name, [](const void *p) { name(*static_cast<const Params *>(p)); }, sizeof(Params), threads);
#define KERNEL_AS(symbol, function, Params, threads)                                                                   \
    static emulator::Entry entry_##symbol(                                                                             \
        "tunemask_" #symbol, [](const void *p) { function(*static_cast<const Params *>(p)); }, sizeof(Params),         \
        threads);
#else
#include <cstdint>
#define DEVICE static __device__ __forceinline__
#define DEVICE_METHOD __device__ __forceinline__
#define SHARED(Type, name) Type *name = reinterpret_cast<Type *>(tunemask_shared)
#define KERNEL(name, Params, threads)                                                                                  \
    extern "C" __global__ void __launch_bounds__(threads) tunemask_##name(const __grid_constant__ Params p) {          \
        name(p);                                                                                                       \
    }
#define KERNEL_AS(symbol, function, Params, threads)                                                                   \
    extern "C" __global__ void __launch_bounds__(threads) tunemask_##symbol(const __grid_constant__ Params p) {        \
        function(p);                                                                                                   \
    }
extern __shared__ float4 tunemask_shared[];
#endif

// A kernel for each type of activations.
#define KERNELS(name, Params, threads)                                                                                 \
    KERNEL_AS(name##_f32, name<float>, Params, threads)                                                                \
    KERNEL_AS(name##_bf16, name<bf16>, Params, threads)

typedef uint32_t u32;
typedef uint64_t u64;

// The upper half of an f32.
struct bf16 {
    uint16_t bits;
};

DEVICE float load(float x) { return x; }
DEVICE float load(bf16 x) { return __uint_as_float((u32)x.bits << 16); }
DEVICE void store(float &to, float x) { to = x; }
DEVICE void store(bf16 &to, float x) {
#ifdef __CUDA_ARCH__
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to.bits) : "f"(x));
#else
    // Round to nearest, ties to even; not-a-number stays one.
    u32 bits = __float_as_uint(x);
    to.bits = x != x ? 0x7fff : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
#endif
}

constexpr u32 ALL_LANES = 0xffffffffu;

DEVICE float warp_sum(float x) {
    for (u32 other = 16; other; other /= 2) x += __shfl_xor_sync(ALL_LANES, x, other);
    return x;
}
DEVICE double warp_sum(double x) {
    for (u32 other = 16; other; other /= 2) x += __shfl_xor_sync(ALL_LANES, x, other);
    return x;
}
DEVICE float warp_max(float x) {
    for (u32 other = 16; other; other /= 2) x = fmaxf(x, __shfl_xor_sync(ALL_LANES, x, other));
    return x;
}

// In the first of a block's eight warps the sums of all eight, lane by lane, added in the warps' order. All threads must call it.
// Shared: 256 f32.
DEVICE float sum_of_warps(float *sums, float sum) {
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    sums[threadIdx.x] = sum;
    __syncthreads();
    if (warp == 0)
        for (u32 w = 1; w < 8; ++w) sum += sums[32 * w + lane];
    return sum;
}

// Rows of one member or trunk, at most 32, never of two. Row i of a chunk is row `out + i` of this level's layout,
// `product + i` of the product's, `residual + i` of the residual's, `row + i` of the packed batch.
struct Chunk {
    u32 member; // whose vectors and dropout it reads
    u32 out, product, residual, row;
    u32 rows;
    u32 kept; // whether the backward pass needs what it computes
};

// A block of a row kernel works on 8 rows: a chunk is PARTS blocks, blockIdx.y tells which.
constexpr u32 BLOCK_ROWS = 8;
constexpr u32 PARTS = 4;

// A member's dropout key. Seed and purpose stand in the key already.
struct Draw {
    u32 key[2];
    u32 step;
    u32 on;
};

// A dropout site of a model: which, and the threshold and factor of its probability.
struct Site {
    u32 number;
    u32 threshold;
    float keep;
};

struct Words {
    u32 word[4];
};

DEVICE Words philox(u32 c0, u32 c1, u32 c2, u32 c3, u32 k0, u32 k1) {
#pragma unroll
    for (u32 round = 0; round < 10; ++round) {
        u32 high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        u32 high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}

// The factors of elements c, c + b, c + 2b, c + 3b of a row, b = ⌈width / 4⌉; `counter` is row · b + c.
struct Four {
    float of[4];
};
DEVICE Four factors(const Site &site, const Draw &draw, u32 example, u32 counter) {
    Four f = {{1.0f, 1.0f, 1.0f, 1.0f}};
    if (draw.on && site.threshold) {
        Words w = philox(counter, example, site.number, draw.step, draw.key[0], draw.key[1]);
        for (u32 q = 0; q < 4; ++q) f.of[q] = w.word[q] < site.threshold ? 0.0f : site.keep;
    }
    return f;
}

// A vector of each member: one pointer a member.
typedef const float *const *Vectors;

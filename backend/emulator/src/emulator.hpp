// What the kernels use of CUDA C++, on the processor. Threads of a block are fibers that run one at a time, from
// barrier to barrier; blocks run one after the other. See emulator.cpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

using std::isfinite;

struct float4 {
    float x, y, z, w;
};

namespace emulator {

struct Index {
    unsigned x, y, z;
};

enum class State { ready, at_block_barrier, at_warp_barrier, done };

struct Fiber {
    void *stack_pointer;
    Index thread;
    State state;
    unsigned turn; // which of the two shuffle slots is next
};

// The block that is running on this thread of the host.
struct Block {
    Index block, grid, dim;
    Fiber *fiber;
    unsigned char *shared;
    uint64_t (*slots)[2][32]; // [warp][turn][lane]
    const char *fault;
};

extern thread_local Block running;

void wait(State state);

// Every lane gives a value and takes that of lane `from(lane)`.
template <typename T> T shuffle(unsigned mask, T value, unsigned from) {
    static_assert(sizeof(T) <= sizeof(uint64_t), "a shuffled value fills a slot");
    Fiber *fiber = running.fiber;
    unsigned lane = fiber->thread.x % 32, warp = fiber->thread.x / 32, turn = fiber->turn;
    if (mask != 0xffffffffu) running.fault = "a warp operation without all lanes";
    fiber->turn ^= 1;
    std::memcpy(&running.slots[warp][turn][lane], &value, sizeof(T));
    wait(State::at_warp_barrier);
    T result;
    std::memcpy(&result, &running.slots[warp][turn][from % 32], sizeof(T));
    return result;
}

using Body = void (*)(const void *params);

// Puts a kernel on the list by its name; `threads` is the most that a block may have.
struct Entry {
    Entry(const char *name, Body body, size_t params, unsigned threads);
    const char *name;
    Body body;
    size_t params;
    unsigned threads;
    Entry *next;
};

} // namespace emulator

#define threadIdx (emulator::running.fiber->thread)
#define blockIdx (emulator::running.block)
#define blockDim (emulator::running.dim)
#define gridDim (emulator::running.grid)

static inline void __syncthreads() { emulator::wait(emulator::State::at_block_barrier); }
static inline void __syncwarp() { emulator::wait(emulator::State::at_warp_barrier); }
template <typename T> static inline T __shfl_xor_sync(unsigned mask, T value, unsigned other) {
    return emulator::shuffle(mask, value, (threadIdx.x % 32) ^ other);
}
template <typename T> static inline T __shfl_sync(unsigned mask, T value, unsigned from) {
    return emulator::shuffle(mask, value, from);
}
static inline unsigned __umulhi(unsigned a, unsigned b) { return (uint64_t)a * b >> 32; }
static inline unsigned __float_as_uint(float x) {
    unsigned bits;
    std::memcpy(&bits, &x, 4);
    return bits;
}
static inline float __uint_as_float(unsigned bits) {
    float x;
    std::memcpy(&x, &bits, 4);
    return x;
}
template <typename T> static inline T min(T a, T b) { return b < a ? b : a; }
template <typename T> static inline T max(T a, T b) { return a < b ? b : a; }

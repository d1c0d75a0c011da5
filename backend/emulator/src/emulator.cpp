// Fibers, their scheduler, and the kernels themselves, all in one translation unit.
//
// What it finds that a GPU would hide: barriers that not all threads reach (an error), results that hang on the
// order in which threads run (`order` turns it around), shared and device memory that is read before it is
// written (both start as not-a-number), accesses behind the end of a buffer (the next page cannot be touched).

#include "emulator.hpp"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#if defined(__x86_64__) && defined(__linux__)
// Saves what a call must preserve, changes stacks, restores it.
asm(".text\n"
    ".type tunemask_emulator_swap,@function\n"
    "tunemask_emulator_swap:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
    "movq %rsp,(%rdi)\nmovq %rsi,%rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\n"
    "ret\n"
    ".size tunemask_emulator_swap,.-tunemask_emulator_swap\n");
extern "C" void tunemask_emulator_swap(void **save, void *load);
#else
#include <ucontext.h>
#endif

namespace emulator {

thread_local Block running;

namespace {

Entry *entries = nullptr;

constexpr unsigned MAX_THREADS = 1024;
constexpr size_t STACK_BYTES = 64 << 10;
constexpr size_t MAX_SHARED_BYTES = 99 << 10; // what every GPU from compute capability 8.0 has
constexpr size_t GUARD_BYTES = 256;             // behind it, where nothing may be written

void run_body();

#if defined(__x86_64__) && defined(__linux__)

struct Switch {
    void *host = nullptr;

    void prepare(Fiber &fiber, unsigned, unsigned char *stack) {
        void **top = reinterpret_cast<void **>(stack + STACK_BYTES);
        *--top = nullptr; // as if `run_body` had been called: the stack is 8 off a multiple of 16
        *--top = reinterpret_cast<void *>(&run_body);
        for (int i = 0; i < 6; ++i) *--top = nullptr;
        fiber.stack_pointer = top;
    }
    void enter(Fiber &fiber, unsigned) { tunemask_emulator_swap(&host, fiber.stack_pointer); }
    void leave(Fiber &fiber) { tunemask_emulator_swap(&fiber.stack_pointer, host); }
};
#else
struct Switch {
    ucontext_t host;
    std::vector<ucontext_t> contexts = std::vector<ucontext_t>(MAX_THREADS);
    unsigned current = 0;

    void prepare(Fiber &, unsigned i, unsigned char *stack) {
        getcontext(&contexts[i]);
        contexts[i].uc_stack.ss_sp = stack;
        contexts[i].uc_stack.ss_size = STACK_BYTES;
        contexts[i].uc_link = nullptr;
        makecontext(&contexts[i], run_body, 0);
    }
    void enter(Fiber &, unsigned i) {
        current = i;
        swapcontext(&host, &contexts[i]);
    }
    void leave(Fiber &) { swapcontext(&contexts[current], &host); }
};
#endif

// One host thread's fibers.
struct Machine {
    Switch change;
    std::vector<Fiber> fibers = std::vector<Fiber>(MAX_THREADS);
    std::vector<unsigned char> shared = std::vector<unsigned char>(MAX_SHARED_BYTES + GUARD_BYTES + 16);
    uint64_t slots[MAX_THREADS / 32][2][32];
    unsigned char *stacks;
    Body body;
    const void *params;

    Machine() {
        void *pages = mmap(nullptr, STACK_BYTES * MAX_THREADS, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (pages == MAP_FAILED) abort();
        stacks = static_cast<unsigned char *>(pages);
    }
    ~Machine() { munmap(stacks, STACK_BYTES * MAX_THREADS); }
};

Machine &machine() {
    thread_local Machine m;
    return m;
}

void run_body() {
    Machine &m = machine();
    m.body(m.params);
    running.fiber->state = State::done;
    m.change.leave(*running.fiber);
    abort(); // a fiber that is done is never entered again
}

// Lets every thread of the warp run until none of them can.
void run_warp(Machine &m, unsigned first, unsigned count, bool backwards) {
    for (;;) {
        unsigned waiting = 0, done = 0;
        for (unsigned i = 0; i < count; ++i) {
            unsigned t = first + (backwards ? count - 1 - i : i);
            Fiber &fiber = m.fibers[t];
            if (fiber.state == State::ready) {
                running.fiber = &fiber;
                m.change.enter(fiber, t);
            }
            waiting += fiber.state == State::at_warp_barrier;
            done += fiber.state == State::done;
        }
        if (waiting == 0) return;
        if (waiting != count) {
            running.fault = done ? "a warp operation behind which a lane has ended"
                                 : "a warp operation beside a block barrier";
            return;
        }
        for (unsigned i = 0; i < count; ++i) m.fibers[first + i].state = State::ready;
    }
}

void run_block(Machine &m, unsigned threads, size_t shared_bytes, bool backwards) {
    for (unsigned t = 0; t < threads; ++t) {
        m.fibers[t].thread = {t, 0, 0};
        m.fibers[t].state = State::ready;
        m.fibers[t].turn = 0;
        m.change.prepare(m.fibers[t], t, m.stacks + t * STACK_BYTES);
    }
    std::memset(running.shared, 0xff, shared_bytes + GUARD_BYTES);
    for (;;) {
        unsigned waiting = 0;
        for (unsigned w = 0; w < threads / 32; ++w) {
            run_warp(m, 32 * (backwards ? threads / 32 - 1 - w : w), 32, backwards);
            if (running.fault) return;
        }
        for (unsigned t = 0; t < threads; ++t) waiting += m.fibers[t].state == State::at_block_barrier;
        if (waiting == 0) return;
        if (waiting != threads) {
            running.fault = "a block barrier that not every thread reaches";
            return;
        }
        for (unsigned t = 0; t < threads; ++t) m.fibers[t].state = State::ready;
    }
}

} // namespace

void wait(State state) {
    Fiber *fiber = running.fiber;
    fiber->state = state;
    machine().change.leave(*fiber);
}

Entry::Entry(const char *name, Body body, size_t params, unsigned threads)
    : name(name), body(body), params(params), threads(threads), next(entries) {
    entries = this;
}

} // namespace emulator

#include "embedding.cu"
#include "layer_norm.cu"
#include "gelu.cu"
#include "attention.cu"
#include "head.cu"
#include "dense.cu"
#include "rows.cu"
#include "sparse.cu"
#include "adam.cu"

// Runs a kernel. Gives null, or what was wrong, which holds until the thread's next launch.
extern "C" const char *tunemask_emulator_launch(const char *name, const unsigned grid[3], unsigned threads,
                                                size_t shared_bytes, const void *params, size_t params_bytes,
                                                bool backwards) {
    using namespace emulator;
    thread_local char message[256];
    const auto fault = [&](const char *what) {
        std::snprintf(message, sizeof message, "%s: %s", name, what);
        return message;
    };
    Entry *entry = entries;
    while (entry && std::strcmp(entry->name, name) != 0) entry = entry->next;
    if (!entry) return fault("no such kernel");
    if (entry->params != params_bytes) return fault("parameters of another size");
    if (threads == 0 || threads % 32 || threads > entry->threads) return fault("a block of a wrong size");
    if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0 || grid[0] > 0x7fffffff || grid[1] > 65535 || grid[2] > 65535)
        return fault("a grid of a wrong size");
    if (shared_bytes > MAX_SHARED_BYTES) return fault("more shared memory than a GPU has");
    Machine &m = machine();
    m.body = entry->body;
    m.params = params;
    running.slots = m.slots;
    running.fault = nullptr;
    running.shared = m.shared.data() + (16 - reinterpret_cast<uintptr_t>(m.shared.data()) % 16) % 16;
    running.grid = {grid[0], grid[1], grid[2]};
    running.dim = {threads, 1, 1};
    for (unsigned z = 0; z < grid[2]; ++z)
        for (unsigned y = 0; y < grid[1]; ++y)
            for (unsigned x = 0; x < grid[0]; ++x) {
                running.block = {backwards ? grid[0] - 1 - x : x, y, z};
                run_block(m, threads, shared_bytes, backwards);
                if (running.fault) return fault(running.fault);
                for (size_t i = 0; i < GUARD_BYTES; ++i)
                    if (running.shared[shared_bytes + i] != 0xff) return fault("writes behind its shared memory");
            }
    return nullptr;
}

// The name of a kernel by its number and the size of its parameters, or null behind the last.
extern "C" const char *tunemask_emulator_kernel(unsigned number, size_t *params_bytes) {
    const emulator::Entry *entry = emulator::entries;
    for (; entry && number > 0; --number) entry = entry->next;
    if (!entry) return nullptr;
    *params_bytes = entry->params;
    return entry->name;
}

// Memory that starts as not-a-number and ends before a page that cannot be touched. Null if there is none.
extern "C" void *tunemask_emulator_allocate(size_t bytes) {
    const size_t page = sysconf(_SC_PAGESIZE), used = (bytes + 15) / 16 * 16, room = (used + page - 1) / page * page;
    void *pages = mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return nullptr;
    unsigned char *start = static_cast<unsigned char *>(pages);
    mprotect(start + room, page, PROT_NONE);
    std::memset(start + room - used, 0xff, used);
    return start + room - used;
}

extern "C" void tunemask_emulator_free(void *memory, size_t bytes) {
    const size_t page = sysconf(_SC_PAGESIZE), used = (bytes + 15) / 16 * 16, room = (used + page - 1) / page * page;
    munmap(static_cast<unsigned char *>(memory) + used - room, room + page);
}

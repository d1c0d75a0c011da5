// A GPU of the pretended driver: what it was asked for, what it does about it late, and what was left behind.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace gpu {

// The codes of the driver's interface that are given here.
enum Result : int {
    OK = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
};

// What a test may look at, see `gpu.rs`.
struct Look {
    uint64_t launches, products, uploads, downloads, waits, allocations;
    uint64_t used, pinned, most_pinned, contexts;
    // Of contexts that are gone: what nobody had given back.
    uint64_t blocks, pieces, events, modules, streams, handles;
};

// One device. Its lock guards all of it.
struct Gpu {
    std::mutex lock;
    Look look{};
    int error = OK;      // of a context that can do nothing any more; a new one starts without
    std::string faults;  // what no program may do, one a line
    size_t memory = size_t(8) << 30;
    bool pins = true;
    int64_t launches_left = -1, calls_left = -1; // until one fails; never if negative
    int launch_error = OK, call_error = OK;

    std::map<uintptr_t, size_t> blocks, pieces; // device memory, pinned memory
    // Memory that was given back and that the pool keeps; whether the stream has come to it.
    std::list<std::pair<size_t, std::shared_ptr<bool>>> pool;
    std::deque<std::pair<unsigned char *, size_t>> poisoned; // given back, and watched for a while
    uint64_t events = 0, modules = 0, streams = 0, handles = 0;

    size_t pooled() const {
        size_t sum = 0;
        for (const auto &kept : pool) sum += kept.first;
        return sum;
    }
    void fault(const std::string &what) { faults += what + "\n"; }
};

constexpr int GPUS = 64;
extern Gpu gpus[GPUS];
extern thread_local Gpu *current; // whose context is this thread's

// Whether memory lies inside one of the blocks or pieces.
bool inside(const std::map<uintptr_t, size_t> &where, uintptr_t at, size_t bytes);

// What is asked of a stream, done in order by a thread of its own and as late as may be: when somebody waits, or when
// much has gathered.
class Stream {
  public:
    explicit Stream(Gpu &gpu);
    ~Stream();
    // Gives the work's number. Work is left out once the context can do nothing, unless it is done `always`.
    uint64_t put(std::function<void()> work, bool always = false);
    // Until the work of a number is done, and no further.
    void wait(uint64_t number);
    void wait_for_all();
    Gpu &gpu;

  private:
    struct Task {
        std::function<void()> work;
        bool always;
    };
    void run();
    std::mutex lock;
    std::condition_variable asked, done;
    std::deque<Task> queue;
    uint64_t put_in = 0, finished = 0, wanted = 0; // numbers: of the last one asked for, done, waited for
    bool ends = false;
    std::thread thread;
};

// What every call answers before it does anything; takes the lock of the thread's GPU.
struct Call {
    Gpu *gpu = current;
    std::unique_lock<std::mutex> guard;
    int result = INVALID_CONTEXT;

    Call() {
        if (!gpu) return;
        guard = std::unique_lock<std::mutex>(gpu->lock);
        result = gpu->look.contexts == 0 ? int(INVALID_CONTEXT) : gpu->error;
        if (gpu->calls_left >= 0 && gpu->calls_left-- == 0) result = gpu->call_error;
    }
    // What went wrong, for who gives things back even so.
    explicit operator bool() const { return result == OK; }
};

} // namespace gpu

// For the pretended cuBLAS, which is a library of its own.
extern "C" int tunemask_gpu_product(void *stream, const void *const at[3], const size_t bytes[3],
                                    std::function<void()> *work);
extern "C" int tunemask_gpu_handle(int more);

// libcuda.so: CUDA's driver as far as the engine calls it, on the processor. Devices, memory, copies and events; the rest of
// it is in kernels.cpp.
//
// It is strict where a real one may be forgiving: copies want pinned memory, every copy and product must lie inside one
// block, memory that was given back is poisoned and watched, a context that failed fails for good. What a program left
// behind is counted when its context goes.

#include "gpu.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace gpu;

Gpu gpu::gpus[GPUS];
thread_local Gpu *gpu::current = nullptr;

extern "C" {
void *tunemask_emulator_allocate(size_t bytes);
void tunemask_emulator_free(void *memory, size_t bytes);
}

namespace {

constexpr unsigned char POISON = 0xff; // not-a-number, as what was never written
constexpr size_t MAX_POISONED = 64;   // blocks that are watched

struct Event {
    Gpu &gpu;
    std::shared_ptr<uint64_t> done = std::make_shared<uint64_t>(0);
    uint64_t asked = 0;
    Stream *stream = nullptr; // the one that it was recorded on last, and as which of its work
    uint64_t number = 0;
};

bool is_poisoned(const unsigned char *memory, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i)
        if (memory[i] != POISON) return false;
    return true;
}

// Ends the watch over the memory that was given back longest ago. With the lock.
void release_poisoned(Gpu &gpu, size_t keep) {
    while (gpu.poisoned.size() > keep) {
        auto [memory, bytes] = gpu.poisoned.front();
        gpu.poisoned.pop_front();
        if (!is_poisoned(memory, bytes)) gpu.fault("memory was written to after it had been given back");
        tunemask_emulator_free(memory, bytes);
    }
}

} // namespace

extern "C" {

int cuInit(unsigned) { return OK; }

int cuGetErrorString(int error, const char **text) {
    switch (error) {
    case OUT_OF_MEMORY: *text = "out of memory"; break;
    case INVALID_IMAGE: *text = "device kernel image is invalid"; break;
    case NOT_FOUND: *text = "named symbol not found"; break;
    case ILLEGAL_ADDRESS: *text = "an illegal memory access was encountered"; break;
    default: *text = "an error of the pretended driver"; break;
    }
    return OK;
}

int cuDeviceGetCount(int *count) {
    *count = GPUS;
    return OK;
}

int cuDeviceGet(int *device, int ordinal) {
    if (ordinal < 0 || ordinal >= GPUS) return INVALID_DEVICE;
    *device = ordinal;
    return OK;
}

int cuDeviceGetName(char *name, int room, int device) {
    std::snprintf(name, size_t(room), "Pretended GPU %d", device);
    return OK;
}

int cuDeviceGetAttribute(int *value, int, int) {
    *value = 9; // the only one that is asked for is the compute capability
    return OK;
}

int cuDevicePrimaryCtxRetain(void **context, int device) {
    std::lock_guard<std::mutex> guard(gpus[device].lock);
    ++gpus[device].look.contexts;
    *context = &gpus[device];
    return OK;
}

int cuDevicePrimaryCtxRelease_v2(int device) {
    Gpu &gpu = gpus[device];
    std::lock_guard<std::mutex> guard(gpu.lock);
    if (gpu.look.contexts == 0) return INVALID_CONTEXT;
    if (--gpu.look.contexts > 0) return OK;
    gpu.look.blocks += gpu.blocks.size();
    gpu.look.pieces += gpu.pieces.size();
    gpu.look.events += gpu.events;
    gpu.look.modules += gpu.modules;
    gpu.look.streams += gpu.streams;
    gpu.look.handles += gpu.handles;
    release_poisoned(gpu, 0);
    gpu.pool.clear();
    gpu.error = OK;
    return OK;
}

int cuCtxSetCurrent(void *context) {
    current = static_cast<Gpu *>(context);
    Call call;
    // That much works in a context that failed.
    return call.gpu && call.result == call.gpu->error ? int(OK) : call.result;
}

int cuStreamCreate(void **stream, unsigned) {
    Call call;
    if (!call) return call.result;
    ++call.gpu->streams;
    *stream = new Stream(*call.gpu);
    return OK;
}

int cuStreamSynchronize(void *stream) {
    {
        Call call;
        if (!call) return call.result;
        ++call.gpu->look.waits;
    }
    Stream *own = static_cast<Stream *>(stream);
    own->wait_for_all();
    std::lock_guard<std::mutex> guard(own->gpu.lock);
    return own->gpu.error;
}

int cuStreamDestroy_v2(void *stream) {
    Stream *own = static_cast<Stream *>(stream);
    Gpu &gpu = own->gpu;
    delete own;
    std::lock_guard<std::mutex> guard(gpu.lock);
    --gpu.streams;
    return gpu.error;
}

int cuDeviceGetMemPool(void **pool, int device) {
    Call call;
    *pool = &gpus[device];
    return call.result;
}

int cuMemPoolSetAttribute(void *, int, void *) { return Call().result; }

int cuMemPoolGetAttribute(void *pool, int attribute, void *value) {
    Call call;
    if (!call) return call.result;
    const Gpu &gpu = *static_cast<Gpu *>(pool);
    constexpr int RESERVED = 5, USED = 7;
    if (attribute != RESERVED && attribute != USED) return INVALID_VALUE;
    *static_cast<uint64_t *>(value) = gpu.look.used + (attribute == RESERVED ? gpu.pooled() : 0);
    return OK;
}

int cuMemPoolTrimTo(void *pool, size_t) {
    Call call;
    if (!call) return call.result;
    static_cast<Gpu *>(pool)->pool.remove_if([](const auto &kept) { return *kept.second; });
    return OK;
}

int cuMemGetInfo_v2(size_t *left, size_t *all) {
    Call call;
    if (!call) return call.result;
    const size_t taken = call.gpu->look.used + call.gpu->pooled();
    *all = call.gpu->memory;
    *left = taken < *all ? *all - taken : 0;
    return OK;
}

int cuMemAllocAsync(uintptr_t *address, size_t bytes, void *) {
    Call call;
    if (!call) return call.result;
    Gpu &gpu = *call.gpu;
    if (bytes == 0) return INVALID_VALUE;
    // A pool in pieces: it gives what it keeps to who wants just as much.
    auto kept = gpu.pool.begin();
    while (kept != gpu.pool.end() && kept->first != bytes) ++kept;
    if (kept != gpu.pool.end()) gpu.pool.erase(kept);
    else if (bytes > gpu.memory || gpu.look.used + gpu.pooled() > gpu.memory - bytes) return OUT_OF_MEMORY;
    void *memory = tunemask_emulator_allocate(bytes);
    if (!memory) return OUT_OF_MEMORY;
    *address = reinterpret_cast<uintptr_t>(memory);
    gpu.blocks[*address] = bytes;
    gpu.look.used += bytes;
    ++gpu.look.allocations;
    return OK;
}

int cuMemFreeAsync(uintptr_t address, void *stream) {
    Call call;
    if (!call.gpu) return call.result;
    Gpu &gpu = *call.gpu;
    const auto block = gpu.blocks.find(address);
    if (block == gpu.blocks.end()) {
        gpu.fault("memory was given back that is none");
        return INVALID_VALUE;
    }
    const size_t bytes = block->second;
    gpu.blocks.erase(block);
    gpu.look.used -= bytes;
    const auto reached = std::make_shared<bool>(false);
    gpu.pool.push_back({bytes, reached});
    const auto give_back = [&gpu, address, bytes, reached] {
        unsigned char *memory = reinterpret_cast<unsigned char *>(address);
        std::memset(memory, POISON, bytes);
        std::lock_guard<std::mutex> guard(gpu.lock);
        *reached = true;
        gpu.poisoned.push_back({memory, bytes});
        release_poisoned(gpu, MAX_POISONED);
    };
    static_cast<Stream *>(stream)->put(give_back, true);
    return call.result;
}

int cuMemHostAlloc(void **memory, size_t bytes, unsigned) {
    Call call;
    if (!call) return call.result;
    Gpu &gpu = *call.gpu;
    if (bytes == 0) return INVALID_VALUE;
    if (!gpu.pins) return OUT_OF_MEMORY;
    *memory = std::malloc(bytes);
    if (!*memory) return OUT_OF_MEMORY;
    gpu.pieces[reinterpret_cast<uintptr_t>(*memory)] = bytes;
    gpu.look.pinned += bytes;
    if (gpu.look.pinned > gpu.look.most_pinned) gpu.look.most_pinned = gpu.look.pinned;
    return OK;
}

int cuMemFreeHost(void *memory) {
    Call call;
    if (!call.gpu) return call.result;
    const auto piece = call.gpu->pieces.find(reinterpret_cast<uintptr_t>(memory));
    if (piece == call.gpu->pieces.end()) return INVALID_VALUE;
    call.gpu->look.pinned -= piece->second;
    std::memset(memory, POISON, piece->second);
    call.gpu->pieces.erase(piece);
    std::free(memory);
    return call.result;
}

int cuMemcpyHtoDAsync_v2(uintptr_t to, const void *from, size_t bytes, void *stream) {
    Call call;
    if (!call) return call.result;
    if (!inside(call.gpu->pieces, reinterpret_cast<uintptr_t>(from), bytes)) {
        call.gpu->fault("a copy to the device from memory that is not pinned");
        return INVALID_VALUE;
    }
    if (!inside(call.gpu->blocks, to, bytes)) {
        call.gpu->fault("a copy behind the end of device memory");
        return INVALID_VALUE;
    }
    ++call.gpu->look.uploads;
    static_cast<Stream *>(stream)->put([=] { std::memcpy(reinterpret_cast<void *>(to), from, bytes); });
    return OK;
}

int cuMemcpyDtoHAsync_v2(void *to, uintptr_t from, size_t bytes, void *stream) {
    Call call;
    if (!call) return call.result;
    if (!inside(call.gpu->pieces, reinterpret_cast<uintptr_t>(to), bytes)) {
        call.gpu->fault("a copy from the device to memory that is not pinned");
        return INVALID_VALUE;
    }
    if (!inside(call.gpu->blocks, from, bytes)) {
        call.gpu->fault("a copy from behind the end of device memory");
        return INVALID_VALUE;
    }
    ++call.gpu->look.downloads;
    static_cast<Stream *>(stream)->put([=] { std::memcpy(to, reinterpret_cast<const void *>(from), bytes); });
    return OK;
}

int cuMemsetD8Async(uintptr_t at, unsigned char value, size_t bytes, void *stream) {
    Call call;
    if (!call) return call.result;
    if (!inside(call.gpu->blocks, at, bytes)) {
        call.gpu->fault("zeros behind the end of device memory");
        return INVALID_VALUE;
    }
    static_cast<Stream *>(stream)->put([=] { std::memset(reinterpret_cast<void *>(at), value, bytes); });
    return OK;
}

int cuEventCreate(void **event, unsigned) {
    Call call;
    if (!call) return call.result;
    ++call.gpu->events;
    *event = new Event{*call.gpu};
    return OK;
}

int cuEventDestroy_v2(void *event) {
    Call call;
    Event *own = static_cast<Event *>(event);
    --own->gpu.events;
    delete own;
    return call.result;
}

int cuEventRecord(void *event, void *stream) {
    Call call;
    if (!call) return call.result;
    Event *own = static_cast<Event *>(event);
    own->stream = static_cast<Stream *>(stream);
    Gpu &gpu = *call.gpu;
    own->number = own->stream->put([&gpu, done = own->done, asked = ++own->asked] {
        std::lock_guard<std::mutex> guard(gpu.lock);
        *done = asked;
    });
    return OK;
}

int cuEventQuery(void *event) {
    Call call;
    if (!call) return call.result;
    const Event *own = static_cast<Event *>(event);
    return *own->done == own->asked ? OK : NOT_READY;
}

int cuEventSynchronize(void *event) {
    Event *own = static_cast<Event *>(event);
    {
        Call call;
        if (!call) return call.result;
        if (*own->done == own->asked) return OK;
        ++call.gpu->look.waits;
    }
    own->stream->wait(own->number);
    std::lock_guard<std::mutex> guard(own->gpu.lock);
    return own->gpu.error;
}

} // extern "C"

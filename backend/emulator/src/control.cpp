// The part of libcuda.so by which tests say what becomes of a GPU, and look at it, see `gpu.rs`.

#include "gpu.hpp"

#include <cstring>

using namespace gpu;

extern "C" {

// What follows is for tests.

void tunemask_gpu_reset(int device) {
    Gpu &gpu = gpus[device];
    std::lock_guard<std::mutex> guard(gpu.lock);
    gpu.look = {};
    gpu.faults.clear();
    gpu.memory = size_t(8) << 30;
    gpu.pins = true;
    gpu.launches_left = gpu.calls_left = -1;
}

void tunemask_gpu_set_memory(int device, uint64_t bytes) {
    std::lock_guard<std::mutex> guard(gpus[device].lock);
    gpus[device].memory = bytes;
}

void tunemask_gpu_set_pins(int device, bool pins) {
    std::lock_guard<std::mutex> guard(gpus[device].lock);
    gpus[device].pins = pins;
}

void tunemask_gpu_fail_launch(int device, int64_t behind, int error) {
    std::lock_guard<std::mutex> guard(gpus[device].lock);
    gpus[device].launches_left = behind;
    gpus[device].launch_error = error;
}

void tunemask_gpu_fail_call(int device, int64_t behind, int error) {
    std::lock_guard<std::mutex> guard(gpus[device].lock);
    gpus[device].calls_left = behind;
    gpus[device].call_error = error;
}

void tunemask_gpu_look(int device, Look *look) {
    std::lock_guard<std::mutex> guard(gpus[device].lock);
    *look = gpus[device].look;
}

size_t tunemask_gpu_faults(int device, char *text, size_t room) {
    std::lock_guard<std::mutex> guard(gpus[device].lock);
    const std::string &faults = gpus[device].faults;
    const size_t bytes = faults.size() < room ? faults.size() : room;
    std::memcpy(text, faults.data(), bytes);
    return bytes;
}

} // extern "C"

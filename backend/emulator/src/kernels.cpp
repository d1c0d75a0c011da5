// The part of libcuda.so that runs kernels and products: on the emulator, when their stream comes to them.

#include "gpu.hpp"

#include <cstring>
#include <vector>

using namespace gpu;

extern "C" {
const char *tunemask_emulator_launch(const char *name, const unsigned grid[3], unsigned threads, size_t shared_bytes,
                                     const void *params, size_t params_bytes, bool backwards);
const char *tunemask_emulator_kernel(unsigned number, size_t *params_bytes);
}

namespace {

constexpr int USUAL_SHARED_BYTES = 48 << 10, MAX_SHARED_BYTES = 227 << 10;

struct Function {
    const char *name;
    size_t params_bytes;
    int most_shared_bytes = USUAL_SHARED_BYTES;
};

struct Module {
    Gpu &gpu;
    std::map<std::string, Function> functions;
};

} // namespace

extern "C" {

// Any image will do: the kernels are those of the emulator.
int cuModuleLoadData(void **module, const void *image) {
    Call call;
    if (!call) return call.result;
    if (!image || reinterpret_cast<uintptr_t>(image) % 8) return INVALID_IMAGE;
    Module *made = new Module{*call.gpu, {}};
    size_t bytes = 0;
    const char *name = nullptr;
    for (unsigned i = 0; (name = tunemask_emulator_kernel(i, &bytes)); ++i) made->functions[name] = {name, bytes};
    ++call.gpu->modules;
    *module = made;
    return OK;
}

int cuModuleUnload(void *module) {
    Call call;
    Module *own = static_cast<Module *>(module);
    --own->gpu.modules;
    delete own;
    return call.result;
}

int cuModuleGetFunction(void **function, void *module, const char *name) {
    Call call;
    if (!call) return call.result;
    auto &functions = static_cast<Module *>(module)->functions;
    const auto found = functions.find(name);
    if (found == functions.end()) return NOT_FOUND;
    *function = &found->second;
    return OK;
}

int cuFuncSetAttribute(void *function, int, int value) {
    Call call;
    if (!call) return call.result;
    if (value > MAX_SHARED_BYTES) return INVALID_VALUE;
    static_cast<Function *>(function)->most_shared_bytes = value;
    return OK;
}

int cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned, unsigned,
                   unsigned shared_bytes, void *stream, void **params, void **) {
    Call call;
    if (!call) return call.result;
    Gpu &gpu = *call.gpu;
    const Function &own = *static_cast<Function *>(function);
    const bool fits = x > 0 && y > 0 && z > 0 && x <= 0x7fffffff && y <= 65535 && z <= 65535;
    if (!fits || threads == 0 || threads > 1024 || int(shared_bytes) > own.most_shared_bytes) {
        gpu.fault(std::string(own.name) + ": a grid, block or shared memory of a wrong size");
        return INVALID_VALUE;
    }
    ++gpu.look.launches;
    if (gpu.launches_left >= 0 && gpu.launches_left-- == 0) {
        static_cast<Stream *>(stream)->put([&gpu] {
            std::lock_guard<std::mutex> guard(gpu.lock);
            gpu.error = gpu.launch_error;
        });
        return OK;
    }
    // The structure is read now, as by a real launch.
    const auto *first = static_cast<const unsigned char *>(params[0]);
    std::vector<unsigned char> copy(first, first + own.params_bytes);
    static_cast<Stream *>(stream)->put([=, &gpu, name = own.name, copy = std::move(copy)] {
        const unsigned grid[3] = {x, y, z};
        const char *fault =
            tunemask_emulator_launch(name, grid, threads, shared_bytes, copy.data(), copy.size(), false);
        if (!fault) return;
        std::lock_guard<std::mutex> guard(gpu.lock);
        gpu.fault(fault);
        gpu.error = ILLEGAL_ADDRESS;
    });
    return OK;
}

// A product that the pretended cuBLAS does when the stream comes to it, if its matrices lie inside device memory.
int tunemask_gpu_product(void *stream, const void *const at[3], const size_t bytes[3], std::function<void()> *work) {
    Call call;
    if (!call) return call.result;
    for (int i = 0; i < 3; ++i)
        if (!inside(call.gpu->blocks, reinterpret_cast<uintptr_t>(at[i]), bytes[i])) {
            call.gpu->fault("a product behind the end of device memory");
            return INVALID_VALUE;
        }
    ++call.gpu->look.products;
    static_cast<Stream *>(stream)->put(*work);
    return OK;
}

int tunemask_gpu_handle(int more) {
    Call call;
    if (!call && more > 0) return call.result;
    if (!call.gpu) return call.result;
    call.gpu->handles += uint64_t(more);
    return OK;
}

} // extern "C"

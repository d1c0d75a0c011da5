// libcublas.so: the one product that the engine calls, as its definition, on the pretended driver's streams.

#include "gpu.hpp"

#include <cstring>
#include <vector>

namespace {

enum Status : int { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum Type : int { F32 = 0, BF16 = 14 };
enum Compute : int { IN_F32 = 68, IN_TF32 = 77 };

struct Handle {
    void *stream = nullptr;
};

size_t bytes_of(int type) { return type == BF16 ? 2 : 4; }

float load(const void *from, int type, size_t i) {
    if (type == F32) return static_cast<const float *>(from)[i];
    const uint32_t bits = uint32_t(static_cast<const uint16_t *>(from)[i]) << 16;
    float x;
    std::memcpy(&x, &bits, 4);
    return x;
}

void store(void *to, int type, size_t i, float x) {
    if (type == F32) {
        static_cast<float *>(to)[i] = x;
        return;
    }
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    const bool nan = x != x;
    static_cast<uint16_t *>(to)[i] = nan ? 0x7fff : uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// A column-major matrix, or its transpose.
struct Factor {
    const void *at;
    int type, stride;
    bool transposed;

    float operator()(int row, int column) const {
        return load(at, type, transposed ? size_t(row) * stride + column : size_t(column) * stride + row);
    }
};

// Bytes from the first to the last scalar of a matrix as it is stored.
size_t extent(int rows, int columns, int stride, int type) {
    return (size_t(columns - 1) * stride + rows) * bytes_of(type);
}

struct Product {
    int m, n, k;
    float alpha, beta;
    Factor a, b;
    void *c;
    int type, stride;

    void operator()() const {
        // The left factor row by row of the inner dimension, so that the innermost loop runs through memory.
        std::vector<float> left(size_t(m) * k), sums(m);
        for (int l = 0; l < k; ++l)
            for (int i = 0; i < m; ++i) left[size_t(l) * m + i] = a(i, l);
        for (int j = 0; j < n; ++j) {
            std::memset(sums.data(), 0, sums.size() * sizeof(float));
            for (int l = 0; l < k; ++l) {
                const float factor = b(l, j), *row = &left[size_t(l) * m];
                for (int i = 0; i < m; ++i) sums[i] += factor * row[i];
            }
            for (int i = 0; i < m; ++i) {
                const size_t at = size_t(j) * stride + i;
                // With β = 0 what stands there is not read: it may be not-a-number.
                store(c, type, at, alpha * sums[i] + (beta != 0 ? beta * load(c, type, at) : 0));
            }
        }
    }
};

} // namespace

extern "C" {

int cublasCreate_v2(void **handle) {
    if (tunemask_gpu_handle(1) != gpu::OK) return NOT_INITIALIZED;
    *handle = new Handle;
    return SUCCESS;
}

int cublasDestroy_v2(void *handle) {
    tunemask_gpu_handle(-1);
    delete static_cast<Handle *>(handle);
    return SUCCESS;
}

int cublasSetStream_v2(void *handle, void *stream) {
    static_cast<Handle *>(handle)->stream = stream;
    return SUCCESS;
}

int cublasGemmEx(void *handle, int a_operation, int b_operation, int m, int n, int k, const void *alpha, const void *a,
                 int a_type, int a_stride, const void *b, int b_type, int b_stride, const void *beta, void *c,
                 int c_type, int c_stride, int compute, int) {
    const bool across = a_operation != 0, along = b_operation != 0;
    if (m <= 0 || n <= 0 || k <= 0) return INVALID_VALUE;
    if (a_stride < (across ? k : m) || b_stride < (along ? n : k) || c_stride < m) return INVALID_VALUE;
    const bool narrow = a_type == BF16 && b_type == BF16 && (c_type == BF16 || c_type == F32) && compute == IN_F32;
    const bool wide = a_type == F32 && b_type == F32 && c_type == F32 && (compute == IN_F32 || compute == IN_TF32);
    if (!narrow && !wide) return NOT_SUPPORTED;
    const void *at[3] = {a, b, c};
    const size_t bytes[3] = {across ? extent(k, m, a_stride, a_type) : extent(m, k, a_stride, a_type),
                             along ? extent(n, k, b_stride, b_type) : extent(k, n, b_stride, b_type),
                             extent(m, n, c_stride, c_type)};
    // The factors α and β are on the host and read at once.
    std::function<void()> work = Product{m,
                                         n,
                                         k,
                                         *static_cast<const float *>(alpha),
                                         *static_cast<const float *>(beta),
                                         {a, a_type, a_stride, across},
                                         {b, b_type, b_stride, along},
                                         c,
                                         c_type,
                                         c_stride};
    const int done = tunemask_gpu_product(static_cast<Handle *>(handle)->stream, at, bytes, &work);
    return done == gpu::OK ? int(SUCCESS) : int(EXECUTION_FAILED);
}

} // extern "C"

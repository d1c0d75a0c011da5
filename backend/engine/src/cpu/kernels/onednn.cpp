// Products with a matrix that is packed once in bf16, by oneDNN 2 or 3 (https://uxlfoundation.github.io/oneDNN).
// A product has a fixed number of rows and one thread: the caller's tasks are what goes in parallel.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <oneapi/dnnl/dnnl.hpp>

using dnnl::memory;

#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
extern "C" void omp_set_num_threads(int);
extern "C" int omp_get_max_threads();

// oneDNN reads how many threads a product has when it is made.
struct OneThread {
    int before = omp_get_max_threads();
    OneThread() { omp_set_num_threads(1); }
    ~OneThread() { omp_set_num_threads(before); }
};
#elif DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_SEQ
struct OneThread {};
#else
#error "oneDNN must compute with OpenMP or one thread; this one has threads of its own"
#endif

namespace {

const dnnl::engine &processor() {
    // Never destroyed: a thread may still compute while the program exits.
    static const auto *made = new dnnl::engine(dnnl::engine::kind::cpu, 0);
    return *made;
}

dnnl::stream &stream() {
    thread_local dnnl::stream made(processor());
    return made;
}

// A thread's working memory, which only grows.
void *scratch(std::size_t bytes) {
    struct Free {
        void operator()(void *memory) const { std::free(memory); }
    };
    thread_local std::unique_ptr<void, Free> room;
    thread_local std::size_t size = 0;
    if (bytes > size) {
        const std::size_t rounded = (bytes + 63) / 64 * 64;
        size = 0;
        room.reset(std::aligned_alloc(64, rounded));
        if (!room) throw std::bad_alloc();
        size = rounded;
    }
    return room.get();
}

struct Packed {
    dnnl::matmul product;
    memory::desc input, output, working;
    memory matrix;
};

std::size_t said(const char *what, char *message, std::size_t room) {
    std::strncpy(message, what, room - 1);
    message[room - 1] = 0;
    return std::strlen(message);
}

Packed *pack(const float *matrix, memory::dim rows, memory::dim k, memory::dim n, bool transposed) {
    using type = memory::data_type;
    using tag = memory::format_tag;
    const OneThread one;
    const memory::desc input({rows, k}, type::bf16, tag::ab), output({rows, n}, type::f32, tag::ab);
    const memory::desc any({k, n}, type::bf16, tag::any);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc how(processor(), input, any, output, attributes);
#else
    const dnnl::matmul::primitive_desc how(dnnl::matmul::desc(input, any, output), attributes, processor());
#endif
    const memory::desc plain({k, n}, type::f32, transposed ? tag::ba : tag::ab);
    memory from(plain, processor(), const_cast<float *>(matrix));
    memory to(how.weights_desc(), processor());
    dnnl::reorder(from, to).execute(stream(), from, to);
    stream().wait();
    return new Packed{dnnl::matmul(how), input, output, how.scratchpad_desc(), to};
}

} // namespace

extern "C" {

// `matrix` is [k, n] row-major, or with `transposed` [n, k]. Null, and why in `message`, if it cannot be.
void *tunemask_pack(const float *matrix, std::size_t rows, std::size_t k, std::size_t n, bool transposed,
                    char *message, std::size_t room) {
    try {
        return pack(matrix, static_cast<memory::dim>(rows), static_cast<memory::dim>(k),
                    static_cast<memory::dim>(n), transposed);
    } catch (const std::exception &error) {
        said(error.what(), message, room);
        return nullptr;
    }
}

void tunemask_unpack(void *packed) { delete static_cast<Packed *>(packed); }

// The packed bytes, which nothing writes.
const std::uint8_t *tunemask_packed_bytes(const void *packed, std::size_t *bytes) {
    const auto &matrix = static_cast<const Packed *>(packed)->matrix;
    *bytes = matrix.get_desc().get_size();
    return static_cast<const std::uint8_t *>(matrix.get_data_handle());
}

// output[rows, n] = input[rows, k] · matrix, summed in f32. False, and why in `message`, if it fails.
bool tunemask_product(const void *packed, const std::uint16_t *input, float *output, char *message,
                      std::size_t room) {
    try {
        const auto &p = *static_cast<const Packed *>(packed);
        const memory from(p.input, processor(), const_cast<std::uint16_t *>(input));
        const memory to(p.output, processor(), output);
        const memory working(p.working, processor(), scratch(p.working.get_size()));
        p.product.execute(stream(), {{DNNL_ARG_SRC, from},
                                     {DNNL_ARG_WEIGHTS, p.matrix},
                                     {DNNL_ARG_DST, to},
                                     {DNNL_ARG_SCRATCHPAD, working}});
        stream().wait();
        return true;
    } catch (const std::exception &error) {
        said(error.what(), message, room);
        return false;
    }
}
}

// Products with the few scalars in which a member's matrix differs from the model's.
#include "sparse.cuh"

struct SparseApply {
    const Chunk *chunks; // rows `out + i` of both sides
    const Sparse *sparse; // of each member: rows of it are columns of `out`
    const void *input;    // T [rows, input_stride]
    void *out;            // T [rows, out_stride], added to
    u32 input_stride, out_stride;
};

// Grid: chunks, PARTS.
template <typename T> DEVICE void sparse_apply(const SparseApply &p) {
    const Chunk chunk = p.chunks[blockIdx.x];
    const Sparse sparse = p.sparse[chunk.member];
    const u32 first = min(blockIdx.y * BLOCK_ROWS, chunk.rows), rows = min(chunk.rows - first, BLOCK_ROWS);
    for (u32 task = threadIdx.x; task < rows * sparse.count; task += blockDim.x) {
        const u32 list = task % sparse.count, row = chunk.out + first + task / sparse.count;
        const T *input = static_cast<const T *>(p.input) + (u64)row * p.input_stride;
        T &out = static_cast<T *>(p.out)[(u64)row * p.out_stride + sparse.rows[list]];
        float sum = load(out);
        for (u32 i = sparse.starts[list]; i < sparse.starts[list + 1]; ++i)
            sum += sparse.difference(i) * load(input[sparse.columns[i]]);
        store(out, sum);
    }
}
KERNELS(sparse_apply, SparseApply, 256)

// Where a member's rows of a layout are.
struct Span {
    u32 first, rows;
};

struct SparseGradient {
    const Span *spans;    // of each member of the wave
    const u32 *wave;      // which of the gang's each is
    const Sparse *sparse; // of each member of the gang: rows of it are columns of `grad`
    const void *grad;    // T [rows, grad_stride]
    const void *input;    // T [rows, input_stride]
    float *const *gradients; // of each member of the gang: its compact gradient
    u32 grad_stride, input_stride;
};

// A warp a list: Σ over rows of grad · input. Grid: lists / 8, members.
template <typename T> DEVICE void sparse_gradient(const SparseGradient &p) {
    const u32 member = p.wave[blockIdx.y];
    const Sparse sparse = p.sparse[member];
    const Span span = p.spans[blockIdx.y];
    const u32 lane = threadIdx.x % 32, list = blockIdx.x * 8 + threadIdx.x / 32;
    if (list >= sparse.count) return;
    const T *grad = static_cast<const T *>(p.grad) + sparse.rows[list];
    const T *input = static_cast<const T *>(p.input);
    for (u32 i = sparse.starts[list]; i < sparse.starts[list + 1]; ++i) {
        float sum = 0.0f;
        for (u32 r = lane; r < span.rows; r += 32) {
            const u64 row = span.first + r;
            sum += load(grad[row * p.grad_stride]) * load(input[row * p.input_stride + sparse.columns[i]]);
        }
        sum = warp_sum(sum);
        if (lane == 0) p.gradients[member][sparse.places[i]] = sum;
    }
}
KERNELS(sparse_gradient, SparseGradient, 256)

struct SparseTable {
    const Span *spans;    // of each member of the wave: its rows of `grad`
    const Span *tokens;   // of each: the same rows in the packed batch
    const u32 *wave;      // which of the gang's each is
    const Sparse *sparse; // differences of each member of the gang from each table [members, 3]
    const u32 *numbers;   // of each row of the packed batch: its row of the table
    const void *grad;    // T [rows, width]
    float *const *gradients;
    u32 width, table;
};

// A warp a list: Σ over the rows that read this row of the table. Grid: lists / 8, members.
template <typename T> DEVICE void sparse_table(const SparseTable &p) {
    const u32 member = p.wave[blockIdx.y];
    const Sparse sparse = p.sparse[3 * member + p.table];
    const Span span = p.spans[blockIdx.y];
    const u32 *numbers = p.numbers + p.tokens[blockIdx.y].first;
    const u32 lane = threadIdx.x % 32, list = blockIdx.x * 8 + threadIdx.x / 32;
    if (list >= sparse.count) return;
    for (u32 i = sparse.starts[list]; i < sparse.starts[list + 1]; ++i) {
        float sum = 0.0f;
        for (u32 r = lane; r < span.rows; r += 32)
            if (numbers[r] == sparse.rows[list])
                sum += load(static_cast<const T *>(p.grad)[(u64)(span.first + r) * p.width + sparse.columns[i]]);
        sum = warp_sum(sum);
        if (lane == 0) p.gradients[member][sparse.places[i]] = sum;
    }
}
KERNELS(sparse_table, SparseTable, 256)

// Sum of the three embeddings, LayerNorm, dropout; and the gradients of the three tables.
#include "normalise.cuh"
#include "sparse.cuh"

struct Embed {
    const Chunk *chunks;
    const Draw *draws;
    const u32 *examples, *positions, *ids, *segments; // of each row of the packed batch
    const u32 *place_rows;                            // of each: its row of `places`
    const float *words, *places, *kinds;              // the tables [.., width]; no kinds in a model without segments
    const Sparse *sparse; // differences of each member from each table [members, 3]; null where nobody has any
    Vectors gamma, beta;
    void *x_hats, *out;
    float *rstd;
    u32 width;
    float epsilon;
    Site site;
};

DEVICE void add_differences(float *z, const Sparse &sparse, u32 row) {
    if (sparse.count == 0) return;
    const u32 found = sparse.find(row);
    __syncwarp();
    if (found < sparse.count)
        for (u32 i = sparse.starts[found] + threadIdx.x % 32; i < sparse.starts[found + 1]; i += 32)
            z[sparse.columns[i]] += sparse.difference(i);
    __syncwarp();
}

// Shared: BLOCK_ROWS rows of f32.
template <typename T> DEVICE void embed(const Embed &p) {
    SHARED(float, shared);
    const Chunk chunk = p.chunks[blockIdx.x];
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, i = blockIdx.y * BLOCK_ROWS + warp;
    if (i >= chunk.rows) return;
    const u32 width = p.width, b = (width + 3) / 4, row = chunk.row + i;
    const u32 id = p.ids[row], segment = p.segments[row], position = p.positions[row], place_row = p.place_rows[row];
    float *z = shared + warp * width;
    const float *word = p.words + (u64)id * width, *kind = p.kinds ? p.kinds + (u64)segment * width : nullptr,
                *place = p.places + (u64)place_row * width;
    for (u32 c = lane; c < b; c += 32)
        for (u32 e = c; e < width; e += b) z[e] = (kind ? word[e] + kind[e] : word[e]) + place[e];
    if (p.sparse) {
        const Sparse *sparse = p.sparse + 3 * chunk.member;
        add_differences(z, sparse[0], id);
        add_differences(z, sparse[1], place_row);
        add_differences(z, sparse[2], segment);
    }
    const float rstd = normalise(z, width, p.epsilon);
    const float *gamma = p.gamma[chunk.member], *beta = p.beta[chunk.member];
    const Draw draw = p.draws[chunk.member];
    const u64 at = (u64)(chunk.out + i) * width;
    T *x_hats = static_cast<T *>(p.x_hats) + at, *out = static_cast<T *>(p.out) + at;
    for (u32 c = lane; c < b; c += 32) {
        const Four f = factors(p.site, draw, p.examples[row], position * b + c);
#pragma unroll
        for (u32 q = 0; q < 4; ++q) {
            const u32 e = q * b + c;
            if (e < width) {
                store(out[e], f.of[q] * (gamma[e] * z[e] + beta[e]));
                if (chunk.kept) store(x_hats[e], z[e]);
            }
        }
    }
    if (chunk.kept && lane == 0) p.rstd[chunk.out + i] = rstd;
}
KERNELS(embed, Embed, 32 * BLOCK_ROWS)

struct TableGradient {
    const void *grad;  // T [rows, width]
    const u32 *numbers; // [segments]: rows of the table that occur
    const u32 *starts;  // [segments + 1]: where each one's rows start in `rows`
    const u32 *rows;    // rows of `grad`, by number, ascending within one
    float *table;       // [.., width], zero before
    u32 width, padding;
};

// 32 columns of one row of a table; eight warps add up eight runs of rows, and the runs' sums are added in order.
// Grid: segments, columns / 32. Shared: 256 f32.
template <typename T> DEVICE void table_gradient(const TableGradient &p) {
    SHARED(float, sums);
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, column = blockIdx.y * 32 + lane;
    const u32 first = p.starts[blockIdx.x], count = p.starts[blockIdx.x + 1] - first, run = (count + 7) / 8;
    float sum = 0.0f;
    if (column < p.width)
        for (u32 i = warp * run; i < min((warp + 1) * run, count); ++i)
            sum += load(static_cast<const T *>(p.grad)[(u64)p.rows[first + i] * p.width + column]);
    sum = sum_of_warps(sums, sum);
    if (warp == 0 && column < p.width) p.table[(u64)p.numbers[blockIdx.x] * p.width + column] = sum;
}
KERNELS(table_gradient, TableGradient, 256)

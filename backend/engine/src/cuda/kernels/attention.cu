// attention.rs on the GPU, over packed rows, without the matrix of probabilities (Dao et al., 2022): forward keeps
// the logarithm of each row's sum, the backward pass computes the scores again. Three kernels, none with atomics: the way
// back does queries first, then keys and values.
//
// A block has four warps and works on 32 queries and 32 keys at a time. Keys go in an order that suits Philox, whose
// four words are the factors of the keys c, c + b, c + 2b, c + 3b with b = ⌈n / 4⌉: slot s of a tile that starts at
// counter c0 is key (s / 8) · b + c0 + s mod 8.
#include "common.cuh"

// One sequence of one member or trunk.
struct Sequence {
    u32 member, example;
    u32 tokens, queries;
    u32 out;      // first row of its queries: context and the gradients to context and queries
    u32 query;    // first row of its queries' product
    u32 key;      // first row of its keys' and values' product
    u32 own;      // first row of the gradients to its keys and values
    u32 position; // its first query's place in `positions`
};

// Queries from `first` on, or keys of the counters from `first` on.
struct Tile {
    u32 sequence, first;
};

struct Attention {
    const Tile *tiles;
    const Sequence *sequences;
    const Draw *draws;
    const u32 *positions;           // of each query in its sequence; null where they are 0, 1, 2, …
    const void *query, *key, *value; // T: products without bias; a head's columns start at head · width
    Vectors bias;                   // [3 · heads · width]: query, key, value
    void *context;                  // T [rows, heads · width]
    float *logs;                    // [rows, heads]
    // The backward pass.
    const void *grad;                  // T [rows, heads · width]: gradient to the context
    float *deltas;                      // [rows, heads]: Σ context ⊙ grad
    void *dquery, *dkey, *dvalue;       // T
    u32 query_stride, key_stride;       // scalars from row to row of the products
    u32 dquery_stride, dkey_stride;     // and of their gradients
    u32 heads, width;
    float scale; // 1 / √width
    Site site;
};

constexpr u32 TILE = 32;
constexpr u32 OWN = 8; // rows of a tile that one warp works on

// Rows of a tile in shared memory: `pitch` floats each, `wide` of them filled. 32 lanes that read 16 bytes each at a
// pitch of 4 off a multiple of 32 meet no bank twice.
struct Rows {
    float *start;
    u32 pitch;
    DEVICE_METHOD float *row(u32 i) const { return start + i * pitch; }
    DEVICE_METHOD float4 four(u32 i, u32 column) const {
        return *reinterpret_cast<const float4 *>(start + i * pitch + column);
    }
};

DEVICE float dot(float4 a, float4 b, float sum) {
    sum += a.x * b.x;
    sum += a.y * b.y;
    sum += a.z * b.z;
    return sum + a.w * b.w;
}

// What a kernel of a block knows of its head.
template <typename T> struct Head {
    const Attention &p;
    Sequence sequence;
    Draw draw;
    u32 head, width, wide, b; // `wide`: width up to a multiple of 4; b: counters of a row
    const float *bias;

    DEVICE_METHOD Head(const Attention &p, const Tile &tile) : p(p) {
        sequence = p.sequences[tile.sequence];
        draw = p.draws[sequence.member];
        head = blockIdx.y;
        width = p.width;
        wide = (width + 3) / 4 * 4;
        b = (sequence.tokens + 3) / 4;
        bias = p.bias[sequence.member] + head * width;
    }

    // Row i of a matrix, its columns of this head.
    DEVICE_METHOD const T *row(const void *from, u32 i, u32 stride) const {
        return static_cast<const T *>(from) + (u64)i * stride + head * width;
    }
    DEVICE_METHOD u64 place(u32 query) const { return (u64)(sequence.out + query) * p.heads + head; }

    // Fills 32 rows; those that `number` gives no row for are 0.
    template <typename Number>
    DEVICE_METHOD void fill(Rows to, const void *from, u32 stride, const float *bias, float scale, Number number) const {
        for (u32 at = threadIdx.x; at < TILE * wide; at += blockDim.x) {
            const u32 i = at / wide, column = at % wide;
            const int row = number(i);
            float value = 0.0f;
            if (row >= 0 && column < width) {
                value = load(this->row(from, row, stride)[column]);
                if (bias) value = (value + bias[column]) * scale;
            }
            to.row(i)[column] = value;
        }
    }
    DEVICE_METHOD void fill_queries(Rows to, u32 first) const {
        const Sequence s = sequence;
        fill(to, p.query, p.query_stride, bias, p.scale,
             [=](u32 i) { return first + i < s.queries ? (int)(s.query + first + i) : -1; });
    }
    DEVICE_METHOD void fill_grads(Rows to, u32 first) const {
        const Sequence s = sequence;
        fill(to, p.grad, p.heads * width, nullptr, 1.0f,
             [=](u32 i) { return first + i < s.queries ? (int)(s.out + first + i) : -1; });
    }
    // The key of a slot, or a number that is no key.
    DEVICE_METHOD u32 key(u32 first, u32 slot) const {
        const u32 counter = first + slot % 8;
        return counter < b ? slot / 8 * b + counter : sequence.tokens;
    }
    DEVICE_METHOD void fill_keys(Rows keys, Rows values, u32 first) const {
        const u32 b = this->b;
        const Sequence s = sequence;
        const auto number = [=](u32 slot) {
            const u32 counter = first + slot % 8, key = slot / 8 * b + counter;
            return counter < b && key < s.tokens ? (int)(s.key + key) : -1;
        };
        fill(keys, p.key, p.key_stride, bias + p.heads * width, 1.0f, number);
        fill(values, p.value, p.key_stride, bias + 2 * p.heads * width, 1.0f, number);
    }
    DEVICE_METHOD Four kept(u32 query, u32 counter) const {
        const u32 position = p.positions ? p.positions[sequence.position + query] : query;
        return factors(p.site, draw, sequence.example, (head * sequence.tokens + position) * b + counter);
    }
};

// The factors of 8 queries at the 32 keys of a tile, a lane a key. A lane draws those of two queries at four keys.
struct TileFactors {
    u32 bits[2];
    float keep;

    template <typename T> DEVICE_METHOD TileFactors(const Head<T> &h, u32 query, u32 rows, u32 first) {
        keep = h.p.site.keep;
        for (u32 half = 0; half < 2; ++half) {
            const u32 own = threadIdx.x % 32 / 8 + 4 * half, counter = first + threadIdx.x % 8;
            bits[half] = 0;
            if (own < rows && counter < h.b) {
                const Four f = h.kept(query + own, counter);
                for (u32 q = 0; q < 4; ++q) bits[half] |= (u32)(f.of[q] != 0.0f) << q;
            }
        }
        if (!h.draw.on || !h.p.site.threshold) keep = 1.0f;
    }
    // Query `own`'s factor at this lane's key; all lanes ask together.
    DEVICE_METHOD float at(u32 own) const {
        const u32 lane = threadIdx.x % 32;
        const u32 four = __shfl_sync(ALL_LANES, own < 4 ? bits[0] : bits[1], own % 4 * 8 + lane % 8);
        return four >> lane / 8 & 1 ? keep : 0.0f;
    }
};

// Σ over the 32 rows of a tile, each weighted by its place in a row of weights: added to a row of sums for each of a
// warp's rows. A lane has every 32nd column.
template <u32 WIDE>
DEVICE void add_weighted(float (&sums)[OWN][WIDE], const float *weights, const Rows &tile, u32 wide, u32 rows, u32 lane) {
    for (u32 slot = 0; slot < 32; slot += 4) {
#pragma unroll
        for (u32 w = 0; w < WIDE; ++w) {
            const u32 column = w * 32 + lane;
            if (column >= wide) break;
            const float4 four = {tile.row(slot)[column], tile.row(slot + 1)[column], tile.row(slot + 2)[column],
                                 tile.row(slot + 3)[column]};
#pragma unroll
            for (u32 r = 0; r < OWN; ++r) {
                if (r >= rows) break;
                const float4 weight = *reinterpret_cast<const float4 *>(weights + r * 32 + slot);
                sums[r][w] = dot(weight, four, sums[r][w]);
            }
        }
    }
}

// Grid: tiles of queries, heads. WIDE: columns of a head that one lane works on.
// Shared f32: 32 · (2 wide + wide + 4) + 4 · 8 · 32.
template <typename T, u32 WIDE> DEVICE void attention_forward(const Attention &p) {
    SHARED(float, shared);
    const Tile tile = p.tiles[blockIdx.x];
    const Head<T> h(p, tile);
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, wide = h.wide;
    const Rows queries = {shared, wide}, keys = {shared + TILE * wide, wide + 4};
    const Rows values = {keys.start + TILE * (wide + 4), wide};
    float *mine = values.start + TILE * wide + warp * OWN * 32;
    const u32 query = tile.first + warp * OWN;
    const u32 rows = query < h.sequence.queries ? min(h.sequence.queries - query, OWN) : 0;
    h.fill_queries(queries, tile.first);
    float context[OWN][WIDE] = {}, most[OWN], total[OWN] = {};
#pragma unroll
    for (u32 r = 0; r < OWN; ++r) most[r] = -INFINITY;
    for (u32 first = 0; first < h.b; first += 8) {
        __syncthreads();
        h.fill_keys(keys, values, first);
        __syncthreads();
        if (rows == 0) continue;
        const bool real = h.key(first, lane) < h.sequence.tokens;
        float score[OWN] = {};
        for (u32 column = 0; column < wide; column += 4) {
            const float4 key = keys.four(lane, column);
#pragma unroll
            for (u32 r = 0; r < OWN; ++r) score[r] = dot(queries.four(warp * OWN + r, column), key, score[r]);
        }
        const TileFactors kept(h, query, rows, first);
#pragma unroll
        for (u32 r = 0; r < OWN; ++r) {
            if (r >= rows) break;
            const float highest = fmaxf(most[r], warp_max(real ? score[r] : -INFINITY));
            const float shrink = expf(most[r] - highest), e = real ? expf(score[r] - highest) : 0.0f;
            most[r] = highest;
            total[r] = total[r] * shrink + warp_sum(e);
#pragma unroll
            for (u32 w = 0; w < WIDE; ++w) context[r][w] *= shrink;
            mine[r * 32 + lane] = e * kept.at(r);
        }
        __syncwarp();
        add_weighted(context, mine, values, wide, rows, lane);
    }
#pragma unroll
    for (u32 r = 0; r < OWN; ++r) {
        if (r >= rows) break;
        T *out = static_cast<T *>(p.context) + (u64)(h.sequence.out + query + r) * p.heads * h.width + h.head * h.width;
        const float inverse = 1.0f / total[r];
#pragma unroll
        for (u32 w = 0; w < WIDE; ++w)
            if (w * 32 + lane < h.width) store(out[w * 32 + lane], context[r][w] * inverse);
        if (lane == 0) p.logs[h.place(query + r)] = most[r] + logf(total[r]);
    }
}

// Gradient to the queries, and `deltas`. Grid: tiles of queries, heads. Shared f32: 32 · (4 wide + 8) + 4 · 8 · 32.
template <typename T, u32 WIDE> DEVICE void attention_queries(const Attention &p) {
    SHARED(float, shared);
    const Tile tile = p.tiles[blockIdx.x];
    const Head<T> h(p, tile);
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, wide = h.wide;
    const Rows queries = {shared, wide}, grads = {shared + TILE * wide, wide};
    const Rows keys = {grads.start + TILE * wide, wide + 4}, values = {keys.start + TILE * (wide + 4), wide + 4};
    float *mine = values.start + TILE * (wide + 4) + warp * OWN * 32;
    const u32 query = tile.first + warp * OWN;
    const u32 rows = query < h.sequence.queries ? min(h.sequence.queries - query, OWN) : 0;
    h.fill_queries(queries, tile.first);
    h.fill_grads(grads, tile.first);
    __syncthreads();
    float dquery[OWN][WIDE] = {}, log[OWN] = {}, delta[OWN] = {};
#pragma unroll
    for (u32 r = 0; r < OWN; ++r) {
        if (r >= rows) break;
        const T *context = h.row(p.context, h.sequence.out + query + r, p.heads * h.width);
        for (u32 column = lane; column < h.width; column += 32)
            delta[r] += load(context[column]) * grads.row(warp * OWN + r)[column];
        delta[r] = warp_sum(delta[r]);
        log[r] = p.logs[h.place(query + r)];
        if (lane == 0) p.deltas[h.place(query + r)] = delta[r];
    }
    for (u32 first = 0; first < h.b; first += 8) {
        __syncthreads();
        h.fill_keys(keys, values, first);
        __syncthreads();
        if (rows == 0) continue;
        const bool real = h.key(first, lane) < h.sequence.tokens;
        float score[OWN] = {}, back[OWN] = {};
        for (u32 column = 0; column < wide; column += 4) {
            const float4 key = keys.four(lane, column), value = values.four(lane, column);
#pragma unroll
            for (u32 r = 0; r < OWN; ++r) {
                score[r] = dot(queries.four(warp * OWN + r, column), key, score[r]);
                back[r] = dot(grads.four(warp * OWN + r, column), value, back[r]);
            }
        }
        const TileFactors kept(h, query, rows, first);
        __syncwarp();
#pragma unroll
        for (u32 r = 0; r < OWN; ++r) {
            if (r >= rows) break;
            const float factor = kept.at(r);
            mine[r * 32 + lane] = real ? expf(score[r] - log[r]) * (factor * back[r] - delta[r]) : 0.0f;
        }
        __syncwarp();
        add_weighted(dquery, mine, keys, wide, rows, lane);
    }
#pragma unroll
    for (u32 r = 0; r < OWN; ++r) {
        if (r >= rows) break;
        T *out = static_cast<T *>(p.dquery) + (u64)(h.sequence.out + query + r) * p.dquery_stride + h.head * h.width;
#pragma unroll
        for (u32 w = 0; w < WIDE; ++w)
            if (w * 32 + lane < h.width) store(out[w * 32 + lane], dquery[r][w] * p.scale);
    }
}

// Gradients to keys and values; behind `attention_queries`. A warp has the 8 keys of two counters, a lane a query.
// Grid: tiles of counters, heads. Shared f32: 32 · (4 wide + 8) + 2 · 4 · 8 · 32.
template <typename T, u32 WIDE> DEVICE void attention_keys(const Attention &p) {
    SHARED(float, shared);
    const Tile tile = p.tiles[blockIdx.x];
    const Head<T> h(p, tile);
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32, wide = h.wide;
    const Rows keys = {shared, wide}, values = {shared + TILE * wide, wide};
    const Rows queries = {values.start + TILE * wide, wide + 4};
    const Rows grads = {queries.start + TILE * (wide + 4), wide + 4};
    float *dropped = grads.start + TILE * (wide + 4) + warp * OWN * 32, *scores = dropped + 4 * OWN * 32;
    h.fill_keys(keys, values, tile.first);
    // Own key k is word k / 2 of the warp's counter k mod 2.
    const auto slot_of = [=](u32 k) { return k / 2 * 8 + warp * 2 + k % 2; };
    float dkey[OWN][WIDE] = {}, dvalue[OWN][WIDE] = {};
    for (u32 first = 0; first < h.sequence.queries; first += TILE) {
        __syncthreads();
        h.fill_queries(queries, first);
        h.fill_grads(grads, first);
        __syncthreads();
        const u32 query = first + lane;
        const bool real = query < h.sequence.queries;
        const float log = real ? p.logs[h.place(query)] : 0.0f, delta = real ? p.deltas[h.place(query)] : 0.0f;
        float score[OWN] = {}, back[OWN] = {};
        for (u32 column = 0; column < wide; column += 4) {
            const float4 own = queries.four(lane, column), grad = grads.four(lane, column);
#pragma unroll
            for (u32 k = 0; k < OWN; ++k) {
                score[k] = dot(keys.four(slot_of(k), column), own, score[k]);
                back[k] = dot(values.four(slot_of(k), column), grad, back[k]);
            }
        }
        __syncwarp();
#pragma unroll
        for (u32 c = 0; c < 2; ++c) {
            const u32 counter = tile.first + warp * 2 + c;
            Four f = {{0.0f, 0.0f, 0.0f, 0.0f}};
            if (real && counter < h.b) f = h.kept(query, counter);
#pragma unroll
            for (u32 q = 0; q < 4; ++q) {
                const u32 k = q * 2 + c;
                const bool there = real && h.key(tile.first, slot_of(k)) < h.sequence.tokens;
                const float probability = there ? expf(score[k] - log) : 0.0f;
                dropped[k * 32 + lane] = probability * f.of[q];
                scores[k * 32 + lane] = there ? probability * (f.of[q] * back[k] - delta) : 0.0f;
            }
        }
        __syncwarp();
        add_weighted(dvalue, dropped, grads, wide, OWN, lane);
        add_weighted(dkey, scores, queries, wide, OWN, lane);
    }
#pragma unroll
    for (u32 k = 0; k < OWN; ++k) {
        const u32 key = h.key(tile.first, slot_of(k));
        if (key >= h.sequence.tokens) continue;
        const u64 at = (u64)(h.sequence.own + key) * p.dkey_stride + h.head * h.width;
#pragma unroll
        for (u32 w = 0; w < WIDE; ++w) {
            const u32 column = w * 32 + lane;
            if (column < h.width) {
                store(static_cast<T *>(p.dkey)[at + column], dkey[k][w]);
                store(static_cast<T *>(p.dvalue)[at + column], dvalue[k][w]);
            }
        }
    }
}

#define OF_WIDTHS(name, type, T)                                                                                       \
    DEVICE void name##_##type##_1(const Attention &p) { name<T, 1>(p); }                                              \
    DEVICE void name##_##type##_2(const Attention &p) { name<T, 2>(p); }                                              \
    DEVICE void name##_##type##_4(const Attention &p) { name<T, 4>(p); }                                              \
    KERNEL(name##_##type##_1, Attention, 128)                                                                          \
    KERNEL(name##_##type##_2, Attention, 128)                                                                          \
    KERNEL(name##_##type##_4, Attention, 128)
OF_WIDTHS(attention_forward, f32, float)
OF_WIDTHS(attention_queries, f32, float)
OF_WIDTHS(attention_keys, f32, float)
OF_WIDTHS(attention_forward, bf16, bf16)
OF_WIDTHS(attention_queries, bf16, bf16)
OF_WIDTHS(attention_keys, bf16, bf16)

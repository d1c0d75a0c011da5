// adam.rs on the GPU: the compact vectors of all members end to end, one update for all.
#include "common.cuh"

// Scalars of one member, at most PART of them, which decay or do not.
struct Part {
    u32 member, start, count, decays;
};
constexpr u32 PART = 4096;

struct Pairs {
    float *to;
    const float *from;
    const u32 *to_places, *from_places;
    u32 count, padding;
};

// to[to_places[i]] = from[from_places[i]].
DEVICE void move_scalars(const Pairs &p) {
    const u32 i = blockIdx.x * 256 + threadIdx.x;
    if (i < p.count) p.to[p.to_places[i]] = p.from[p.from_places[i]];
}
KERNEL(move_scalars, Pairs, 256)

struct AddUp {
    const Part *parts;
    const u32 *firsts;      // [members + 1]: each member's first part
    const u32 *modes;       // of each member: 0 leaves it, 1 begins, 2 adds
    const float *gradient;  // of a part of the batch
    const double *losses;
    float *gradient_sums;   // over the parts of the batch
    double *loss_sums;
};

// Gradients and losses of a part of the members' batches to those of the parts before. Grid: parts.
DEVICE void add_up(const AddUp &p) {
    const Part part = p.parts[blockIdx.x];
    const u32 mode = p.modes[part.member];
    if (mode == 0) return;
    for (u32 i = threadIdx.x; i < part.count; i += 256) {
        const u32 at = part.start + i;
        p.gradient_sums[at] = mode == 1 ? p.gradient[at] : p.gradient_sums[at] + p.gradient[at];
    }
    if (threadIdx.x == 0 && blockIdx.x == p.firsts[part.member]) {
        const double loss = p.losses[part.member];
        p.loss_sums[part.member] = mode == 1 ? loss : p.loss_sums[part.member] + loss;
    }
}
KERNEL(add_up, AddUp, 256)

struct Squares {
    const Part *parts;
    const float *gradient;
    double *sums; // of each part
};

// Σ x² of a part, in f64: each thread adds up every 256th, then neighbours are added pairwise. Grid: parts.
// Shared: 8 f64.
DEVICE void squares(const Squares &p) {
    SHARED(double, sums);
    const Part part = p.parts[blockIdx.x];
    double sum = 0.0;
    for (u32 i = threadIdx.x; i < part.count; i += 256) {
        const double x = p.gradient[part.start + i];
        sum += x * x;
    }
    sum = warp_sum(sum);
    if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (u32 w = 1; w < 8; ++w) sum += sums[w];
        p.sums[blockIdx.x] = sum;
    }
}
KERNEL(squares, Squares, 256)

// A member's optimizer.
struct Optimizer {
    double beta1, beta2, epsilon, weight_decay;
    double max_gradient_norm; // infinite where none is
    u32 keras; // where ε stands
    u32 padding;
};

// The factors of one update: θ −= rate · m / (root · √v + ε), with moments of clip · gradient, after θ *= keep where θ decays.
struct Update {
    float beta1, beta2, rate, root, epsilon, clip, keep;
    u32 go; // 0: the member stays as it is
};

// What a step tells the host.
struct Report {
    double loss, norm;
};

struct StepCheck {
    const double *sums; // of each part
    const u32 *firsts;  // [members + 1]: each member's first part
    const double *losses, *rates;
    const Optimizer *optimizers;
    const u32 *steps; // done before this one
    Update *updates;
    Report *reports;
};

// Adds up the norm, and lets a member go on whose loss and norm are finite. Grid: members. Shared: 256 f64.
DEVICE void step_check(const StepCheck &p) {
    SHARED(double, sums);
    const u32 member = blockIdx.x, first = p.firsts[member], count = p.firsts[member + 1] - first;
    const u32 run = (count + 255) / 256;
    double sum = 0.0;
    for (u32 i = threadIdx.x * run; i < min((threadIdx.x + 1) * run, count); ++i) sum += p.sums[first + i];
    sums[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x != 0) return;
    for (u32 i = 1; i < 256; ++i) sum += sums[i];
    const double norm = sqrt(sum), loss = p.losses[member], rate = p.rates[member];
    const Optimizer adam = p.optimizers[member];
    Update update = {(float)adam.beta1, (float)adam.beta2, 0.0f, 0.0f, (float)adam.epsilon, 1.0f, 1.0f, 0};
    if (isfinite(loss) && isfinite(norm)) {
        const double t = (double)p.steps[member] + 1.0;
        const double bias1 = 1.0 - pow(adam.beta1, t), bias2 = 1.0 - pow(adam.beta2, t);
        update.rate = (float)(adam.keras ? rate * sqrt(bias2) / bias1 : rate / bias1);
        update.root = (float)(adam.keras ? 1.0 : 1.0 / sqrt(bias2));
        update.clip = (float)fmin(1.0, adam.max_gradient_norm / (norm + 1e-6));
        update.keep = (float)(1.0 - rate * adam.weight_decay);
        update.go = 1;
    }
    p.updates[member] = update;
    p.reports[member] = {loss, norm};
}
KERNEL(step_check, StepCheck, 256)

struct Adam {
    const Part *parts;
    const Update *updates;
    const float *gradient;
    float *values, *first, *second;
    bf16 *rounded; // copy of `values` that products read; null where none does
};

// Grid: parts.
DEVICE void adam(const Adam &p) {
    const Part part = p.parts[blockIdx.x];
    const Update f = p.updates[part.member];
    if (!f.go) return;
    for (u32 i = threadIdx.x; i < part.count; i += 256) {
        const u32 at = part.start + i;
        const float g = p.gradient[at] * f.clip;
        const float m = fmaf(g - p.first[at], 1.0f - f.beta1, p.first[at]);
        const float v = fmaf(g * g, 1.0f - f.beta2, p.second[at] * f.beta2);
        const float kept = part.decays ? p.values[at] * f.keep : p.values[at];
        const float value = kept - f.rate * m / fmaf(f.root, sqrtf(v), f.epsilon);
        p.first[at] = m;
        p.second[at] = v;
        p.values[at] = value;
        if (p.rounded) store(p.rounded[at], value);
    }
}
KERNEL(adam, Adam, 256)

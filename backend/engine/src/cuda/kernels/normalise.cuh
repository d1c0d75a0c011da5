// LayerNorm of one row by one warp.
#pragma once
#include "common.cuh"

// Makes `z` [width] of a warp's row x̂ in place and gives 1 / √(var + ε). Lane l owns the elements c + q·b with
// c ≡ l (mod 32): it reads only what it wrote.
DEVICE float normalise(float *z, u32 width, float epsilon) {
    const u32 lane = threadIdx.x % 32, b = (width + 3) / 4;
    float sum = 0.0f;
    for (u32 c = lane; c < b; c += 32)
        for (u32 e = c; e < width; e += b) sum += z[e];
    const float mean = warp_sum(sum) / width;
    float squares = 0.0f;
    for (u32 c = lane; c < b; c += 32)
        for (u32 e = c; e < width; e += b) squares += (z[e] - mean) * (z[e] - mean);
    const float rstd = 1.0f / sqrtf(warp_sum(squares) / width + epsilon);
    for (u32 c = lane; c < b; c += 32)
        for (u32 e = c; e < width; e += b) z[e] = (z[e] - mean) * rstd;
    return rstd;
}

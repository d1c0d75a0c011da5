// activation.rs on the GPU: what stands behind a product, by the numbers of `DeviceActivation`.
#pragma once
#include "common.cuh"

enum Activation : u32 { GELU = 0, GELU_TANH = 1, RELU = 2, TANH = 3, NONE = 4 };

// Φ(u).
DEVICE float normal(float u) { return 0.5f * erfcf(-0.70710678f * u); }

// ½ (1 + tanh y) = 1 / (1 + e^−2y), y = √(2/π) (u + 0.044715 u³).
DEVICE float half_tanh(float u) { return 1.0f / (1.0f + expf(-1.5957691f * u * (1.0f + 0.044715f * u * u))); }

DEVICE float activate(u32 kind, float u) {
    switch (kind) {
    case GELU: return u * normal(u);
    case GELU_TANH: return u * half_tanh(u);
    case RELU: return u <= 0.0f ? 0.0f : u; // not-a-number stays one
    case TANH: return tanhf(u);
    default: return u;
    }
}

// Its derivative.
DEVICE float activation_grad(u32 kind, float u) {
    switch (kind) {
    case GELU: return normal(u) + u * 0.39894228f * expf(-0.5f * u * u);
    case GELU_TANH: {
        const float share = half_tanh(u);
        return share + u * share * (1.0f - share) * 1.5957691f * (1.0f + 0.134145f * u * u);
    }
    case RELU: return u > 0.0f ? 1.0f : 0.0f;
    case TANH: {
        const float y = tanhf(u);
        return 1.0f - y * y;
    }
    default: return 1.0f;
    }
}

//! Each kernel's parameters, as its `.cu` file beside the processor's version declares them. An address of 0 is a null
//! pointer.

use super::records::DeviceSite;
use crate::cuda::machine::Address;

/// Declares a kernel's structure, all of whose fields are public.
macro_rules! parameters {
    ($(#[$note:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$note])*
        #[derive(Clone, Copy, Debug, Default)]
        #[repr(C)]
        #[allow(missing_docs)]
        pub(crate) struct $name { $(pub $field: $type),* }
    };
}

parameters!(
    /// See `embedding.cu`.
    Embed {
        chunks: Address, draws: Address, examples: Address, positions: Address, ids: Address, segments: Address,
        place_rows: Address, words: Address, places: Address, kinds: Address, sparse: Address, gamma: Address, beta: Address,
        x_hats: Address, out: Address, rstd: Address, width: u32, epsilon: f32, site: DeviceSite,
    }
);

parameters!(
    /// See `embedding.cu`.
    TableGradient { grad: Address, numbers: Address, starts: Address, rows: Address, table: Address, width: u32, padding: u32 }
);

parameters!(
    /// See `layer_norm.cu`.
    NormForward {
        chunks: Address, draws: Address, examples: Address, positions: Address, product: Address, residual: Address,
        bias: Address, gamma: Address, beta: Address, x_hats: Address, out: Address, rstd: Address,
        width: u32, epsilon: f32, site: DeviceSite,
    }
);

parameters!(
    /// See `layer_norm.cu`.
    NormBackward {
        chunks: Address, draws: Address, examples: Address, positions: Address, grad: Address, x_hats: Address,
        rstd: Address, gamma: Address, product: Address, partial: Address, width: u32, after: u32, site: DeviceSite,
    }
);

parameters!(
    /// See `gelu.cu`.
    Gelu { chunks: Address, product: Address, bias: Address, out: Address, partial: Address, width: u32, activation: u32 }
);

parameters!(
    /// See `rows.cu`.
    ColumnSums { chunks: Address, from: Address, partial: Address, stride: u32, width: u32 }
);

parameters!(
    /// See `rows.cu`.
    Collect { partial: Address, firsts: Address, wave: Address, targets: Address, width: u32, vector: u32, stride: u32, first: u32 }
);

parameters!(
    /// See `rows.cu`.
    PickRows { rows: Address, from: Address, to: Address, width: u32, padding: u32 }
);

parameters!(
    /// See `rows.cu`.
    Digest { from: Address, sums: Address, count: u64 }
);

parameters!(
    /// See `rows.cu`.
    Round { from: Address, to: Address, count: u64 }
);

parameters!(
    /// See `attention.cu`.
    Attention {
        tiles: Address, sequences: Address, draws: Address, positions: Address, query: Address, key: Address,
        value: Address, bias: Address, context: Address, logs: Address, grad: Address, deltas: Address,
        dquery: Address, dkey: Address, dvalue: Address, query_stride: u32, key_stride: u32, dquery_stride: u32,
        dkey_stride: u32, heads: u32, width: u32, scale: f32, site: DeviceSite,
    }
);

parameters!(
    /// See `head.cu`.
    HeadForward {
        chunks: Address, draws: Address, examples: Address, positions: Address, product: Address, features: Address,
        bias: Address, head: Address, pooled: Address, dropped: Address, logits: Address, width: u32, outputs: u32, site: DeviceSite,
    }
);

parameters!(
    /// See `head.cu`.
    Loss {
        logits: Address, targets: Address, firsts: Address, wave: Address, divisors: Address, weights: Address,
        d_logits: Address, losses: Address, outputs: u32, function: u32,
    }
);

parameters!(
    /// See `head.cu`.
    HeadGradient { d_logits: Address, dropped: Address, firsts: Address, wave: Address, gradients: Address, width: u32, outputs: u32, first: u64 }
);

parameters!(
    /// See `head.cu`.
    HeadBackward {
        chunks: Address, draws: Address, examples: Address, positions: Address, d_logits: Address, head: Address,
        pooled: Address, act_grad: Address, product: Address, width: u32, outputs: u32, site: DeviceSite,
    }
);

parameters!(
    /// See `dense.cu`.
    DenseInputs {
        chunks: Address, draws: Address, examples: Address, positions: Address, features: Address, inputs: Address,
        width: u32, site: DeviceSite,
    }
);

parameters!(
    /// See `dense.cu`.
    DenseForward {
        chunks: Address, inputs: Address, head: Address, out: Address, act_grad: Address, width: u32, first: u32,
        activation: u32, padding: u32,
    }
);

parameters!(
    /// See `dense.cu`.
    DenseBackward {
        chunks: Address, draws: Address, examples: Address, positions: Address, grad: Address, head: Address,
        out: Address, width: u32, first: u32, site: DeviceSite,
    }
);

parameters!(
    /// See `sparse.cu`.
    SparseApply { chunks: Address, sparse: Address, input: Address, out: Address, input_stride: u32, out_stride: u32 }
);

parameters!(
    /// See `sparse.cu`.
    SparseGradient {
        spans: Address, wave: Address, sparse: Address, grad: Address, input: Address, gradients: Address, grad_stride: u32,
        input_stride: u32,
    }
);

parameters!(
    /// See `sparse.cu`.
    SparseTable {
        spans: Address, tokens: Address, wave: Address, sparse: Address, numbers: Address, grad: Address, gradients: Address,
        width: u32, table: u32,
    }
);

parameters!(
    /// See `adam.cu`.
    Pairs { to: Address, from: Address, to_places: Address, from_places: Address, count: u32, padding: u32 }
);

parameters!(
    /// See `adam.cu`.
    AddUp {
        parts: Address, firsts: Address, modes: Address, gradient: Address, losses: Address, gradient_sums: Address,
        loss_sums: Address,
    }
);

parameters!(
    /// See `adam.cu`.
    Squares { parts: Address, gradient: Address, sums: Address }
);

parameters!(
    /// See `adam.cu`.
    StepCheck {
        sums: Address, firsts: Address, losses: Address, rates: Address, optimizers: Address, steps: Address,
        updates: Address, reports: Address,
    }
);

parameters!(
    /// See `adam.cu`.
    AdamUpdate {
        parts: Address, updates: Address, gradient: Address, values: Address, first: Address, second: Address,
        rounded: Address,
    }
);

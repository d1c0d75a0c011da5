//! The step's kernels one by one, at the size of a MiniLM batch: `cargo bench --bench kernels`.
//!
//! Throughput is in elements of the result; of products in multiply-adds.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tunemask_engine::dropout::{Dropout, Site};
use tunemask_engine::kernels::adam::{self, Factors};
use tunemask_engine::kernels::attention::{self, AttnDims, DropoutKey, Scratch, View};
use tunemask_engine::kernels::gelu;
use tunemask_engine::kernels::layer_norm::{self, Norm, Sums};
use tunemask_engine::kernels::matmul::{Gemm, gemm};
use tunemask_shared::philox::{Purpose, Stream};

/// Tokens of a batch, and what MiniLM makes of each.
const ROWS: usize = 1024;
const HIDDEN: usize = 384;
const INNER: usize = 1536;
const HEAD: usize = 32;
/// Tokens of a sequence.
const LENGTH: usize = 64;

fn draw(n: usize, part: u32) -> Vec<f32> {
    let mut stream = Stream::new(1, Purpose::Weights, part);
    (0..n).map(|_| stream.normal() as f32).collect()
}

fn products(c: &mut Criterion) {
    let mut group = c.benchmark_group("products");
    let (x, w, mut y) = (draw(ROWS * HIDDEN, 0), draw(INNER * HIDDEN, 1), vec![0.0; ROWS * INNER]);
    let (mut d_x, mut dw) = (vec![0.0; ROWS * HIDDEN], vec![0.0; INNER * HIDDEN]);
    group.throughput(Throughput::Elements((ROWS * HIDDEN * INNER) as u64));
    group.bench_function("forward", |b| {
        b.iter(|| gemm(&mut y, &x, &w, Gemm::nt(ROWS, INNER, HIDDEN)));
    });
    group.bench_function("gradient of the input", |b| {
        b.iter(|| gemm(&mut d_x, &y, &w, Gemm::nn(ROWS, HIDDEN, INNER)));
    });
    group.bench_function("gradient of the matrix", |b| {
        b.iter(|| gemm(&mut dw, &y, &x, Gemm::tn(INNER, HIDDEN, ROWS)));
    });
    group.finish();
}

fn rows(c: &mut Criterion) {
    let mut group = c.benchmark_group("rows");
    let dropout = Dropout { probability: 0.1, seed: 7, step: 3 };
    let (product, residual, gamma, beta) =
        (draw(HIDDEN, 0), draw(HIDDEN, 1), draw(HIDDEN, 2), draw(HIDDEN, 3));
    let (mut factors, mut x_hat, mut y) = (vec![1.0; HIDDEN], vec![0.0; HIDDEN], vec![0.0; HIDDEN]);
    group.throughput(Throughput::Elements(HIDDEN as u64));
    group.bench_function("dropout", |b| b.iter(|| dropout.factors(Site::Embeddings, 5, 11, &mut factors)));
    group.bench_function("layer norm", |b| {
        let norm = Norm { gamma: &gamma, beta: &beta, epsilon: 1e-12 };
        b.iter(|| layer_norm::forward(&product, &beta, &factors, &residual, &mut x_hat, &mut y, norm));
    });
    group.bench_function("layer norm, back", |b| {
        let (mut d_y, mut out) = (draw(HIDDEN, 4), vec![0.0; HIDDEN]);
        let mut sums = [vec![0.0; HIDDEN], vec![0.0; HIDDEN], vec![0.0; HIDDEN]];
        b.iter(|| {
            let [gamma_sum, beta_sum, bias_sum] = &mut sums;
            let mut sums = Sums { gamma: gamma_sum, beta: beta_sum, bias: bias_sum };
            layer_norm::backward(&mut d_y, &x_hat, 0.5, &gamma, &factors, &mut out, &mut sums);
        });
    });
    let (up, bias) = (draw(LENGTH * INNER, 5), draw(INNER, 6));
    let (mut grad, mut out) = (vec![0.0; LENGTH * INNER], vec![0.0; LENGTH * INNER]);
    group.throughput(Throughput::Elements((LENGTH * INNER) as u64));
    group.bench_function("GELU", |b| b.iter(|| gelu::value(&up, &bias, &mut out)));
    group.bench_function("GELU and its derivative", |b| {
        b.iter(|| gelu::forward(&up, &bias, &mut grad, &mut out))
    });
    group.finish();
}

fn heads(c: &mut Criterion) {
    let mut group = c.benchmark_group("attention");
    let (rows, zero) = (draw(LENGTH * HEAD, 0), vec![0.0; HEAD]);
    let mut s = Scratch::default();
    let view = View { start: 0, stride: HEAD };
    for to in [&mut s.q, &mut s.k, &mut s.v, &mut s.context] {
        attention::gather(to, LENGTH, &rows, view, &zero, 1.0);
    }
    let dropout = Dropout { probability: 0.1, seed: 7, step: 3 };
    let key = DropoutKey { dropout, site: Site::Probabilities(0), example: 1, head: 2, positions: None };
    let dims = AttnDims { queries: LENGTH, keys: LENGTH, width: HEAD };
    let mut p = vec![0.0; LENGTH * LENGTH];
    group.throughput(Throughput::Elements((LENGTH * LENGTH) as u64));
    group.bench_function("a head", |b| b.iter(|| attention::forward(&mut s, dims, key, &mut p)));
    group.bench_function("a head, back", |b| b.iter(|| attention::backward(&mut s, dims, key, &p, 0.2)));
    group.finish();
}

fn optimizer(c: &mut Criterion) {
    let n = 1 << 20;
    let (mut theta, gradient, mut first, mut second) = (draw(n, 0), draw(n, 1), vec![0.0; n], vec![0.0; n]);
    let factors = Factors { beta1: 0.9, beta2: 0.999, rate: 1e-3, root: 1.0, epsilon: 1e-6, clip: 1.0 };
    let mut group = c.benchmark_group("optimizer");
    group.throughput(Throughput::Elements(n as u64));
    group.bench_function("Adam", |b| {
        b.iter(|| adam::update(black_box(&mut theta), &gradient, &mut first, &mut second, factors));
    });
    group.finish();
}

criterion_group!(benches, products, rows, heads, optimizer);
criterion_main!(benches);

//! Matrix products of row-major f32 matrices.
//!
//! A row of a product has the same bits whatever rows stand beside it, from `fewest_rows` up (tested here):
//! the depth of `gemm`'s blocks depends on the inner dimension alone. Callers pad a shorter product.

use gemm::Parallelism;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Nanoseconds that products on all threads have taken.
static SPENT: AtomicU64 = AtomicU64::new(0);

/// Time that products on all threads have taken since the program started.
pub fn time_in_products() -> Duration {
    Duration::from_nanos(SPENT.load(Ordering::Relaxed))
}

/// Does a product with all threads, and counts its time.
pub fn timed<R>(product: impl FnOnce() -> R) -> R {
    let clock = Instant::now();
    let result = product();
    SPENT.fetch_add(clock.elapsed().as_nanos() as u64, Ordering::Relaxed);
    result
}

/// What happens to what stood in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accumulate {
    /// It is replaced.
    Overwrite,
    /// The product is added to it.
    Add,
}

/// Fewest rows of a product whose narrowest result has `columns` columns.
///
/// `gemm` computes a single row, a result of up to 16 × 16 scalars, and one of up to 64 × 64 in other ways,
/// with other bits.
pub fn fewest_rows(columns: usize) -> usize {
    if columns <= 64 { 65 } else { (16 * 16 / columns + 1).max(2) }
}

/// How many threads work on a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// The calling one.
    One,
    /// rayon's.
    All,
}

/// Which factor of a product is read transposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `a[m, k] · b[n, k]ᵀ`: a linear layer's forward.
    Nt,
    /// `a[m, k] · b[k, n]`: its gradient to its input.
    Nn,
    /// `a[k, m]ᵀ · b[k, n]`: its gradient to its weight.
    Tn,
}

/// A product of row-major matrices without gaps: `out[m, n] (+)= scale · a · b`.
#[derive(Clone, Copy, Debug)]
pub struct Gemm {
    /// How the factors are read.
    pub form: Form,
    /// Rows of the result.
    pub m: usize,
    /// Its columns.
    pub n: usize,
    /// The inner dimension.
    pub k: usize,
    /// What the product is multiplied by.
    pub scale: f32,
    /// What happens to what stood in the result.
    pub accumulate: Accumulate,
    /// Who works on it.
    pub threads: Threads,
}

impl Gemm {
    fn new(form: Form, m: usize, n: usize, k: usize) -> Self {
        Self { form, m, n, k, scale: 1.0, accumulate: Accumulate::Overwrite, threads: Threads::All }
    }

    /// `out[m, n] = a[m, k] · b[n, k]ᵀ`, on all threads.
    pub fn nt(m: usize, n: usize, k: usize) -> Self {
        Self::new(Form::Nt, m, n, k)
    }

    /// `out[m, n] = a[m, k] · b[k, n]`, on all threads.
    pub fn nn(m: usize, n: usize, k: usize) -> Self {
        Self::new(Form::Nn, m, n, k)
    }

    /// `out[m, n] = a[k, m]ᵀ · b[k, n]`, on all threads.
    pub fn tn(m: usize, n: usize, k: usize) -> Self {
        Self::new(Form::Tn, m, n, k)
    }

    /// The same on the calling thread.
    pub fn on_one_thread(self) -> Self {
        Self { threads: Threads::One, ..self }
    }
}

/// Does a product. Buffers may be longer than their matrices.
///
/// # Panics
/// A matrix reaches outside its buffer.
pub fn gemm(out: &mut [f32], a: &[f32], b: &[f32], product: Gemm) {
    let Gemm { form, m, n, k, scale, accumulate, threads } = product;
    if m == 0 || n == 0 {
        return;
    }
    assert!(m * k <= a.len() && k * n <= b.len(), "a factor of {product:?} reaches outside its buffer");
    assert!(m * n <= out.len(), "the result of {product:?} reaches outside its buffer");
    // Steps from row to row and from column to column of `a[m, k]` and `b[k, n]`, as they are stored.
    let (a_row, a_column) = if form == Form::Tn { (1, m) } else { (k, 1) };
    let (b_row, b_column) = if form == Form::Nt { (1, k) } else { (n, 1) };
    let parallelism = match threads {
        Threads::One => Parallelism::None,
        Threads::All => Parallelism::Rayon(0),
    };
    // SAFETY: the three matrices lie inside their buffers by the assertions, and the result is borrowed mutably, so it
    // overlaps neither factor.
    let mut work = || unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            accumulate == Accumulate::Add,
            a.as_ptr(),
            a_column as isize,
            a_row as isize,
            b.as_ptr(),
            b_column as isize,
            b_row as isize,
            1.0,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    };
    match threads {
        Threads::One => work(),
        Threads::All => timed(work),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::philox::{Purpose, Stream};

    fn random(n: usize, part: u32) -> Vec<f32> {
        let mut s = Stream::new(5, Purpose::Weights, part);
        (0..n).map(|_| s.normal() as f32).collect()
    }

    #[test]
    fn products_match_the_definition() {
        let (m, n, k) = (5, 7, 3);
        let (a, b) = (random(m * k, 0), random(n * k, 1));
        let mut want = vec![1.0; m * n];
        for i in 0..m {
            for j in 0..n {
                want[i * n + j] += 2.0 * (0..k).map(|l| a[i * k + l] * b[j * k + l]).sum::<f32>();
            }
        }
        let close = |got: &[f32]| got.iter().zip(&want).all(|(x, y)| (x - y).abs() < 1e-5);
        let mut got = vec![1.0; m * n];
        let twice = |product: Gemm| Gemm { scale: 2.0, accumulate: Accumulate::Add, ..product };
        gemm(&mut got, &a, &b, twice(Gemm::nt(m, n, k)).on_one_thread());
        assert!(close(&got));
        let bt: Vec<f32> = (0..k * n).map(|i| b[(i % n) * k + i / n]).collect();
        let at: Vec<f32> = (0..k * m).map(|i| a[(i % m) * k + i / m]).collect();
        let mut got = vec![1.0; m * n];
        gemm(&mut got, &a, &bt, twice(Gemm::nn(m, n, k)));
        assert!(close(&got));
        let mut got = vec![1.0; m * n];
        gemm(&mut got, &at, &bt, twice(Gemm::tn(m, n, k)));
        assert!(close(&got));
    }

    /// What gangs stand on.
    #[test]
    fn a_row_has_the_same_bits_in_any_company() {
        for (n, k) in [(384, 384), (1536, 384), (384, 1536), (128, 128), (33, 70), (12, 20), (64, 1030)] {
            let (a, w) = (random(700 * k, 2), random(n * k, 3));
            let wt: Vec<f32> = (0..k * n).map(|i| w[(i % n) * k + i / n]).collect();
            let run = |rows: usize| {
                let (mut y, mut x) = (vec![0.0; rows * n], vec![0.0; rows * n]);
                gemm(&mut y, &a, &w, Gemm::nt(rows, n, k));
                gemm(&mut x, &a, &wt, Gemm::nn(rows, n, k));
                (y, x)
            };
            let (full, full_nn) = run(700);
            let counts = [fewest_rows(n), 16, 17, 31, 64, 100, 256, 500];
            for rows in counts.into_iter().filter(|&rows| rows >= fewest_rows(n)) {
                let (part, part_nn) = run(rows);
                let same = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same(&part, &full), "nt {rows} x {n} x {k}");
                assert!(same(&part_nn, &full_nn), "nn {rows} x {n} x {k}");
            }
        }
    }
}

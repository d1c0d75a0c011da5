//! Matrix products of row-major f32 matrices.
//!
//! A row of a product has the same bits whatever rows stand beside it, from [`fewest_rows`] up (tested here):
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

/// A row-major matrix: `stride` scalars from one row to the next.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    /// Its scalars.
    pub data: &'a [f32],
    /// Scalars between the starts of two rows.
    pub stride: usize,
}

/// A row-major matrix without gaps.
pub fn dense(data: &[f32], columns: usize) -> Matrix<'_> {
    Matrix { data, stride: columns }
}

/// What happens to what stood in the result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// It is replaced.
    Replace,
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
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// The calling one.
    One,
    /// rayon's.
    All,
}

/// A matrix as `gemm` sees it: rows, columns, and the steps between two of each.
#[derive(Clone, Copy)]
struct Strided {
    pointer: *const f32,
    row: usize,
    column: usize,
}

fn strided(m: Matrix<'_>, rows: usize, columns: usize, transposed: bool) -> Strided {
    let last = if rows == 0 { 0 } else { (rows - 1) * m.stride + columns };
    assert!(last <= m.data.len(), "a {rows} x {columns} matrix reaches outside its buffer");
    let (row, column) = if transposed { (1, m.stride) } else { (m.stride, 1) };
    Strided { pointer: m.data.as_ptr(), row, column }
}

fn product(
    dst: &mut [f32],
    dst_stride: usize,
    into: Into,
    (m, n, k): (usize, usize, usize),
    lhs: Strided,
    rhs: Strided,
    scale: f32,
    threads: Threads,
) {
    if m == 0 || n == 0 {
        return;
    }
    assert!((m - 1) * dst_stride + n <= dst.len(), "a {m} x {n} result reaches outside its buffer");
    let parallelism = match threads {
        Threads::One => Parallelism::None,
        Threads::All => Parallelism::Rayon(0),
    };
    // SAFETY: the three matrices lie inside their buffers by the assertions here and in `strided`, and the
    // result is borrowed mutably, so it overlaps neither factor.
    let mut work = || unsafe {
        gemm::gemm(
            m,
            n,
            k,
            dst.as_mut_ptr(),
            1,
            dst_stride as isize,
            into == Into::Add,
            lhs.pointer,
            lhs.column as isize,
            lhs.row as isize,
            rhs.pointer,
            rhs.column as isize,
            rhs.row as isize,
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

/// `dst[m, n] (+)= scale · a[m, k] · b[n, k]ᵀ`: a linear layer's forward.
pub fn nt(
    dst: &mut [f32],
    dst_stride: usize,
    into: Into,
    dims: (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    scale: f32,
    threads: Threads,
) {
    let (m, n, k) = dims;
    product(dst, dst_stride, into, dims, strided(a, m, k, false), strided(b, n, k, true), scale, threads);
}

/// `dst[m, n] (+)= scale · a[m, k] · b[k, n]`: a linear layer's gradient to its input.
pub fn nn(
    dst: &mut [f32],
    dst_stride: usize,
    into: Into,
    dims: (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    scale: f32,
    threads: Threads,
) {
    let (m, n, k) = dims;
    product(dst, dst_stride, into, dims, strided(a, m, k, false), strided(b, k, n, false), scale, threads);
}

/// `dst[m, n] (+)= scale · a[k, m]ᵀ · b[k, n]`: a linear layer's gradient to its weight.
pub fn tn(
    dst: &mut [f32],
    dst_stride: usize,
    into: Into,
    dims: (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    scale: f32,
    threads: Threads,
) {
    let (m, n, k) = dims;
    product(dst, dst_stride, into, dims, strided(a, k, m, true), strided(b, k, n, false), scale, threads);
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
        nt(&mut got, n, Into::Add, (m, n, k), dense(&a, k), dense(&b, k), 2.0, Threads::One);
        assert!(close(&got));
        let bt: Vec<f32> = (0..k * n).map(|i| b[(i % n) * k + i / n]).collect();
        let at: Vec<f32> = (0..k * m).map(|i| a[(i % m) * k + i / m]).collect();
        let mut got = vec![1.0; m * n];
        nn(&mut got, n, Into::Add, (m, n, k), dense(&a, k), dense(&bt, n), 2.0, Threads::All);
        assert!(close(&got));
        let mut got = vec![1.0; m * n];
        tn(&mut got, n, Into::Add, (m, n, k), dense(&at, m), dense(&bt, n), 2.0, Threads::All);
        assert!(close(&got));
    }

    /// What gangs stand on.
    #[test]
    fn a_row_has_the_same_bits_in_any_company() {
        for (n, k) in [(384, 384), (1536, 384), (384, 1536), (128, 128), (33, 70), (12, 20), (64, 1030)] {
            let (a, w) = (random(700 * k, 2), random(n * k, 3));
            let wt: Vec<f32> = (0..k * n).map(|i| w[(i % n) * k + i / n]).collect();
            let run = |rows: usize, threads| {
                let (mut y, mut x) = (vec![0.0; rows * n], vec![0.0; rows * n]);
                nt(&mut y, n, Into::Replace, (rows, n, k), dense(&a, k), dense(&w, k), 1.0, threads);
                nn(&mut x, n, Into::Replace, (rows, n, k), dense(&a, k), dense(&wt, n), 1.0, threads);
                (y, x)
            };
            let (full, full_nn) = run(700, Threads::All);
            let counts = [fewest_rows(n), 16, 17, 31, 64, 100, 256, 500];
            for rows in counts.into_iter().filter(|&rows| rows >= fewest_rows(n)) {
                let (part, part_nn) = run(rows, Threads::All);
                let same = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same(&part, &full), "nt {rows} x {n} x {k}");
                assert!(same(&part_nn, &full_nn), "nn {rows} x {n} x {k}");
            }
        }
    }
}

//! Row kernels.

use super::rig::{Rig, chunks, dropout, everywhere, random};
use crate::cuda::launch::*;
use crate::cuda::machine::Address;
use crate::dropout::{Dropout, Site};

const MEMBERS: [usize; 3] = [5, 33, 70];
const ROWS: usize = 108;

/// What row kernels read: chunks, and what keys the dropout of each row of the packed batch.
struct Rows {
    chunks: Address,
    count: usize,
    draws: Address,
    examples: Address,
    positions: Address,
}

struct Setting {
    width: usize,
    chunks: Vec<DeviceChunk>,
    rows: Rows,
    site: DeviceSite,
    examples: Vec<u32>,
    positions: Vec<u32>,
    draws: Vec<Dropout>,
}

impl Setting {
    fn new(rig: &Rig, width: usize, place: Site) -> Self {
        let (chunks, n) = chunks(&MEMBERS);
        assert_eq!(n, ROWS);
        let examples: Vec<u32> = (0..ROWS as u32).map(|i| 40 + i / 9).collect();
        let positions: Vec<u32> = (0..ROWS as u32).map(|i| i % 9).collect();
        let made: Vec<_> = (0..3).map(|m| dropout(place, 0.2, 7 << 33 | m, m as u32)).collect();
        let draws: Vec<DeviceDraw> = made.iter().map(|d| d.2).collect();
        let rows = Rows {
            chunks: rig.put(&chunks),
            count: chunks.len(),
            draws: rig.put(&draws),
            examples: rig.put(&examples),
            positions: rig.put(&positions),
        };
        let (site, draws) = (made[0].1, made.iter().map(|d| d.0).collect());
        Self { width, chunks, rows, site, examples, positions, draws }
    }

    /// A vector a member, and where their addresses are.
    fn vectors(&self, rig: &Rig, part: u32) -> (u64, Vec<Vec<f64>>) {
        let own: Vec<Vec<f32>> = (0..3).map(|m| random(self.width, part + m)).collect();
        let addresses: Vec<u64> = own.iter().map(|v| rig.put(v)).collect();
        (rig.put(&addresses), own.into_iter().map(|v| v.into_iter().map(f64::from).collect()).collect())
    }

    /// Each row's member, its rows of out, product, residual, and dropout factors.
    fn each(&self, place: Site, mut work: impl FnMut(usize, usize, usize, usize, &[f64])) {
        for c in &self.chunks {
            for i in 0..c.rows {
                let row = (c.row + i) as usize;
                let mut factors = vec![0.0; self.width];
                let d = self.draws[c.member as usize];
                d.factors(place, self.examples[row], self.positions[row] as usize, &mut factors);
                let factors: Vec<f64> = factors.into_iter().map(f64::from).collect();
                let at = |first: u32| (first + i) as usize;
                work(c.member as usize, at(c.out), at(c.product), at(c.residual), &factors);
            }
        }
    }
}

fn normalised(z: &[f64]) -> (Vec<f64>, f64) {
    let n = z.len() as f64;
    let mean = z.iter().sum::<f64>() / n;
    let rstd = 1.0 / (z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / n + 1e-5).sqrt();
    (z.iter().map(|z| (z - mean) * rstd).collect(), rstd)
}

#[test]
fn layer_norm_is_its_definition_forwards() {
    for width in [12, 21, 96, 770] {
        everywhere(|rig| {
            let place = Site::Attention(2);
            let s = Setting::new(rig, width, place);
            let (product, products) = rig.activations(&random((ROWS + 3) * width, 1));
            let (residual, residuals) = rig.activations(&random((ROWS + 1) * width, 2));
            let ((bias, biases), (gamma, gammas), (beta, betas)) =
                (s.vectors(rig, 10), s.vectors(rig, 20), s.vectors(rig, 30));
            let (x_hats, out, rstd) = (rig.space(ROWS * width), rig.space(ROWS * width), rig.space(ROWS));
            let p = NormForward {
                chunks: s.rows.chunks,
                draws: s.rows.draws,
                examples: s.rows.examples,
                positions: s.rows.positions,
                product,
                residual,
                bias,
                gamma,
                beta,
                x_hats,
                out,
                rstd,
                width: width as u32,
                epsilon: 1e-5,
                site: s.site,
            };
            rig.runner.norm_forward(s.rows.count, &p).unwrap();
            let (mut want, mut want_hats, mut want_rstd) =
                (vec![0.0; ROWS * width], vec![0.0; ROWS * width], vec![0.0; ROWS]);
            s.each(place, |m, out, product, residual, f| {
                let z = |e: usize| {
                    residuals[residual * width + e] + f[e] * (products[product * width + e] + biases[m][e])
                };
                let (x_hat, own_rstd) = normalised(&(0..width).map(z).collect::<Vec<_>>());
                want_rstd[out] = own_rstd;
                for (e, x_hat) in x_hat.into_iter().enumerate() {
                    want_hats[out * width + e] = x_hat;
                    want[out * width + e] = gammas[m][e] * x_hat + betas[m][e];
                }
            });
            let got = rig.read_activations(out, ROWS * width);
            rig.close(&got, &want, "y");
            rig.close(&rig.read_activations(x_hats, ROWS * width), &want_hats, "x̂");
            rig.close_to(&rig.read(rstd, ROWS), &want_rstd, 1e-5, "1/σ");
            got
        });
    }
}

#[test]
fn layer_norm_is_its_definition_backwards() {
    for (width, after) in [(12, 0), (21, 1), (96, 0), (770, 0), (770, 1)] {
        everywhere(|rig| {
            let place = Site::Embeddings;
            let s = Setting::new(rig, width, place);
            let (grad, grads) = rig.activations(&random(ROWS * width, 1));
            let (x_hats, x_hat) = rig.activations(&random(ROWS * width, 2));
            let rstd: Vec<f32> = random(ROWS, 3).iter().map(|x| x.abs() + 0.1).collect();
            let (gamma, gammas) = s.vectors(rig, 20);
            let (product, partial) = (rig.space(ROWS * width), rig.space(s.chunks.len() * PARTS * 3 * width));
            let p = NormBackward {
                chunks: s.rows.chunks,
                draws: s.rows.draws,
                examples: s.rows.examples,
                positions: s.rows.positions,
                grad,
                x_hats,
                rstd: rig.put(&rstd),
                gamma,
                product: if after == 1 { 0 } else { product },
                partial,
                width: width as u32,
                after,
                site: s.site,
            };
            rig.runner.norm_backward(s.rows.count, &p).unwrap();
            let sums = rig.space(3 * 3 * width);
            let targets: Vec<u64> = (0..9).map(|i| sums + 4 * (i * width) as u64).collect();
            let firsts: Vec<u32> =
                (0..=3).map(|m| s.chunks.iter().filter(|c| c.member < m).count() as u32).collect();
            let c = Collect {
                partial,
                firsts: rig.put(&firsts),
                wave: rig.put(&[0u32, 1, 2]),
                targets: rig.put(&targets),
                width: 3 * width as u32,
                vector: width as u32,
                stride: 3,
                first: 0,
            };
            rig.runner.collect(3, &c).unwrap();
            let (mut dz, mut dproduct) = (vec![0.0; ROWS * width], vec![0.0; ROWS * width]);
            let mut want = vec![0.0; 9 * width];
            s.each(place, |m, out, _, _, f| {
                let at = |e: usize| out * width + e;
                let dy = |e: usize| grads[at(e)] * if after == 1 { f[e] } else { 1.0 };
                let n = width as f64;
                let mean = (0..width).map(|e| dy(e) * gammas[m][e]).sum::<f64>() / n;
                let dot = (0..width).map(|e| dy(e) * gammas[m][e] * x_hat[at(e)]).sum::<f64>() / n;
                for e in 0..width {
                    let back = f64::from(rstd[out]) * (dy(e) * gammas[m][e] - mean - x_hat[at(e)] * dot);
                    dz[at(e)] = back;
                    dproduct[at(e)] = back * f[e];
                    want[m * width + e] += dy(e) * x_hat[at(e)];
                    want[(3 + m) * width + e] += dy(e);
                    want[(6 + m) * width + e] += if after == 1 { 0.0 } else { back * f[e] };
                }
            });
            let got = rig.read_activations(grad, ROWS * width);
            rig.close(&got, &dz, "dz");
            if after == 0 {
                rig.close(&rig.read_activations(product, ROWS * width), &dproduct, "dproduct");
            }
            rig.close_to(&rig.read(sums, 9 * width), &want, 1e-5, "sums");
            got
        });
    }
}

#[test]
fn gelu_is_its_definition_both_ways() {
    everywhere(|rig| {
        let width = 300;
        let s = Setting::new(rig, width, Site::Embeddings);
        let (product, products) =
            rig.activations(&random((ROWS + 3) * width, 1).iter().map(|x| 2.0 * x).collect::<Vec<_>>());
        let (bias, biases) = s.vectors(rig, 10);
        let out = rig.space(ROWS * width);
        let p = Gelu {
            chunks: s.rows.chunks,
            product,
            bias,
            out,
            partial: 0,
            width: width as u32,
            activation: 0,
        };
        rig.runner.gelu_forward(s.rows.count, &p).unwrap();
        let (back, backs) = rig.activations(&random(ROWS * width, 2));
        let partial = rig.space(s.chunks.len() * PARTS * width);
        rig.runner.gelu_backward(s.rows.count, &Gelu { out: back, partial, ..p }).unwrap();
        let (mut want, mut grads) = (vec![0.0; ROWS * width], vec![0.0; ROWS * width]);
        s.each(Site::Embeddings, |m, out, product, _, _| {
            for e in 0..width {
                let u = products[product * width + e] + biases[m][e];
                let (cdf, density) = crate::kernels::math::normal(u as f32);
                want[out * width + e] = u * f64::from(cdf);
                grads[out * width + e] = backs[out * width + e] * (f64::from(cdf) + u * f64::from(density));
            }
        });
        let got = rig.read_activations(out, ROWS * width);
        rig.close(&got, &want, "GELU");
        rig.close(&rig.read_activations(back, ROWS * width), &grads, "its grad");
        let parts = rig.read(partial, s.chunks.len() * PARTS * width);
        let sums: Vec<f32> = (0..width).map(|e| parts.iter().skip(e).step_by(width).sum()).collect();
        let want: Vec<f64> = (0..width).map(|e| grads.iter().skip(e).step_by(width).sum()).collect();
        rig.close_to(&sums, &want, 1e-4, "column sums");
        got
    });
}

#[test]
fn embeddings_are_summed_normalised_and_dropped() {
    everywhere(|rig| {
        let (width, place) = (50, Site::Embeddings);
        let s = Setting::new(rig, width, place);
        let table = |rows: usize, part| {
            let values = random(rows * width, part);
            (rig.put(&values), values.into_iter().map(f64::from).collect::<Vec<_>>())
        };
        let ((words, word), (places, position), (kinds, kind)) = (table(30, 1), table(9, 2), table(2, 3));
        let ids: Vec<u32> = (0..ROWS as u32).map(|i| i * 7 % 30).collect();
        let segments: Vec<u32> = (0..ROWS as u32).map(|i| i / 5 % 2).collect();
        let ((gamma, gammas), (beta, betas)) = (s.vectors(rig, 20), s.vectors(rig, 30));
        // Member 1 has three words' scalars of its own, two of them of one word, and one position's.
        let compact = [0.5f32, -1.5, 2.5, 4.0];
        let list = |rows: &[u32], starts: &[u32], columns: &[u32], places: &[u32], base: &[f64]| {
            let bases: Vec<f32> = base.iter().map(|&x| x as f32).collect();
            let addresses = [rig.put(rows), rig.put(starts), rig.put(columns), rig.put(places)];
            let [rows_at, starts, columns, places] = addresses;
            let (bases, values) = (rig.put(&bases), rig.put(&compact));
            Sparse {
                rows: rows_at,
                starts,
                columns,
                places,
                bases,
                values,
                count: rows.len() as u32,
                padding: 0,
            }
        };
        let base = [word[3 * width + 4], word[3 * width + 49], word[21 * width]];
        let mut sparse = [Sparse::default(); 9];
        sparse[3] = list(&[3, 21], &[0, 2, 3], &[4, 49, 0], &[0, 1, 2], &base);
        sparse[4] = list(&[6], &[0, 1], &[11], &[3], &[position[6 * width + 11]]);
        let (x_hats, out, rstd) = (rig.space(ROWS * width), rig.space(ROWS * width), rig.space(ROWS));
        let p = Embed {
            chunks: s.rows.chunks,
            draws: s.rows.draws,
            examples: s.rows.examples,
            positions: s.rows.positions,
            ids: rig.put(&ids),
            segments: rig.put(&segments),
            place_rows: rig.put(&s.positions),
            words,
            places,
            kinds,
            sparse: rig.put(&sparse),
            gamma,
            beta,
            x_hats,
            out,
            rstd,
            width: width as u32,
            epsilon: 1e-5,
            site: s.site,
        };
        rig.runner.embed(s.rows.count, &p).unwrap();
        let mut want = vec![0.0; ROWS * width];
        s.each(place, |m, out, _, _, f| {
            let (id, at, side) = (ids[out] as usize, s.positions[out] as usize, segments[out] as usize);
            let z = |e: usize| {
                let mut z = word[id * width + e] + position[at * width + e] + kind[side * width + e];
                let own = [((3, 4), 0), ((3, 49), 1), ((21, 0), 2)];
                if let (1, Some((_, i))) = (m, own.iter().find(|(k, _)| *k == (id, e))) {
                    z += f64::from(compact[*i]) - word[id * width + e];
                }
                if (m, at, e) == (1, 6, 11) {
                    z += 4.0 - position[at * width + e];
                }
                z
            };
            let (x_hat, _) = normalised(&(0..width).map(z).collect::<Vec<_>>());
            for e in 0..width {
                want[out * width + e] = f[e] * (gammas[m][e] * x_hat[e] + betas[m][e]);
            }
        });
        let got = rig.read_activations(out, ROWS * width);
        rig.close(&got, &want, "embeddings");
        got
    });
}

#[test]
fn rows_are_picked_put_back_and_added_up_by_number() {
    everywhere(|rig| {
        let (width, rows) = (40, [5u32, 0, 7]);
        let (from, values) = rig.activations(&random(9 * width, 1));
        let picked = rig.space(3 * width);
        let p = PickRows { rows: rig.put(&rows), from, to: picked, width: width as u32, padding: 0 };
        rig.runner.gather_rows(3, &p).unwrap();
        rig.runner.add_rows(3, &PickRows { from: picked, to: from, ..p }).unwrap();
        let got = rig.read_activations(from, 9 * width);
        let twice = |i: usize| if rows.contains(&((i / width) as u32)) { 2.0 } else { 1.0 };
        let want: Vec<f64> = values.iter().enumerate().map(|(i, x)| x * twice(i)).collect();
        rig.close(&got, &want, "rows");

        let numbers: Vec<u32> = (0..50).map(|i| i * i % 7).collect();
        let (grad, grads) = rig.activations(&random(50 * width, 2));
        let mut order: Vec<u32> = (0..50).collect();
        order.sort_by_key(|&r| numbers[r as usize]);
        let mut unique = numbers.clone();
        unique.sort_unstable();
        unique.dedup();
        let starts: Vec<u32> =
            unique.iter().map(|u| numbers.iter().filter(|n| *n < u).count() as u32).chain([50]).collect();
        let table = rig.put(&vec![0.0f32; 7 * width]);
        let p = TableGradient {
            grad,
            numbers: rig.put(&unique),
            starts: rig.put(&starts),
            rows: rig.put(&order),
            table,
            width: width as u32,
            padding: 0,
        };
        rig.runner.table_gradient(unique.len(), &p).unwrap();
        let mut want = vec![0.0; 7 * width];
        for (row, &number) in numbers.iter().enumerate() {
            for e in 0..width {
                want[number as usize * width + e] += grads[row * width + e];
            }
        }
        rig.close_to(&rig.read(table, 7 * width), &want, 1e-5, "table");
        got
    });
}

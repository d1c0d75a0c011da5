//! Differences, sums of squares, Adam, products.

use super::rig::{chunks, everywhere, random};
use crate::Adam;
use crate::cpu::kernels::matmul::{Accumulate, Form};
use crate::cpu::optimizer::{Moments, Update, update};
use crate::cuda::launch::*;
use crate::cuda::machine::{DeviceGemm, Precision, Strided, from_bytes};
use tunemask_shared::experiment::EpsilonPlace;

#[test]
fn products_take_every_form() {
    everywhere(|rig| {
        let (m, n, k) = (5, 7, 3);
        let (a, left) = rig.activations(&random(m * k, 1));
        let (b, right) = rig.activations(&random(n * k, 2));
        let (old, olds) = rig.activations(&random(m * 9, 3));
        let mut all = Vec::new();
        for form in [Form::Nt, Form::Nn, Form::Tn] {
            for wide in [false, true] {
                let (out, accumulate) =
                    if wide { (rig.space(m * 9), Accumulate::Overwrite) } else { (old, Accumulate::Add) };
                let strided = |address, stride| Strided { address, stride };
                let p = DeviceGemm {
                    form,
                    m,
                    n,
                    k,
                    a: strided(a, if form == Form::Tn { m } else { k }),
                    b: strided(b, if form == Form::Nt { k } else { n }),
                    out: strided(out, 9),
                    accumulate,
                    f32_out: wide,
                };
                // SAFETY: the matrices are as large as that.
                unsafe { rig.runner.machine.gemm(rig.runner.precision, &p) }.unwrap();
                let bytes = if wide { Precision::F32 } else { rig.runner.precision };
                let got = if wide { rig.read(out, m * 9) } else { rig.read_activations(out, m * 9) };
                let mut want = vec![0.0; m * n];
                for i in 0..m {
                    for j in 0..n {
                        want[i * n + j] = (0..k)
                            .map(|l| {
                                let x = if form == Form::Tn { left[l * m + i] } else { left[i * k + l] };
                                x * if form == Form::Nt { right[j * k + l] } else { right[l * n + j] }
                            })
                            .sum::<f64>();
                    }
                }
                let inside: Vec<f32> = (0..m).flat_map(|i| got[i * 9..i * 9 + n].to_vec()).collect();
                if !wide {
                    // Adds up over the three forms; checked at the first.
                    if form == Form::Nt {
                        (0..m * n).for_each(|i| want[i] += olds[i / n * 9 + i % n]);
                        rig.close(&inside, &want, "product");
                    }
                } else {
                    rig.close_to(&inside, &want, 1e-5, &format!("{form:?} {bytes:?}"));
                }
                all.extend(inside);
            }
        }
        all
    });
}

/// A matrix's differences, forwards and transposed backwards, and their gradient, against the dense product.
#[test]
fn differences_are_those_of_a_whole_matrix() {
    everywhere(|rig| {
        let (rows, columns) = (30, 20);
        let places = [(2, 5), (2, 19), (7, 0), (29, 5)];
        let (cut, n) = chunks(&[4, 37]);
        let (input, inputs) = rig.activations(&random(n * columns, 1));
        let (out, outs) = rig.activations(&random(n * rows, 2));
        let (grad, grads) = rig.activations(&random(n * rows, 3));
        let (back, backs) = rig.activations(&random(n * columns, 4));
        let (base, compact) = (random(4, 5), random(6, 6));
        let at = [1u32, 4, 5, 0];
        // Only member 1 has any.
        let list = |transposed: bool| {
            let mut order: Vec<usize> = (0..4).collect();
            let key = |i: usize| if transposed { (places[i].1, places[i].0) } else { places[i] };
            order.sort_by_key(|&i| key(i));
            let mut heads: Vec<u32> = order.iter().map(|&i| key(i).0).collect();
            let starts: Vec<u32> =
                (0..4).filter(|&i| i == 0 || heads[i] != heads[i - 1]).map(|i| i as u32).chain([4]).collect();
            heads.dedup();
            Sparse {
                rows: rig.put(&heads),
                starts: rig.put(&starts),
                columns: rig.put(&order.iter().map(|&i| key(i).1).collect::<Vec<u32>>()),
                places: rig.put(&order.iter().map(|&i| at[i]).collect::<Vec<_>>()),
                bases: rig.put(&order.iter().map(|&i| base[i]).collect::<Vec<_>>()),
                values: rig.put(&compact),
                count: heads.len() as u32,
                padding: 0,
            }
        };
        let pair = |transposed| rig.put(&[Sparse::default(), list(transposed)]);
        let forward = SparseApply {
            chunks: rig.put(&cut),
            sparse: pair(false),
            input,
            out,
            input_stride: columns as u32,
            out_stride: rows as u32,
        };
        rig.runner.sparse_apply(cut.len(), &forward).unwrap();
        let backward = SparseApply {
            sparse: pair(true),
            input: grad,
            out: back,
            input_stride: rows as u32,
            out_stride: columns as u32,
            ..forward
        };
        rig.runner.sparse_apply(cut.len(), &backward).unwrap();
        let gradients = [rig.put(&[9.0f32; 6]), rig.put(&[9.0f32; 6])];
        let g = SparseGradient {
            spans: rig.put(&[Span { first: 0, rows: 4 }, Span { first: 4, rows: 37 }]),
            wave: rig.put(&[0u32, 1]),
            sparse: pair(false),
            grad,
            input,
            gradients: rig.put(&gradients),
            grad_stride: rows as u32,
            input_stride: columns as u32,
        };
        rig.runner.sparse_gradient(3, 2, &g).unwrap();
        let (mut want, mut want_back) = (outs, backs);
        let mut want_gradient = [9.0; 6];
        at.iter().for_each(|&p| want_gradient[p as usize] = 0.0);
        for row in 4..n {
            for (i, &(r, c)) in places.iter().enumerate() {
                let (r, c) = (r as usize, c as usize);
                let difference = f64::from(compact[at[i] as usize] - base[i]);
                want[row * rows + r] += difference * inputs[row * columns + c];
                want_back[row * columns + c] += difference * grads[row * rows + r];
                want_gradient[at[i] as usize] += grads[row * rows + r] * inputs[row * columns + c];
            }
        }
        let got = rig.read_activations(out, n * rows);
        rig.close(&got, &want, "out");
        rig.close(&rig.read_activations(back, n * columns), &want_back, "back");
        rig.close_to(&rig.read(gradients[1], 6), &want_gradient, 1e-5, "gradient");
        assert_eq!(rig.read(gradients[0], 6), [9.0; 6]);
        got
    });
}

#[test]
fn an_update_is_the_processors_and_a_diverged_member_stays() {
    everywhere(|rig| {
        let lengths = [5000, 3, 700, 20];
        let plain = Adam { epsilon: 1e-3, ..Adam::default() };
        let decays = Adam { weight_decay: 0.5, max_gradient_norm: Some(2.0), ..plain };
        let settings = [decays, Adam { epsilon_place: EpsilonPlace::Keras, ..plain }, decays, plain];
        // Whole parts, so that they are cut as a member's are.
        let decayed = |member: usize, first: usize| member == 0 && first == PART;
        let total: usize = lengths.iter().sum();
        let (mut parts, mut firsts, mut start) = (Vec::new(), vec![0u32], 0);
        for (member, &n) in lengths.iter().enumerate() {
            for first in (0..n).step_by(PART) {
                parts.push(Part {
                    member: member as u32,
                    start: (start + first) as u32,
                    count: (n - first).min(PART) as u32,
                    decays: u32::from(decayed(member, first)),
                });
            }
            start += n;
            firsts.push(parts.len() as u32);
        }
        let theta = random(total, 1);
        let values = rig.put(&theta);
        let zero = || rig.put(&vec![0.0f32; total]);
        let (first, second, rounded) = (zero(), zero(), rig.space(total / 2 + 1));
        let optimizers: Vec<Optimizer> = settings.iter().map(Optimizer::of).collect();
        let (losses, rates) = ([1.0f64, 2.0, 3.0, f64::NAN], [1e-2f64, 2e-2, 1e-3, 1.0]);
        let optimizers = rig.put(&optimizers);
        let (updates, reports) = (rig.space(4 * UPDATE_BYTES / 4), rig.space(4 * REPORT_BYTES / 4));
        let mut want = theta.clone();
        let mut moments: Vec<Moments> = lengths.iter().map(|&n| Moments::new(n)).collect();
        for step in 0..3 {
            let gradient: Vec<f32> = random(total, 10 + step);
            let at = rig.put(&gradient);
            let (parts_at, sums) = (rig.put(&parts), rig.space(2 * parts.len()));
            rig.runner.squares(parts.len(), &Squares { parts: parts_at, gradient: at, sums }).unwrap();
            let v = StepCheck {
                sums,
                firsts: rig.put(&firsts),
                losses: rig.put(&losses),
                rates: rig.put(&rates),
                optimizers,
                steps: rig.put(&[step; 4]),
                updates,
                reports,
            };
            rig.runner.step_check(4, &v).unwrap();
            let a = AdamUpdate { parts: parts_at, updates, gradient: at, values, first, second, rounded };
            rig.runner.adam(parts.len(), &a).unwrap();
            let bytes = rig.runner.machine.fetch(reports, 4 * REPORT_BYTES).unwrap()().unwrap();
            let told: Vec<f64> = from_bytes(&bytes);
            let mut start = 0;
            for (m, &n) in lengths.iter().enumerate() {
                let own = &gradient[start..start + n];
                let norm = own.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
                assert!((told[2 * m + 1] / norm - 1.0).abs() < 1e-12);
                assert_eq!(told[2 * m].to_bits(), losses[m].to_bits());
                if losses[m].is_finite() {
                    let places: Vec<_> = (m == 0).then_some(PART..n).into_iter().collect();
                    let step = Update {
                        settings: settings[m],
                        learning_rate: rates[m],
                        gradient: own,
                        norm,
                        decayed: &places,
                    };
                    update(&mut want[start..start + n], &mut moments[m], &step);
                }
                start += n;
            }
        }
        let got = rig.read(values, total);
        let exact: Vec<f64> = want.iter().map(|&x| f64::from(x)).collect();
        rig.close_to(&got, &exact, 1e-6, "θ");
        assert_eq!(got[total - 20..], theta[total - 20..]);
        got
    });
}

#[test]
fn parts_of_a_batch_add_up_for_those_that_have_one() {
    everywhere(|rig| {
        let lengths = [5000usize, 3, 20];
        let total: usize = lengths.iter().sum();
        let (mut parts, mut firsts, mut start) = (Vec::new(), vec![0u32], 0);
        for (member, &n) in lengths.iter().enumerate() {
            parts.extend((0..n).step_by(PART).map(|first| Part {
                member: member as u32,
                start: (start + first) as u32,
                count: (n - first).min(PART) as u32,
                decays: 0,
            }));
            start += n;
            firsts.push(parts.len() as u32);
        }
        let (gradient_sums, loss_sums) = (rig.space(total), rig.space(2 * lengths.len()));
        let gradients: Vec<Vec<f32>> = (0..3).map(|part| random(total, part)).collect();
        let losses = [[1.0f64, 2.0, 3.0], [0.5, 0.25, 9.0], [0.125, 9.0, 9.0]];
        // The last member has one part, the second two.
        for (part, modes) in [[1u32, 1, 1], [2, 2, 0], [2, 0, 0]].into_iter().enumerate() {
            let p = AddUp {
                parts: rig.put(&parts),
                firsts: rig.put(&firsts),
                modes: rig.put(&modes),
                gradient: rig.put(&gradients[part]),
                losses: rig.put(&losses[part]),
                gradient_sums,
                loss_sums,
            };
            rig.runner.add_up(parts.len(), &p).unwrap();
        }
        let got = rig.read(gradient_sums, total);
        for (i, x) in got.iter().enumerate() {
            let of = if i < 5000 {
                3
            } else if i < 5003 {
                2
            } else {
                1
            };
            let want = (1..of).fold(gradients[0][i], |sum, part| sum + gradients[part][i]);
            assert_eq!(x.to_bits(), want.to_bits(), "{i}");
        }
        let bytes = rig.runner.machine.fetch(loss_sums, 8 * lengths.len()).unwrap()().unwrap();
        assert_eq!(from_bytes::<f64>(&bytes), [1.625, 2.25, 3.0]);
        got
    });
}

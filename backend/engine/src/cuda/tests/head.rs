//! The head: logits, losses, and back.

use super::rig::{chunks, dropout, everywhere, once, random};
use crate::cpu::kernels::head;
use crate::cuda::launch::*;
use crate::dropout::Site;
use crate::{LossFunction, Objective};

#[test]
fn the_head_is_its_definition_with_and_without_a_pooler() {
    for (objective, pooler) in [
        (Objective::Classification(3), true),
        (Objective::Regression, true),
        (Objective::Classification(41), false),
        (Objective::MultiLabel(5), true),
    ] {
        everywhere(|rig| {
            let (outputs, width) = (objective.outputs(), 45);
            let (cut, reads) = chunks(&[3, 40]);
            let made: Vec<_> = (0..2).map(|m| dropout(Site::Pooled, 0.25, m, 4)).collect();
            let examples: Vec<u32> = (0..reads as u32).map(|i| i / 3).collect();
            let positions: Vec<u32> = (0..reads as u32).map(|i| i % 3).collect();
            let (product, products) = rig.activations(&random((reads + 3) * width, 1));
            let heads: Vec<Vec<f32>> = (0..2).map(|m| random(outputs * (width + 1), 2 + m)).collect();
            let biases: Vec<Vec<f32>> = (0..2).map(|m| random(width, 5 + m)).collect();
            let addresses = |of: &[Vec<f32>]| rig.put(&of.iter().map(|v| rig.put(v)).collect::<Vec<_>>());
            let (head_at, bias) = (addresses(&heads), addresses(&biases));
            let (pooled, dropped) = (rig.space(reads * width), rig.space(reads * width));
            let logits = rig.space(reads * outputs);
            let draws = rig.put(&made.iter().map(|m| m.2).collect::<Vec<_>>());
            let (chunks_at, examples_at, positions_at) =
                (rig.put(&cut), rig.put(&examples), rig.put(&positions));
            let p = HeadForward {
                chunks: chunks_at,
                draws,
                examples: examples_at,
                positions: positions_at,
                product,
                features: 0,
                bias: if pooler { bias } else { 0 },
                head: head_at,
                pooled,
                dropped,
                logits,
                width: width as u32,
                outputs: outputs as u32,
                site: made[0].1,
            };
            rig.runner.head_forward(cut.len(), &p).unwrap();
            let targets: Vec<f32> = (0..reads * objective.targets())
                .map(|i| match objective.loss() {
                    LossFunction::SquaredError => i as f32 * 0.1,
                    LossFunction::CrossEntropy => (i % outputs) as f32,
                    LossFunction::BinaryCrossEntropy => f32::from(u8::from(i % 3 == 0)),
                })
                .collect();
            let firsts = rig.put(&[0u32, 3, 43]);
            // The second member's reads are a part of its batch.
            let divisors = [3.0, 57.5];
            let weighs = objective == Objective::Classification(41);
            let weights = weighs.then(|| (1..=outputs).map(|o| o as f32 / 8.0).collect::<Vec<f32>>());
            let (d_logits, losses) = (rig.space(reads * outputs), rig.space(4));
            let wave = rig.put(&[0u32, 1]);
            let l = Loss {
                logits,
                targets: rig.put(&targets),
                firsts,
                wave,
                divisors: rig.put(&divisors),
                weights: weights.as_deref().map_or(0, |weights| rig.put(weights)),
                d_logits,
                losses,
                outputs: outputs as u32,
                function: objective.loss() as u32,
            };
            rig.runner.loss(2, &l).unwrap();
            let gradients: Vec<u64> = (0..2).map(|_| rig.space(outputs * (width + 1))).collect();
            let g = HeadGradient {
                d_logits,
                dropped,
                firsts,
                wave,
                gradients: rig.put(&gradients),
                width: width as u32,
                outputs: outputs as u32,
                first: 0,
            };
            rig.runner.head_gradient(2, &g).unwrap();
            let back = rig.space(reads * width);
            let b = HeadBackward {
                chunks: chunks_at,
                draws,
                examples: examples_at,
                positions: positions_at,
                d_logits,
                head: head_at,
                pooled: if pooler { pooled } else { 0 },
                act_grad: 0,
                product: back,
                width: width as u32,
                outputs: outputs as u32,
                site: made[0].1,
            };
            rig.runner.head_backward(cut.len(), &b).unwrap();

            let (mut want, mut backs) = (vec![0.0; reads * outputs], vec![0.0; reads * width]);
            let mut kept = vec![(Vec::new(), Vec::new()); reads];
            let read_rows = || {
                cut.iter()
                    .flat_map(|c| (0..c.rows).map(move |i| (c.member as usize, c.out + i, c.residual + i)))
            };
            for (m, read, product) in read_rows() {
                let (read, product) = (read as usize, product as usize);
                let mut f = vec![0.0; width];
                made[m].0.factors(Site::Pooled, examples[read], positions[read] as usize, &mut f);
                let x: Vec<f64> = (0..width)
                    .map(|e| {
                        let x = products[product * width + e];
                        if pooler { (x + f64::from(biases[m][e])).tanh() } else { x }
                    })
                    .collect();
                let dropped: Vec<f64> = x.iter().zip(&f).map(|(x, f)| x * f64::from(*f)).collect();
                for o in 0..outputs {
                    want[read * outputs + o] = f64::from(heads[m][outputs * width + o])
                        + (0..width).map(|e| f64::from(heads[m][o * width + e]) * dropped[e]).sum::<f64>();
                }
                let grad = |e: usize| f64::from(f[e]) * if pooler { 1.0 - x[e] * x[e] } else { 1.0 };
                kept[read] = (dropped, (0..width).map(grad).collect());
            }
            let got = rig.read(logits, reads * outputs);
            rig.close_to(&got, &want, 1e-5, "logits");
            let (mut gradient, mut loss) = (vec![0.0f32; reads * outputs], Vec::new());
            for (range, n) in [0..3, 3..43].into_iter().zip(divisors) {
                let at = range.start * outputs..range.end * outputs;
                let own = range.start * objective.targets()..range.end * objective.targets();
                let (logits, targets) = (&got[at.clone()], &targets[own]);
                loss.push(match objective.loss() {
                    LossFunction::SquaredError => head::squared_error(logits, targets, n, &mut gradient[at]),
                    LossFunction::CrossEntropy => {
                        let weights = weights.as_deref();
                        head::cross_entropy(outputs, logits, targets, weights, n, &mut gradient[at])
                    }
                    LossFunction::BinaryCrossEntropy => {
                        let n = n * outputs as f64;
                        head::binary_cross_entropy(logits, targets, n, &mut gradient[at])
                    }
                });
            }
            let exact: Vec<f64> = gradient.iter().map(|&x| f64::from(x)).collect();
            rig.close_to(&rig.read(d_logits, reads * outputs), &exact, 1e-6, "d_logits");
            let bits: Vec<u32> = rig.read(losses, 4).iter().map(|x| x.to_bits()).collect();
            let loss_of =
                |i: usize| f64::from_bits(u64::from(bits[2 * i]) | u64::from(bits[2 * i + 1]) << 32);
            assert!((0..2).all(|i| (loss_of(i) / loss[i] - 1.0).abs() < 1e-12), "{loss:?}");
            let mut wants = [vec![0.0; outputs * (width + 1)], vec![0.0; outputs * (width + 1)]];
            for (m, read, _) in read_rows() {
                let read = read as usize;
                for o in 0..outputs {
                    let grad = exact[read * outputs + o];
                    wants[m][outputs * width + o] += grad;
                    for e in 0..width {
                        wants[m][o * width + e] += grad * kept[read].0[e];
                        backs[read * width + e] +=
                            grad * f64::from(heads[m][o * width + e]) * kept[read].1[e];
                    }
                }
            }
            for (m, want) in wants.iter().enumerate() {
                rig.close_to(&rig.read(gradients[m], want.len()), want, 1e-5, "gradient");
            }
            rig.close(&rig.read_activations(back, reads * width), &backs, "back");
            got
        });
    }
}

/// More labels than a grid has blocks in its second direction.
#[test]
fn a_head_may_have_more_labels_than_65_535() {
    once(|rig| {
        let (outputs, width, reads) = (66_000, 3, 2);
        let (d_logits, dropped) = (random(reads * outputs, 1), random(reads * width, 2));
        let gradient = rig.space(outputs * (width + 1));
        let g = HeadGradient {
            d_logits: rig.put(&d_logits),
            dropped: rig.put(&dropped),
            firsts: rig.put(&[0u32, reads as u32]),
            wave: rig.put(&[0u32]),
            gradients: rig.put(&[gradient]),
            width: width as u32,
            outputs: outputs as u32,
            first: 0,
        };
        rig.runner.head_gradient(1, &g).unwrap();
        let mut want = vec![0.0f64; outputs * (width + 1)];
        for (d_logits, dropped) in d_logits.chunks_exact(outputs).zip(dropped.chunks_exact(width)) {
            for (o, &grad) in d_logits.iter().enumerate() {
                for (e, &x) in dropped.iter().enumerate() {
                    want[o * width + e] += f64::from(grad) * f64::from(x);
                }
                want[outputs * width + o] += f64::from(grad);
            }
        }
        rig.close(&rig.read(gradient, want.len()), &want, "gradient");
    });
}

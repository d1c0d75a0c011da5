//! Attention against the matrix of probabilities written out.

use super::rig::{Rig, dropout, everywhere, random};
use crate::cuda::launch::{Attention, DeviceSequence, Tile};
use crate::dropout::Site;

struct Case {
    lengths: Vec<usize>,
    /// Positions of the queries of each sequence; all where there is none.
    queries: Option<Vec<Vec<usize>>>,
    heads: usize,
    width: usize,
    probability: f32,
}

/// `rows · columns` numbers, row-major.
type Matrix = Vec<Vec<f64>>;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn check(rig: &Rig, case: &Case) -> Vec<f32> {
    let (heads, width) = (case.heads, case.width);
    let hidden = heads * width;
    let place = Site::Probabilities(3);
    let (own, site, draw) = dropout(place, case.probability, 5, 9);
    let mut sequences = Vec::new();
    let (mut tiles, mut key_tiles, mut positions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut token, mut query) = (0, 0);
    for (i, &n) in case.lengths.iter().enumerate() {
        let asked: Vec<usize> = match &case.queries {
            Some(queries) => queries[i].clone(),
            None => (0..n).collect(),
        };
        sequences.push(DeviceSequence {
            member: 0,
            example: 70 + i as u32,
            tokens: n as u32,
            queries: asked.len() as u32,
            out: query,
            // The product has a row before the first.
            query: query + 1,
            key: token + 1,
            own: token,
            position: positions.len() as u32,
        });
        tiles.extend((0..asked.len()).step_by(32).map(|f| Tile { sequence: i as u32, first: f as u32 }));
        key_tiles.extend((0..n.div_ceil(4)).step_by(8).map(|f| Tile { sequence: i as u32, first: f as u32 }));
        token += n as u32;
        query += asked.len() as u32;
        positions.extend(asked.iter().map(|&q| q as u32));
    }
    let (tokens, queries) = (token as usize, query as usize);
    let (q, qs) = rig.activations(&random((queries + 1) * hidden, 1));
    let (k, ks) = rig.activations(&random((tokens + 1) * hidden, 2));
    let (v, vs) = rig.activations(&random((tokens + 1) * hidden, 3));
    let bias = random(3 * hidden, 4);
    let (grad, grads) = rig.activations(&random(queries * hidden, 5));
    let context = rig.space(queries * hidden);
    let (dq, dk, dv) = (rig.space(queries * hidden), rig.space(tokens * hidden), rig.space(tokens * hidden));
    let scale = 1.0 / (width as f64).sqrt();
    let p = Attention {
        tiles: rig.put(&tiles),
        sequences: rig.put(&sequences),
        draws: rig.put(&[draw]),
        positions: if case.queries.is_some() { rig.put(&positions) } else { 0 },
        query: q,
        key: k,
        value: v,
        bias: rig.put(&[rig.put(&bias)]),
        context,
        logs: rig.space(queries * heads),
        grad,
        deltas: rig.space(queries * heads),
        dquery: dq,
        dkey: dk,
        dvalue: dv,
        query_stride: hidden as u32,
        key_stride: hidden as u32,
        dquery_stride: hidden as u32,
        dkey_stride: hidden as u32,
        heads: heads as u32,
        width: width as u32,
        scale: scale as f32,
        site,
    };
    rig.runner.attention_forward(tiles.len(), &p).unwrap();
    let contexts = rig.read_activations(context, queries * hidden);
    rig.runner.attention_queries(tiles.len(), &p).unwrap();
    rig.runner.attention_keys(key_tiles.len(), &Attention { tiles: rig.put(&key_tiles), ..p }).unwrap();

    let mut want = vec![0.0; queries * hidden];
    let (mut want_dq, mut want_dk, mut want_dv) =
        (vec![0.0; queries * hidden], vec![0.0; tokens * hidden], vec![0.0; tokens * hidden]);
    for s in &sequences {
        let n = s.tokens as usize;
        for head in 0..heads {
            let rows = |from: &[f64], first: u32, count: usize, bias: Option<&[f32]>, scale: f64| -> Matrix {
                let at = |i: usize, e: usize| (first as usize + i) * hidden + head * width + e;
                let bias = |e: usize| bias.map_or(0.0, |b| f64::from(b[head * width + e]));
                let row = |i: usize| (0..width).map(|e| (from[at(i, e)] + bias(e)) * scale).collect();
                (0..count).map(row).collect()
            };
            let asked = s.queries as usize;
            let q = rows(&qs, s.query, asked, Some(&bias), scale);
            let k = rows(&ks, s.key, n, Some(&bias[hidden..]), 1.0);
            let v = rows(&vs, s.key, n, Some(&bias[2 * hidden..]), 1.0);
            let back = rows(&grads, s.out, asked, None, 1.0);
            for i in 0..asked {
                let scores: Vec<f64> = k.iter().map(|k| dot(&q[i], k)).collect();
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = scores.iter().map(|s| (s - most).exp()).sum();
                let mut factors = vec![0.0; n];
                let position = positions[s.position as usize + i] as usize;
                own.factors(place, s.example, head * n + position, &mut factors);
                let probability: Vec<f64> = scores.iter().map(|s| (s - most).exp() / total).collect();
                let dp: Vec<f64> = (0..n).map(|j| f64::from(factors[j]) * dot(&back[i], &v[j])).collect();
                let mean = dot(&probability, &dp);
                for e in 0..width {
                    let column = head * width + e;
                    for j in 0..n {
                        let dropped = probability[j] * f64::from(factors[j]);
                        let ds = probability[j] * (dp[j] - mean);
                        let own = (s.own as usize + j) * hidden + column;
                        want[(s.out as usize + i) * hidden + column] += dropped * v[j][e];
                        want_dv[own] += dropped * back[i][e];
                        want_dk[own] += ds * q[i][e];
                        want_dq[(s.out as usize + i) * hidden + column] += ds * k[j][e] * scale;
                    }
                }
            }
        }
    }
    rig.close(&contexts, &want, "context");
    // The backward pass reads a context that was rounded.
    let tolerance = if rig.runner.precision == crate::cuda::machine::Precision::Bf16 { 2e-2 } else { 1e-5 };
    let read = |at, n: usize| rig.read_activations(at, n * hidden);
    rig.close_to(&read(dq, queries), &want_dq, tolerance, "dq");
    rig.close_to(&read(dk, tokens), &want_dk, tolerance, "dk");
    rig.close_to(&read(dv, tokens), &want_dv, tolerance, "dv");
    [contexts, read(dq, queries), read(dk, tokens), read(dv, tokens)].concat()
}

#[test]
fn every_length_and_width() {
    for (heads, width, probability) in [(3, 4, 0.3), (2, 6, 0.0), (1, 33, 0.1), (2, 64, 0.1), (1, 128, 0.2)] {
        let lengths = vec![1, 2, 31, 32, 5, 33, 70];
        everywhere(|rig| {
            check(rig, &Case { lengths: lengths.clone(), queries: None, heads, width, probability })
        });
    }
}

#[test]
fn the_longest_sequence() {
    everywhere(|rig| {
        check(rig, &Case { lengths: vec![512, 3], queries: None, heads: 1, width: 32, probability: 0.1 })
    });
}

#[test]
fn a_few_queries_of_each_sequence() {
    let queries = Some(vec![vec![0], vec![3, 1], vec![], (0..70).step_by(2).collect()]);
    everywhere(|rig| {
        check(
            rig,
            &Case {
                lengths: vec![9, 4, 6, 70],
                queries: queries.clone(),
                heads: 2,
                width: 8,
                probability: 0.3,
            },
        )
    });
}

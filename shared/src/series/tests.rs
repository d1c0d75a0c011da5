//! Smoothed and decimated: nothing is lost that a chart must show.

use super::*;

const NAN: f64 = f64::NAN;

/// The points worth drawing, as their indices, in one list for every unbroken stretch.
fn decimate(x: &[f64], y: &[f64], from: f64, to: f64, most: usize) -> Vec<Vec<usize>> {
    let drawn = |stretch: &Vec<Column>| stretch.iter().flat_map(Column::drawn).collect();
    columns(x, y, from, to, most).iter().map(drawn).collect()
}

fn close(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() < 1e-12 || (g.is_nan() && w.is_nan()), "{got:?} is not {want:?}");
    }
}

#[test]
fn smoothing_is_the_debiased_average() {
    // By hand: (0.5·1·0.5 + 0.5·3) / (1 - 0.25), and so on.
    close(&smooth(&[1.0, 3.0, 3.0], 0.5), &[1.0, 1.75 / 0.75, 2.375 / 0.875]);
    close(&smooth(&[1.0, 5.0], 0.0), &[1.0, 5.0]);
    assert_eq!(smooth(&[0.1; 4], 0.9), [0.1; 4]);
    assert!(smooth(&[], 0.9).is_empty());
}

#[test]
fn means_of_several_steps_are_smoothed_as_so_many_steps() {
    let values: Vec<f64> = (0..41).map(|i| 1.0 + f64::from(i) * 0.01).collect();
    let whole = smooth(&values, 0.8);
    let means: Vec<f64> = values.chunks(4).map(|some| some.iter().sum::<f64>() / some.len() as f64).collect();
    let got = smooth_means(&means, StepsPerPoint { each: 4, last: 1 }, 0.8);
    assert_eq!(got.len(), 11);
    for (i, value) in got.iter().enumerate() {
        let end = (4 * i + 3).min(40);
        assert!((value - whole[end]).abs() < 0.01, "{i}: {value} and {}", whole[end]);
    }
    // One step in the last point: it counts as one, not as four.
    let spike = smooth_means(&[1.0, 1.0, 2.0], StepsPerPoint { each: 4, last: 1 }, 0.8);
    assert!((spike[2] - 1.24).abs() < 0.05, "{spike:?}");
}

#[test]
fn holes_are_neither_smoothed_over_nor_spread() {
    let got = smooth(&[1.0, NAN, 3.0, f64::INFINITY, 3.0], 0.5);
    assert!(got[1].is_nan() && got[3].is_infinite());
    close(&[got[0], got[2], got[4]], &[1.0, 1.75 / 0.75, 2.375 / 0.875]);
    close(&smooth(&[2.0, NAN, 2.0], 0.5), &[2.0, NAN, 2.0]);
}

#[test]
fn a_long_line_keeps_its_extremes_in_every_column() {
    let x: Vec<f64> = (0..10_000).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|v| (v * 0.37).sin() + if *v == 5005.0 { 9.0 } else { 0.0 }).collect();
    let kept = decimate(&x, &y, 0.0, 9_999.0, 100);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].len() <= 101 * 4 && kept[0].len() > 200);
    assert!(kept[0].windows(2).all(|w| w[0] < w[1]));
    assert!(kept[0].contains(&5005) && kept[0].contains(&0) && kept[0].contains(&9_999));
    let width = 99.99;
    for column in 0..100 {
        let inside = |i: &&usize| (x[**i] / width).floor() as usize == column;
        let all: Vec<usize> = (0..x.len()).collect();
        let range = |indices: &[usize]| extent(indices.iter().filter(inside).map(|&i| y[i]));
        assert_eq!(range(&kept[0]), range(&all), "column {column}");
    }
}

#[test]
fn a_short_line_is_kept_whole_and_broken_at_holes() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let y = [1.0, 2.0, NAN, 4.0, NAN, 6.0];
    assert_eq!(decimate(&x, &y, 1.0, 6.0, 100), [vec![0, 1], vec![3], vec![5]]);
    assert!(decimate(&x, &[NAN; 6], 1.0, 6.0, 100).is_empty());
    assert!(decimate(&[], &[], 0.0, 1.0, 10).is_empty());
}

#[test]
fn a_zoomed_line_runs_on_to_the_edges() {
    let x = [0.0, 10.0, 20.0, 30.0, 40.0];
    assert_eq!(decimate(&x, &x, 12.0, 22.0, 50), [vec![1, 2, 3]]);
    assert_eq!(decimate(&x, &x, 11.0, 12.0, 50), [vec![1, 2]]);
    assert_eq!(visible(&x, 50.0, 60.0), 4..5);
    assert_eq!(visible(&x, -9.0, -1.0), 0..1);
}

#[test]
fn one_moment_is_no_endless_loop() {
    assert_eq!(decimate(&[3.0, 3.0, 3.0], &[1.0, 5.0, 2.0], 3.0, 3.0, 10).concat().last(), Some(&2));
}

#[test]
fn nearest_takes_the_closer_neighbour() {
    let x = [1.0, 2.0, 4.0];
    let at = |v| nearest(&x, v);
    assert_eq!([at(-5.0), at(1.4), at(1.5), at(3.1), at(9.0)], [Some(0), Some(0), Some(0), Some(2), Some(2)]);
    assert_eq!(nearest(&[], 1.0), None);
}

#[test]
fn bands_average_who_is_there() {
    let short: (&[f64], &[f64]) = (&[0.0, 2.0], &[1.0, 3.0]);
    let long: (&[f64], &[f64]) = (&[0.0, 2.0, 4.0], &[3.0, 5.0, 7.0]);
    let b = band(&[short, long], &[0.0, 1.0, 1.0, 4.0, 5.0]);
    assert_eq!(b.x, [0.0, 1.0, 4.0, 5.0]);
    close(&b.mean, &[2.0, 3.0, 7.0, NAN]);
    let deviation = 2f64.sqrt();
    close(&b.low, &[2.0 - deviation, 3.0 - deviation, 7.0, NAN]);
    close(&b.high[..3], &[2.0 + deviation, 3.0 + deviation, 7.0]);
}

#[test]
fn holes_leave_the_band() {
    assert_eq!(interpolate(&[0.0, 1.0, 2.0], &[1.0, NAN, 3.0], 0.5), None);
    assert_eq!(interpolate(&[0.0, 1.0, 2.0], &[1.0, NAN, 3.0], 2.0), Some(3.0));
    assert_eq!(interpolate(&[0.0], &[1.0], 0.5), None);
    assert_eq!(extent([NAN, 2.0, -1.0, f64::INFINITY]), Some((-1.0, 2.0)));
    assert_eq!(extent([NAN]), None);
}

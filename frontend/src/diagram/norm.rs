//! A LayerNorm's γ and β at an epoch: one point per position, the pretrained values fainter behind it, outliers marked and named.
//!
//! The axes are those of all epochs, so that a slider moves points and nothing else. An outlier is more than three standard deviations
//! from the mean of its vector.

use super::labels::Placed;
use super::mark::{Anchor, Area, Diagram, Target, text_width};
use crate::chart::scale::{Scale, padded};
use crate::format::number;
use crate::interval::Interval;
use crate::setting::ScaleKind;
use std::fmt::Write;
use tunemask_shared::report::{NormEpochs, NormVector, NormVectors};
use tunemask_shared::ticks;

/// The height of a vector's room, and what is around it.
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 20.0;
const RIGHT: f64 = 12.0;
const TEXT: f64 = 11.0;
/// Half of a point's width, and of an outlier's.
const POINT: f64 = 1.4;
const MARK: f64 = 3.5;
/// What a pointer meets of an outlier.
const TOUCH: f64 = 20.0;
/// Standard deviations from the mean that make an outlier.
pub const SIGMAS: f64 = 3.0;
/// Most outliers of a vector that are marked: those farthest out.
const MAX_MARKED: usize = 16;

/// A value far from the others of its vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlier {
    /// Its position in the vector, from 0.
    pub position: usize,
    pub value: f64,
    /// Standard deviations from the mean, with its sign.
    pub sigmas: f64,
}

/// The outliers of a vector, by position.
pub fn outliers(values: &[f32]) -> Vec<Outlier> {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
    let std = variance.sqrt();
    let all = values.iter().enumerate().map(|(position, &value)| {
        let value = f64::from(value);
        Outlier { position, value, sigmas: (value - mean) / std }
    });
    // Of equal values none is far from the others.
    let mut found: Vec<Outlier> = all.filter(|found| found.sigmas.abs() > SIGMAS).collect();
    found.sort_by(|a, b| b.sigmas.abs().total_cmp(&a.sigmas.abs()));
    found.truncate(MAX_MARKED);
    found.sort_by_key(|found| found.position);
    found
}

/// Draws both vectors at the place of an epoch into this width.
pub fn norm(vectors: &NormVectors, epoch: usize, width: f64) -> Diagram {
    let width = width.max(280.0);
    let each = TOP + HEIGHT + BOTTOM;
    let mut drawn = Diagram { width, height: 2.0 * each, ..Diagram::default() };
    for (i, which) in NormVector::ALL.into_iter().enumerate() {
        let area = Area { x: LEFT, y: each * i as f64 + TOP, width: width - LEFT - RIGHT, height: HEIGHT };
        vector(&mut drawn, vectors, which, epoch, area);
    }
    drawn
}

fn vector(drawn: &mut Diagram, vectors: &NormVectors, which: NormVector, epoch: usize, area: Area) {
    let (before, now) = (vectors.vector(which, 0), vectors.vector(which, epoch));
    let all = match which {
        NormVector::Gamma => &vectors.gamma,
        NormVector::Beta => &vectors.beta,
    };
    let span = Interval::spanning(all.iter().flatten().map(|&value| f64::from(value)));
    let up = Scale::linear(padded(ScaleKind::Linear, span, 0.06), area.upwards());
    let last = now.len().saturating_sub(1) as f64;
    let across = Scale::linear(Interval::new(0.0, last), area.across());
    axes(drawn, &up, &across, area);
    drawn.text("small strong", area.x, area.y - 8.0, Anchor::Start, which.letter().to_string());
    drawn.path("then", points(before, &across, &up));
    drawn.path("now", points(now, &across, &up));
    let mut placed = Placed::within(area);
    for found in outliers(now) {
        let x = across.value_to_pixel(found.position as f64);
        let y = up.value_to_pixel(found.value);
        drawn.path(
            "outlier",
            format!(
                "M{:.1} {y:.1}a{MARK} {MARK} 0 1 0 {d} 0a{MARK} {MARK} 0 1 0 -{d} 0",
                x - MARK,
                d = 2.0 * MARK
            ),
        );
        let name = found.position.to_string();
        if let Some(free) = placed.beside(x, y, MARK, &name, TEXT) {
            drawn.text("small", free.x, free.y, free.anchor, name);
        }
        let was = before
            .get(found.position)
            .map_or(String::new(), |&was| format!("; pretrained {}", number(f64::from(was))));
        let side = if found.sigmas > 0.0 { "above" } else { "below" };
        let said = format!(
            "{} at position {}: {}, {:.1} σ {side} the mean{was}",
            which.letter(),
            found.position,
            number(found.value),
            found.sigmas.abs()
        );
        drawn.targets.push(Target { said, runs: Vec::new(), area: Area::around(x, y, TOUCH) });
    }
}

fn axes(drawn: &mut Diagram, up: &Scale, across: &Scale, area: Area) {
    let values = up.ticks(4);
    for (value, label) in values.iter().zip(ticks::labels(&values, up.domain.length())) {
        let y = up.value_to_pixel(*value);
        drawn.path("grid", format!("M{:.1} {y:.1}H{:.1}", area.x, area.right()));
        drawn.text("tick", area.x - 6.0, y + 4.0, Anchor::End, label);
    }
    drawn.path("axis", format!("M{:.1} {:.1}H{:.1}", area.x, area.bottom(), area.right()));
    let values = across.ticks(6);
    for (value, label) in values.iter().zip(ticks::labels(&values, across.domain.end)) {
        let x = across.value_to_pixel(*value);
        if x + text_width(&label, TEXT) / 2.0 <= area.right() + RIGHT {
            drawn.text("tick", x, area.bottom() + 15.0, Anchor::Middle, label);
        }
    }
}

/// A small square a value: thousands of them are one path.
fn points(values: &[f32], across: &Scale, up: &Scale) -> String {
    let mut path = String::new();
    for (position, &value) in values.iter().enumerate() {
        let (x, y) = (across.value_to_pixel(position as f64), up.value_to_pixel(f64::from(value)));
        if x.is_finite() && y.is_finite() {
            let side = 2.0 * POINT;
            // Into a text nothing can go wrong.
            _ = write!(path, "M{:.1} {:.1}h{side}v{side}h-{side}z", x - POINT, y - POINT);
        }
    }
    path
}

/// All values of a LayerNorm.
pub fn norm_csv(epochs: &NormEpochs, vectors: &NormVectors) -> String {
    let mut out = String::from("epoch,vector,position,value\n");
    for (place, epoch) in epochs.epochs.iter().enumerate() {
        for which in NormVector::ALL {
            let name = match which {
                NormVector::Gamma => "gamma",
                NormVector::Beta => "beta",
            };
            for (position, value) in vectors.vector(which, place).iter().enumerate() {
                _ = writeln!(out, "{epoch},{name},{position},{value}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::mark::Shape;

    fn vectors() -> NormVectors {
        let mut gamma = vec![vec![1.0_f32; 40], vec![1.0; 40]];
        gamma[1][7] = 3.0;
        let beta = vec![(0..40).map(|i| i as f32 / 40.0).collect::<Vec<f32>>(); 2];
        NormVectors { title: "block 1, after attention".into(), gamma, beta }
    }

    #[test]
    fn outliers_are_found_and_say_what_they_were() {
        assert!(outliers(&vectors().gamma[0]).is_empty(), "all are equal");
        let found = outliers(&vectors().gamma[1]);
        assert_eq!((found.len(), found[0].position, found[0].value), (1, 7, 3.0));
        let drawn = norm(&vectors(), 1, 500.0);
        assert_eq!(drawn.targets.len(), 1);
        assert_eq!(drawn.targets[0].said, "γ at position 7: 3.000, 6.2 σ above the mean; pretrained 1.000");
        assert!(norm(&vectors(), 0, 500.0).targets.is_empty());
        assert!(outliers(&[]).is_empty());
    }

    #[test]
    fn a_slider_moves_points_and_no_axis() {
        let [first, last] = [0, 1].map(|epoch| norm(&vectors(), epoch, 500.0));
        let of = |drawn: &Diagram, wanted: &str| -> Vec<Shape> {
            let is = |shape: &&Shape| match shape {
                Shape::Path { class, .. } | Shape::Text { class, .. } | Shape::Rect { class, .. } => {
                    class == wanted
                }
            };
            drawn.shapes.iter().filter(is).cloned().collect()
        };
        for class in ["grid", "tick", "then", "axis"] {
            assert_eq!(of(&first, class), of(&last, class), "{class}");
        }
        assert_ne!(of(&first, "now"), of(&last, "now"));
        assert_eq!(
            of(&first, "now"),
            of(&first, "then")
                .iter()
                .map(|shape| match shape {
                    Shape::Path { d, .. } => Shape::Path { class: "now".into(), d: d.clone() },
                    other => other.clone(),
                })
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_file_has_every_value_of_every_epoch() {
        let epochs = NormEpochs { epochs: vec![0, 3], norms: vec![vectors()] };
        let csv = norm_csv(&epochs, &epochs.norms[0]);
        assert_eq!(csv.lines().count(), 1 + 2 * 2 * 40);
        assert!(csv.contains("\n3,gamma,7,3\n"), "{csv}");
    }
}

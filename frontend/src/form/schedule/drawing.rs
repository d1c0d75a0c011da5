//! The picture of schedules as shapes in pixels: pure, so that it is tested without a page.

use crate::chart::scale::Scale;
use crate::chart::shapes::{Shape, TickLabel};
use crate::interval::Interval;
use crate::style::{COLOURS, DASHES, Style};
use tunemask_shared::schedule::{Decay, Schedule};
use tunemask_shared::ticks::labels;

/// Its height in pixels.
pub const HEIGHT: f64 = 190.0;

/// Most schedules that are drawn, the longest first: each has a colour of its own.
pub const MAX_SCHEDULES: usize = COLOURS;

/// Room for the labels of the axes, in pixels.
const LEFT: f64 = 52.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 38.0;

/// Pixels between two ticks of the horizontal axis.
const TICK_GAP: f64 = 90.0;

/// Steps of the run that stands for all while no number of steps is known.
const UNKNOWN_STEPS: usize = 1000;

/// Straight pieces of which a curve that is bent is made.
const PIECES: usize = 48;

/// The schedule of that run.
pub fn typical(warmup_fraction: f64, decay: Decay) -> Schedule {
    Schedule::new(UNKNOWN_STEPS, warmup_fraction.clamp(0.0, 1.0)).with_decay(decay)
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The path of the grid's lines.
    pub grid: String,
    /// The labels of its ticks.
    pub ticks: Vec<TickLabel>,
    /// What the horizontal axis is.
    pub across: &'static str,
    /// What the vertical axis is.
    pub upwards: &'static str,
    /// A curve for each schedule.
    pub curves: Vec<Shape>,
}

/// How the curve of the schedule at a place is drawn.
pub fn style(place: usize) -> Style {
    Style { colour: place % COLOURS, dash: place % DASHES, ..Style::default() }
}

/// The steps at which a schedule's curve bends, each once, with its first and its last.
pub fn corners(schedule: &Schedule) -> Vec<usize> {
    let top = schedule.warmup_steps.min(schedule.steps.saturating_sub(1));
    let pieces = if schedule.decay == Decay::Cosine { PIECES } else { 1 };
    let after = (1..=pieces).map(|piece| top + (schedule.steps - top) * piece / pieces);
    let mut corners: Vec<usize> = [0, top].into_iter().chain(after).collect();
    // Without warm-up the first is the top, and a short run has fewer steps than pieces.
    corners.dedup();
    corners
}

/// Draws schedules, the longest of which is first; `typical` for all where none is known. `peaks` are the peak learning rates: one
/// alone is what the vertical axis goes up to, of several it is the share.
pub fn draw(schedules: &[Schedule], typical: Schedule, peaks: &[f64], width: f64) -> Drawing {
    let unknown = [typical];
    let (drawn, across) = match schedules {
        [] => (&unknown[..], "share of the steps"),
        known => (&known[..known.len().min(MAX_SCHEDULES)], "step"),
    };
    let (peak, upwards) = match peaks {
        [peak] if peak.is_finite() && *peak > 0.0 => (*peak, "learning rate"),
        _ => (1.0, "share of the peak learning rate"),
    };
    let steps = drawn.iter().map(|schedule| schedule.steps).max().unwrap_or(UNKNOWN_STEPS) as f64;
    let (right, bottom) = ((width - RIGHT).max(LEFT + 1.0), HEIGHT - BOTTOM);
    let x = Scale::linear(Interval::new(0.0, steps), Interval::new(LEFT, right));
    let y = Scale::linear(Interval::new(0.0, peak), Interval::new(bottom, TOP));
    let wanted = ((right - LEFT) / TICK_GAP).floor().max(2.0) as usize;
    let (columns, rows) = (x.ticks(wanted), y.ticks(4));
    let mut grid = String::new();
    let mut ticks = Vec::new();
    let texts = match schedules {
        [] => columns.iter().map(|tick| format!("{:.0} %", 100.0 * tick / steps)).collect(),
        _ => labels(&columns, steps),
    };
    for (tick, text) in columns.iter().zip(texts) {
        let pixel = x.value_to_pixel(*tick);
        grid.push_str(&format!("M{pixel:.1},{TOP}V{bottom}"));
        ticks.push(TickLabel { x: pixel, y: bottom + 15.0, anchor: "middle", text });
    }
    let texts = match peaks {
        [_] => labels(&rows, peak),
        _ => rows.iter().map(|tick| format!("{:.0} %", 100.0 * tick)).collect(),
    };
    for (tick, text) in rows.iter().zip(texts) {
        let pixel = y.value_to_pixel(*tick);
        grid.push_str(&format!("M{LEFT},{pixel:.1}H{right:.1}"));
        ticks.push(TickLabel { x: LEFT - 6.0, y: pixel + 4.0, anchor: "end", text });
    }
    let curve = |(place, schedule): (usize, &Schedule)| {
        let point = |step: usize| {
            let height = y.value_to_pixel(peak * schedule.factor(step));
            format!("{:.1},{height:.1}", x.value_to_pixel(step as f64))
        };
        let path = format!("M{}", corners(schedule).into_iter().map(point).collect::<Vec<_>>().join("L"));
        Shape { class: format!("line {}", style(place).classes()), path }
    };
    Drawing { grid, ticks, across, upwards, curves: drawn.iter().enumerate().map(curve).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: f64 = LEFT + RIGHT + 400.0;
    const FLOOR: f64 = HEIGHT - BOTTOM;

    fn linear(warmup_fraction: f64) -> Schedule {
        typical(warmup_fraction, Decay::Linear)
    }

    fn texts(drawing: &Drawing, anchor: &str) -> Vec<String> {
        drawing.ticks.iter().filter(|tick| tick.anchor == anchor).map(|tick| tick.text.clone()).collect()
    }

    #[test]
    fn a_curve_rises_over_the_warm_up_and_falls_to_the_end() {
        let drawing = draw(&[Schedule::new(200, 0.1), Schedule::new(50, 0.1)], linear(0.1), &[5e-4], WIDTH);
        let long =
            format!("M{LEFT:.1},{FLOOR:.1}L{:.1},{TOP:.1}L{:.1},{FLOOR:.1}", LEFT + 40.0, LEFT + 400.0);
        let short =
            format!("M{LEFT:.1},{FLOOR:.1}L{:.1},{TOP:.1}L{:.1},{FLOOR:.1}", LEFT + 10.0, LEFT + 100.0);
        assert_eq!([&drawing.curves[0].path, &drawing.curves[1].path], [&long, &short]);
        assert_ne!(drawing.curves[0].class, drawing.curves[1].class);
        assert_eq!((drawing.across, drawing.upwards), ("step", "learning rate"));
        assert_eq!(texts(&drawing, "middle"), ["0", "50", "100", "150", "200"]);
        assert_eq!(texts(&drawing, "end"), ["0", "2e-4", "4e-4"]);
    }

    #[test]
    fn a_cosine_is_bent_and_a_constant_level() {
        let path = |decay| {
            draw(&[Schedule::new(200, 0.1).with_decay(decay)], linear(0.1), &[5e-4], WIDTH).curves[0]
                .path
                .clone()
        };
        let cosine = path(Decay::Cosine);
        assert_eq!(cosine.matches('L').count(), 1 + PIECES);
        assert!(cosine.ends_with(&format!("L{:.1},{FLOOR:.1}", LEFT + 400.0)), "{cosine}");
        assert!(path(Decay::Constant).ends_with(&format!("L{:.1},{TOP:.1}", LEFT + 400.0)));
    }

    #[test]
    fn of_several_peaks_it_is_the_share_and_of_unknown_steps_the_share_of_them() {
        let drawing = draw(&[], linear(0.25), &[1e-5, 1e-2], WIDTH);
        assert_eq!(drawing.curves.len(), 1);
        assert!(drawing.curves[0].path.contains(&format!("L{:.1},{TOP:.1}", LEFT + 100.0)), "{drawing:?}");
        assert_eq!(drawing.across, "share of the steps");
        assert_eq!(texts(&drawing, "middle"), ["0 %", "50 %", "100 %"].map(String::from).to_vec());
        assert_eq!(texts(&drawing, "end"), ["0 %", "50 %", "100 %"]);
    }

    #[test]
    fn what_is_odd_can_be_drawn() {
        let (low, high) = (TOP - 0.05, FLOOR + 0.05);
        for schedule in
            [Schedule::new(1, 0.0), Schedule::new(1, 1.0), Schedule::new(7, 1.0), Schedule::new(3, 0.0)]
        {
            for peaks in [&[][..], &[f64::NAN], &[0.0], &[-1.0], &[1e-300], &[1e-3, 1e-2]] {
                for width in [0.0, 90.0, WIDTH] {
                    let drawing = draw(&[schedule], linear(9.0), peaks, width);
                    let path = &drawing.curves[0].path;
                    let points = path.split(['M', 'L']).filter(|point| !point.is_empty());
                    for point in points {
                        let (x, y) = point.split_once(',').unwrap();
                        let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                        assert!(x.is_finite() && x >= LEFT - 0.05 && (low..=high).contains(&y), "{path}");
                    }
                }
            }
        }
        // Without a warm-up it begins at its peak.
        let drawing = draw(&[Schedule::new(100, 0.0)], linear(0.0), &[1e-3], WIDTH);
        assert!(drawing.curves[0].path.starts_with(&format!("M{LEFT:.1},{TOP:.1}")), "{drawing:?}");
        let many: Vec<Schedule> = (1..30).rev().map(|steps| Schedule::new(steps, 0.1)).collect();
        assert_eq!(draw(&many, linear(0.1), &[1e-3], WIDTH).curves.len(), MAX_SCHEDULES);
    }
}

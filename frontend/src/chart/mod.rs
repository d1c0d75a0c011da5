//! Charts: pure geometry, and one component that shows it. In reading order:

/// How all charts of an experiment are drawn.
pub mod setting;
/// From values to pixels, and ticks.
pub mod scale;
/// What charts show, and the columns it is read from.
pub mod quantity;
/// Which lines are drawn where there are too many.
pub mod choice;
/// Runs become lines: labels, colours, smoothing, groups.
pub mod line;
/// Lines become a drawing.
pub mod drawing;
/// A drawing as SVG text.
pub mod markup;
/// The values under the crosshair, the summary, the table and the CSV.
pub mod reading;
/// Which chart is drawn in which frame.
pub mod turns;
/// What the charts of an experiment share.
pub mod board;
/// The pointer and the keys over a chart.
pub mod plot;
/// The chart on the page.
pub mod figure;

//! The picture of schedules to save: a diagram with the names of its curves below, and its figures.

use super::drawing::{Drawing, HEIGHT, MAX_SCHEDULES, corners, style};
use super::lengths::{RunLength, schedules};
use crate::component::text_table::TextTable;
use crate::diagram::mark::{Anchor, Diagram, text_width};
use tunemask_shared::schedule::Schedule;

/// From a curve's name to the next.
const ROW: f64 = 18.0;
/// Where names begin.
const LEFT: f64 = 52.0;
/// How long the piece of a curve before its name is.
const SAMPLE: f64 = 30.0;
/// The letters of a name.
const NAME: f64 = 10.5;

/// Which runs have each schedule that is drawn; none while none is known.
pub fn names(lengths: &[RunLength]) -> Vec<String> {
    let runs = |schedule: &Schedule| {
        let same = lengths.iter().filter(|length| length.steps.is_some_and(|s| s.schedule == *schedule));
        same.map(RunLength::runs).collect::<Vec<_>>().join("; ")
    };
    schedules(lengths).iter().take(MAX_SCHEDULES).map(runs).collect()
}

/// The picture as a file has it.
pub fn diagram(drawing: &Drawing, names: &[String], width: f64) -> Diagram {
    let mut drawn = Diagram { width, height: HEIGHT + ROW * names.len() as f64, ..Diagram::default() };
    drawn.path("grid", drawing.grid.clone());
    for tick in &drawing.ticks {
        drawn.text("tick", tick.x, tick.y, Anchor::of_word(tick.anchor), tick.text.clone());
    }
    drawn.text("axis-title", 4.0, 12.0, Anchor::Start, drawing.upwards);
    drawn.text("axis-title", width - 16.0, HEIGHT - 4.0, Anchor::End, drawing.across);
    let class = |place: usize| {
        let style = style(place);
        format!("line k{} d{}", style.colour, style.dash)
    };
    for (place, curve) in drawing.curves.iter().enumerate() {
        drawn.path(class(place), curve.path.clone());
    }
    for (place, name) in names.iter().enumerate() {
        let y = HEIGHT + ROW * (place as f64 + 0.5);
        drawn.path(class(place), format!("M{LEFT},{y:.1}h{SAMPLE}"));
        drawn.text("small", LEFT + SAMPLE + 8.0, y + 4.0, Anchor::Start, name.clone());
        // Many tasks of one length share a curve and its name.
        drawn.width = drawn.width.max(LEFT + SAMPLE + 16.0 + text_width(name, NAME));
    }
    drawn
}

/// The corners of the curves that are drawn; of `typical` in shares of its steps while none is known.
pub fn table(lengths: &[RunLength], typical: Schedule) -> TextTable {
    let heads = |across: &str| ["runs", across, "share_of_peak"].map(String::from).to_vec();
    let known = schedules(lengths);
    if known.is_empty() {
        let share = |step: usize| step as f64 / typical.steps as f64;
        let row =
            |step: usize| vec![String::new(), share(step).to_string(), typical.factor(step).to_string()];
        return TextTable {
            heads: heads("share_of_steps"),
            rows: corners(&typical).into_iter().map(row).collect(),
        };
    }
    let rows = known.iter().zip(names(lengths)).flat_map(|(schedule, name)| {
        let row = move |step: usize| vec![name.clone(), step.to_string(), schedule.factor(step).to_string()];
        corners(schedule).into_iter().map(row)
    });
    TextTable { heads: heads("step"), rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::super::drawing::{draw, typical};
    use super::super::lengths::{Masks, Steps};
    use super::*;
    use crate::diagram::mark::Shape;
    use tunemask_shared::schedule::Decay;

    fn length(task: &str, steps: usize) -> RunLength {
        let schedule = Schedule::new(steps, 0.1);
        RunLength {
            task: task.into(),
            masks: Masks::All,
            epochs: 1,
            steps: Some(Steps { per_epoch: steps, schedule }),
        }
    }

    #[test]
    fn a_file_names_the_runs_of_each_curve() {
        let lengths = [length("RTE", 50), length("CoLA", 200), length("MRPC", 50)];
        assert_eq!(names(&lengths), ["CoLA", "RTE; MRPC"]);
        let drawing = draw(&schedules(&lengths), typical(0.1, Decay::Linear), &[1e-3], 400.0);
        let drawn = diagram(&drawing, &names(&lengths), 400.0);
        let classes: Vec<&str> = drawn
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Path { class, .. } if class.starts_with("line") => Some(class.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(classes, ["line k0 d0", "line k1 d1", "line k0 d0", "line k1 d1"]);
        assert_eq!((drawn.width, drawn.height), (400.0, HEIGHT + 2.0 * ROW));
        let many = ["task"; 40].join("; ");
        assert!(diagram(&drawing, &[many], 400.0).width > 800.0, "the name is not cut off");
    }

    #[test]
    fn its_figures_are_the_corners_of_the_curves() {
        let typical = typical(0.1, Decay::Linear);
        let table = table(&[length("RTE", 50), length("CoLA", 200)], typical);
        assert_eq!(
            table.csv(),
            "runs,step,share_of_peak\nCoLA,0,0\nCoLA,20,1\nCoLA,200,0\nRTE,0,0\nRTE,5,1\nRTE,50,0\n"
        );
        let bare = |steps, warmup| Schedule { decay: Decay::Cosine, ..Schedule::new(steps, warmup) };
        assert_eq!(corners(&bare(8, 0.0)), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let unknown = super::table(&[], typical);
        assert_eq!(unknown.csv(), "runs,share_of_steps,share_of_peak\n,0,0\n,0.1,1\n,1,0\n");
    }
}

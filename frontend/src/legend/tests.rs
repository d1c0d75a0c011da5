//! Styles and names of a grid's runs.

use super::*;
use crate::grouping::{Field, Fields};
use crate::sample;
use std::collections::HashSet;
use tunemask_shared::event::Node;
use tunemask_shared::run::{Arithmetic, RunSpec};
use tunemask_shared::state::LabState;

/// A grid of so many masks, rates, tasks and seeds, with the style of each of its runs.
fn styles(masks: usize, rates: usize, tasks: usize, seeds: u64) -> (Legend, Vec<Style>) {
    let all = [
        Task::cola(),
        Task::sst2(),
        Task::mrpc(),
        Task::stsb(),
        Task::qqp(),
        Task::mnli(),
        Task::qnli(),
        Task::rte(),
    ];
    let legend = Legend {
        tasks: all[..tasks].to_vec(),
        masks: (1..=masks).map(Mask::SingleNorm).collect(),
        rates: (1..=rates).map(|i| i as f64 * 1e-4).collect(),
        seeds: (1..=seeds).collect(),
        ..Legend::default()
    };
    let (mut styles, run) = (Vec::new(), sample::run(1, 1).spec);
    for mask in &legend.masks {
        for &learning_rate in &legend.rates {
            for task in &legend.tasks {
                for &seed in &legend.seeds {
                    let spec = RunSpec {
                        mask: mask.clone(),
                        learning_rate,
                        task: task.clone(),
                        seed,
                        ..run.clone()
                    };
                    styles.push(style(&legend, spec));
                }
            }
        }
    }
    (legend, styles)
}

fn of_run(spec: RunSpec) -> RunState {
    RunState { spec, ..sample::run(1, 1) }
}

fn style(legend: &Legend, spec: RunSpec) -> Style {
    let (id, state) = (RunId("0".into()), of_run(spec));
    legend.style(legend.place(Run { id: &id, state: &state }), Grouping::Runs)
}

fn name(legend: &Legend, spec: &RunSpec, grouping: Grouping) -> String {
    let (id, state) = (RunId("0".into()), of_run(spec.clone()));
    legend.name(Run { id: &id, state: &state }, grouping)
}

fn distinct(styles: &[Style]) -> usize {
    styles.iter().collect::<HashSet<_>>().len()
}

#[test]
fn no_two_lines_of_a_grid_look_the_same_while_a_chart_has_room_for_them() {
    let grids = [
        (12, 6, 1, 1),
        (19, 2, 2, 1),
        (4, 4, 2, 2),
        (12, 3, 1, 3),
        (50, 2, 1, 1),
        (3, 7, 2, 2),
        (2, 8, 3, 2),
        (1, 7, 2, 3),
        (1, 1, 8, 10),
        (1, 12, 1, 3),
        (2, 20, 1, 3),
        (1, 1, 1, 120),
    ];
    for (masks, rates, tasks, seeds) in grids {
        let (legend, styles) = styles(masks, rates, tasks, seeds);
        let grid = (masks, rates, tasks, seeds);
        let alike = legend.alike(Grouping::Runs);
        // 120 runs that differ in their seed alone are more than can be told apart, and it is said.
        match masks * rates * tasks == 1 {
            true => assert_eq!(alike, ["seed"], "{grid:?}"),
            false => assert_eq!((distinct(&styles), alike.len()), (styles.len(), 0), "{grid:?}"),
        }
    }
}

#[test]
fn what_cannot_be_told_apart_is_said_and_all_else_is_in_the_key() {
    for masks in [1, 2, 9, 13, 51, 60] {
        for rates in [1, 4, 9, 41] {
            for tasks in [1, 2, 8] {
                for seeds in [1, 3, 6] {
                    let (legend, styles) = styles(masks, rates, tasks, seeds);
                    let alike = legend.alike(Grouping::Runs);
                    let grid = format!("{masks} {rates} {tasks} {seeds}: {alike:?}");
                    assert_eq!(distinct(&styles) == styles.len(), alike.is_empty(), "{grid}");
                    let key: Vec<&str> = legend.key(Grouping::Runs).iter().map(|g| g.title).collect();
                    for (count, title, name) in [
                        (rates, "Learning rate", "learning rate"),
                        (tasks, "Task", "task"),
                        (seeds as usize, "Seed", "seed"),
                    ] {
                        let told = count > 1 && !alike.contains(&name);
                        assert_eq!(key.contains(&title), told, "{grid}: {title}");
                    }
                    assert!(!legend.alike(Grouping::over_seeds()).contains(&"seed"));
                }
            }
        }
    }
}

#[test]
fn runs_of_one_mask_share_a_colour() {
    let legend = sample::legend();
    let mut spec = sample::run(2, 10).spec;
    assert_eq!(style(&legend, spec.clone()).colour, 1);
    assert_eq!(name(&legend, &spec, Grouping::Runs), "layernorms · Sentiment · 1e-3 · seed 2");
    assert_eq!(name(&legend, &spec, Grouping::over_seeds()), "layernorms · Sentiment · 1e-3");
    let by = |fields: &[Field]| Grouping::by(Fields::of(fields));
    assert_eq!(name(&legend, &spec, by(&[Field::Status, Field::Seed])), "seed 2 · running");
    spec.learning_rate = 1e-2;
    let drawn = style(&legend, spec);
    assert_eq!((drawn.colour, drawn.dash), (1, 1));
    assert_eq!(legend.mask_style(&Mask::Frozen).map(|s| s.colour), Some(3));
}

#[test]
fn a_grid_of_one_still_has_names_and_colours() {
    let legend = Legend {
        tasks: vec![Task::sentiment()],
        masks: vec![Mask::LayerNorms],
        rates: vec![1e-3],
        seeds: vec![1, 2],
        ..Legend::default()
    };
    let spec = sample::run(2, 10).spec;
    assert_eq!((style(&legend, spec.clone()).colour, legend.mask_style(&spec.mask)), (1, None));
    assert_eq!(name(&legend, &spec, Grouping::Runs), "seed 2");
    assert_eq!(name(&legend, &spec, Grouping::over_seeds()), "layernorms");
}

#[test]
fn the_first_field_that_groups_has_the_colour() {
    let (legend, _) = styles(4, 3, 2, 2);
    let (id, state) = (
        RunId("0".into()),
        of_run(RunSpec {
            learning_rate: legend.rates[2],
            mask: Mask::SingleNorm(2),
            seed: 2,
            ..sample::run(1, 1).spec
        }),
    );
    let place = legend.place(Run { id: &id, state: &state });
    let drawn = |fields: &[Field]| legend.style(place, Grouping::by(Fields::of(fields)));
    assert_eq!(drawn(&[Field::Rate]), Style { colour: 2, ..Style::default() });
    assert_eq!(drawn(&[Field::Mask, Field::Rate]), Style { colour: 1, dash: 2, ..Style::default() });
    assert_eq!(drawn(&[Field::Seed]).colour, 1);
    // Groups by their place: what does not tell them apart is of no account.
    let by_rate = Grouping::by(Fields::of(&[Field::Rate]));
    let other = of_run(RunSpec { mask: Mask::SingleNorm(4), seed: 1, ..state.spec.clone() });
    let beside = legend.place(Run { id: &id, state: &other });
    assert!(place != beside && place.group(by_rate) == beside.group(by_rate));
    assert_eq!(legend.key(by_rate).iter().map(|group| group.title).collect::<Vec<_>>(), ["Learning rate"]);
    assert!(legend.alike(by_rate).is_empty());
}

#[test]
fn what_is_compared_has_the_colour_and_its_masks_are_in_the_key() {
    let (mut legend, _) = styles(3, 1, 1, 2);
    let runs = [RunId("0".into()), RunId("1".into())];
    legend.contenders = runs
        .iter()
        .zip(["#3", "#5"])
        .map(|(run, name)| Contender { name: name.into(), runs: [run.clone()].into() })
        .collect();
    let state = of_run(RunSpec { mask: Mask::SingleNorm(3), ..sample::run(1, 1).spec });
    let run = Run { id: &runs[1], state: &state };
    let by = Grouping::by(Fields::of(&[Field::Mask, Field::Task]));
    assert_eq!(legend.style(legend.place(run), by), Style { colour: 1, dash: 2, ..Style::default() });
    assert_eq!(legend.name(run, by), "#5 · single_norm:3");
    assert_eq!(legend.key(by)[0].title, "Mask");
}

#[test]
fn more_masks_than_colours_go_round_them_with_a_mark() {
    let (legend, _) = styles(12, 2, 1, 1);
    let of = |mask| legend.mask_style(&Mask::SingleNorm(mask)).unwrap();
    assert_eq!(of(12), Style { colour: 1, mark: 1, ..Style::default() });
    assert_eq!(of(2), Style { colour: 1, ..Style::default() });
}

/// A worker of the machine `desk`.
fn node(worker: &str) -> Option<Node> {
    let arithmetic = Arithmetic("x86-64-v4".into());
    Some(Node { name: "desk".into(), arithmetic, worker: Some(worker.into()) })
}

#[test]
fn colours_and_folds_of_nodes_stay_while_runs_begin() {
    let (mut lab, experiment) = sample::lab();
    let by = Grouping::by(Fields::of(&[Field::Node]));
    let mut begin = |run: usize, worker: &str, before: Option<&Nodes>| {
        lab.runs.get_mut(&experiment.runs[run]).unwrap().node = node(worker);
        let nodes = Nodes::of(&experiment, &lab.runs, before);
        let legend = Legend::new(&experiment, &lab.runs).trained_at(nodes);
        let at = |run: usize| {
            let id = &experiment.runs[run];
            let place = legend.place(Run { id, state: &lab.runs[id] }).group(by);
            (legend.style(place, by).colour, legend.group_key(place, by))
        };
        let seen = [at(0), at(1), at(4)];
        (legend.nodes, seen)
    };
    let (nodes, first) = begin(0, "cpu-2", None);
    assert_eq!(nodes.words(), ["desk/cpu-2", "no node yet"]);
    // A name that sorts before it, and runs that wait no longer being of the first index.
    let (nodes, second) = begin(1, "cpu-1", Some(&nodes));
    assert_eq!(nodes.words(), ["desk/cpu-2", "desk/cpu-1", "no node yet"]);
    assert_eq!(first[0], second[0]);
    assert_eq!(first[2].1, second[2].1, "the group of those that wait stays unfolded");
    let (_, third) = begin(2, "cpu-0", Some(&nodes));
    assert_eq!(third[..2], second[..2]);
}

#[test]
fn two_nodes_of_one_name_are_one_place() {
    let (mut lab, experiment) = sample::lab();
    for (run, arithmetic) in experiment.runs.iter().zip(["x86-64-v4", "x86-64-v3"]) {
        let node = Node { name: "desk".into(), arithmetic: Arithmetic(arithmetic.into()), worker: None };
        lab.runs.get_mut(run).unwrap().node = Some(node);
    }
    assert_eq!(Nodes::of(&experiment, &lab.runs, None).words(), ["desk", "no node yet"]);
}

#[test]
fn what_runs_differ_in_does_not_change_as_they_begin() {
    let (mut lab, experiment) = sample::lab();
    let before = Legend::new(&experiment, &lab.runs);
    lab.runs.get_mut(&experiment.runs[0]).unwrap().node = node("cpu-1");
    assert_eq!(Legend::new(&experiment, &lab.runs), before);
}

#[test]
fn runs_are_grouped_by_the_node_that_trains_them_and_by_none_that_has_not_begun() {
    let (mut lab, experiment) = sample::lab();
    let nodes = |lab: &LabState| Nodes::of(&experiment, &lab.runs, None);
    assert_eq!(nodes(&lab).several(), None);
    for (run, worker) in experiment.runs.iter().zip(["cpu-2", "cpu-1", "cpu-2"]) {
        lab.runs.get_mut(run).unwrap().node = node(worker);
    }
    let legend = Legend::new(&experiment, &lab.runs).trained_at(nodes(&lab));
    assert_eq!(legend.nodes.several().unwrap(), ["desk/cpu-1", "desk/cpu-2"]);
    let by = Grouping::by(Fields::of(&[Field::Node]));
    let names: Vec<String> =
        experiment.runs.iter().map(|id| legend.name(Run { id, state: &lab.runs[id] }, by)).collect();
    assert_eq!(names, ["desk/cpu-2", "desk/cpu-1", "desk/cpu-2", "no node yet", "no node yet"]);
    // A run's own line does not change as it comes to another node.
    let place = |id: &RunId| legend.place(Run { id, state: &lab.runs[id] });
    let [first, second] = [0, 1].map(|i| place(&experiment.runs[i]).group(Grouping::Runs));
    assert_eq!(
        legend.style(first, Grouping::by(Fields::of(&[Field::Mask]))).colour,
        legend.style(second, Grouping::by(Fields::of(&[Field::Mask]))).colour
    );
    assert_eq!(legend.key(by).iter().map(|group| group.title).collect::<Vec<_>>(), ["Node"]);
}

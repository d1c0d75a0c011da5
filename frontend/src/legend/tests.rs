//! Styles and names of a grid's runs.

use super::*;
use crate::sample;
use std::collections::HashSet;

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
                    styles.push(legend.style(&spec));
                }
            }
        }
    }
    (legend, styles)
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
                    assert!(!legend.alike(Grouping::Seeds).contains(&"seed"));
                }
            }
        }
    }
}

#[test]
fn runs_of_one_mask_share_a_colour() {
    let legend = sample::legend();
    let mut spec = sample::run(2, 10).spec;
    assert_eq!(legend.style(&spec).colour, 1);
    assert_eq!(legend.name(&spec, Seeds::Apart), "layernorms · Sentiment · 1e-3 · seed 2");
    assert_eq!(legend.name(&spec, Seeds::Together), "layernorms · Sentiment · 1e-3");
    spec.learning_rate = 1e-2;
    assert_eq!((legend.style(&spec).colour, legend.style(&spec).dash), (1, 1));
    assert_eq!(legend.mask_style(&Mask::Frozen).map(|s| s.colour), Some(3));
}

#[test]
fn a_grid_of_one_still_has_names_and_colours() {
    let legend = Legend {
        tasks: vec![Task::sentiment()],
        masks: vec![Mask::LayerNorms],
        rates: vec![1e-3],
        seeds: vec![1, 2],
    };
    let spec = sample::run(2, 10).spec;
    assert_eq!((legend.style(&spec).colour, legend.mask_style(&spec.mask)), (1, None));
    assert_eq!(legend.name(&spec, Seeds::Apart), "seed 2");
    assert_eq!(legend.name(&spec, Seeds::Together), "layernorms");
}

#[test]
fn more_masks_than_colours_go_round_them_with_a_mark() {
    let (legend, _) = styles(12, 2, 1, 1);
    let of = |mask| legend.mask_style(&Mask::SingleNorm(mask)).unwrap();
    assert_eq!(of(12), Style { colour: 1, mark: 1, ..Style::default() });
    assert_eq!(of(2), Style { colour: 1, ..Style::default() });
}

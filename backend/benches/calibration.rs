//! How often tests between masks reject what is true, and find what is not: studies with made-up predictions, through what
//! `tunemask table --pairs` calls; `tests/statistics/calibration.rs` goes through the program.
//!
//! ```sh
//! cargo bench --bench calibration -- --studies 60
//! ```
//!
//! Prints a Markdown table: for each metric, number of development examples, deviation of a seed, and number of seeds the share
//! of true nulls with p < 5 % (two-sided; with twice its standard error), the share of families of 45 pairs with a corrected
//! p-value below 5 % (with twice its standard error), and beside a planted effect the share that is found, each beside Student's t
//! over the same seeds' scores. Pairs of a study share its examples but no mask. With `--rates 7` one mask of each pair
//! had seven equally good learning rates to choose from and the other one; with `--epochs 20` likewise.
//!
//! Files of thousands of runs come and go in the folder for temporary files: `TMPDIR=/dev/shm` spares the disk.

#[path = "../tests/statistics/simulated/mod.rs"]
mod simulated;

use clap::Parser;
use rayon::prelude::*;
use simulated::{Compared, Simulation, compare_here};
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::error::Error;
use tunemask_shared::task::{Task, TaskName};

/// Simulate tests between masks whose truth is known
#[derive(Parser, Debug)]
struct Arguments {
    /// Studies a cell, of 45 pairs of which 5 share no mask
    #[arg(long, default_value_t = 60)]
    studies: u32,
    /// Tasks, which stand for their metrics: accuracy, F1, Matthews, Spearman, entity F1
    #[arg(long, value_delimiter = ',', default_value = "rte,mrpc,cola,stsb,ner")]
    tasks: Vec<TaskName>,
    /// Development examples
    #[arg(long, value_delimiter = ',', default_value = "250,1000,10000")]
    examples: Vec<usize>,
    /// Standard deviations of a seed, in points
    #[arg(long, value_delimiter = ',', default_value = "0.5,2,5")]
    deviations: Vec<f64>,
    /// Seeds; below three there is no test on the method
    #[arg(long, value_delimiter = ',', default_value = "3,5,10")]
    seeds: Vec<usize>,
    /// A planted effect, in points
    #[arg(long, default_value_t = 2.0)]
    effect: f64,
    /// Equally good learning rates of one mask of each pair; the other has one
    #[arg(long, default_value_t = 1)]
    rates: usize,
    /// Equally good epochs of one mask of each pair; the other has one
    #[arg(long, default_value_t = 1)]
    epochs: usize,
    /// What cargo hands to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// What a cell of the table found.
struct Found {
    ours: f64,
    student: f64,
    families: f64,
    pairs: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    println!(
        "| metric | examples | seed ± | seeds | error, % | families, % | Student's t | power, % | Student's t |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for name in &arguments.tasks {
        let task = Task::known(name).ok_or_else(|| format!("{name} is not a task that is simulated"))?;
        for &examples in &arguments.examples {
            for &deviation in &arguments.deviations {
                for &seeds in &arguments.seeds {
                    let null = Simulation {
                        task: task.source(),
                        examples,
                        seeds,
                        deviation: deviation / 100.0,
                        masks: 10,
                        effect: 0.0,
                        epochs: [arguments.epochs, 1],
                        rates: [arguments.rates, 1],
                    };
                    let error = run(null, arguments.studies)?;
                    let planted = Simulation { effect: arguments.effect / 100.0, ..null };
                    let power = run(planted, arguments.studies.div_ceil(3))?;
                    let twice = |nulls: usize| 200.0 * (0.05 * 0.95 / nulls as f64).sqrt();
                    println!(
                        "| {} | {examples} | {deviation} | {seeds} | {:.1} (5 ± {:.1}) | {:.1} (5 ± {:.1}) | {:.1} | {:.0} | {:.0} |",
                        task.primary_metric().title(),
                        100.0 * error.ours,
                        twice(error.pairs),
                        100.0 * error.families,
                        twice(arguments.studies as usize),
                        100.0 * error.student,
                        100.0 * power.ours,
                        100.0 * power.student,
                    );
                }
            }
        }
    }
    Ok(())
}

fn run(simulation: Simulation, studies: u32) -> Result<Found, Box<dyn Error>> {
    let one = |number| {
        let home = tempfile::tempdir().map_err(|e| e.to_string())?;
        Ok::<Compared, String>(compare_here(simulation, number, home.path()))
    };
    let all: Vec<Compared> = (1..=studies).into_par_iter().map(one).collect::<Result<_, _>>()?;
    let pairs: Vec<_> = all.iter().flat_map(|study| &study.disjoint).collect();
    let share = |n: usize, of: usize| n as f64 / of as f64;
    let student = pairs.iter().filter(|pair| student(&pair.scores) < 0.05).count();
    Ok(Found {
        ours: share(pairs.iter().filter(|pair| pair.number("p") < 0.05).count(), pairs.len()),
        student: share(student, pairs.len()),
        families: share(all.iter().filter(|study| study.smallest_holm < 0.05).count(), all.len()),
        pairs: pairs.len(),
    })
}

/// Two-sided p-value of the paired t-test over seeds.
fn student([left, right]: &[Vec<f64>; 2]) -> f64 {
    let d: Vec<f64> = left.iter().zip(right).map(|(l, r)| l - r).collect();
    let n = d.len() as f64;
    let mean = d.iter().sum::<f64>() / n;
    let variance = d.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    match StudentsT::new(0.0, 1.0, n - 1.0) {
        Ok(t) => 2.0 * t.sf(mean.abs() / (variance / n).sqrt()),
        Err(_) => f64::NAN,
    }
}

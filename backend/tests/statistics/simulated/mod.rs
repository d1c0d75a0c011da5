//! Studies whose truth is known: home folders with made-up predictions, and what the program's own command says of them.
//!
//! Each mask has a true skill. A seed's model has that skill plus noise (training); an example is hard or easy for all masks
//! alike, for one mask, and for one model, in the shares ½, ¼ and ¼ of the variance. Two masks of equal skill are a true null.
#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped has failed")]
#![allow(dead_code, reason = "benchmark and test use different parts")]

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tunemask::artifacts::{Artifacts, Keep, Product, Trained, Truth};
use tunemask::results::predictions::{Clipping, Predictions};
use tunemask::results::significance::pair_differences;
use tunemask::results::stored;
use tunemask::results::table::table;
use tunemask::store::{Reader, Store};
use tunemask_shared::event::{Evaluation, EventKind, ExperimentId, Outcome};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::fixtures::run_spec;
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::task::{ColumnTask, GlueTask, Source, Task, known_tasks};

/// A study of which the truth is known.
#[derive(Clone, Copy, Debug)]
pub struct Simulation {
    /// Its first metric is what is compared; one of RTE, MRPC, CoLA, STS-B and NER.
    pub task: Source,
    /// Development examples.
    pub examples: usize,
    /// Runs of a mask.
    pub seeds: usize,
    /// Standard deviation of a model's skill about its mask's: of the share of examples that it has right, or of its correlation
    /// for STS-B.
    pub deviation: f64,
    /// Masks.
    pub masks: usize,
    /// By how much every second mask is better, in the same unit.
    pub effect: f64,
    /// Epochs of the masks that would be better, and of the others: all equally good but for chance, of which they share nine
    /// tenths; the best is reported.
    pub epochs: [usize; 2],
    /// Learning rates that are equally good for the masks that would be better, and for the others; runs at further ones fail. The
    /// one with the best mean is reported.
    pub rates: [usize; 2],
}

/// Two masks as the command compares them; left is better by the planted effect.
pub struct Pair {
    /// The line of `table --pairs`.
    pub line: Value,
    /// Scores of each, a seed each.
    pub scores: [Vec<f64>; 2],
}

impl Pair {
    /// A number of the line; not-a-number where it says so.
    pub fn number(&self, name: &str) -> f64 {
        self.line[name].as_f64().unwrap_or(f64::NAN)
    }
}

/// A home folder's comparisons.
pub struct Compared {
    /// Pairs that share no mask: first with second, third with fourth.
    pub disjoint: Vec<Pair>,
    /// The smallest corrected p-value of all pairs of the family.
    pub smallest_holm: f64,
}

/// Where a mask's skill lies without an effect.
const SKILL: f64 = 0.75;

/// Makes study number `number` in an empty folder, and compares its masks by the program's command.
pub fn compare(simulation: Simulation, number: u32, home: &Path) -> Compared {
    let scores = make(simulation, number, home);
    let program = env!("CARGO_BIN_EXE_tunemask");
    let out = Command::new(program).args(["table", "1", "--pairs", "--home"]).arg(home).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    compared(simulation, lines, scores)
}

/// The same in this process, without what else the command says of a pair: a benchmark of thousands of studies spares the
/// starts of a program, stochastic orders and tests per example.
pub fn compare_here(simulation: Simulation, number: u32, home: &Path) -> Compared {
    let scores = make(simulation, number, home);
    let state = Reader::open(home).unwrap().state().unwrap();
    let study = stored::study(home, &table(&state, ExperimentId(1)).unwrap());
    let lines = pair_differences(&study).iter().map(|test| serde_json::to_value(test).unwrap()).collect();
    compared(simulation, lines, scores)
}

fn compared(simulation: Simulation, lines: Vec<Value>, scores: Vec<Vec<f64>>) -> Compared {
    let masks = masks(simulation);
    assert_eq!(lines.len(), masks.len() * (masks.len() - 1) / 2);
    let holm = lines.iter().filter_map(|line| line["p_holm"].as_f64());
    let smallest_holm = holm.fold(f64::NAN, f64::min);
    let mut disjoint = Vec::new();
    for (pair, scores) in masks.chunks_exact(2).zip(scores.chunks_exact(2)) {
        let own = |line: &&Value| line["left"] == *pair[0] && line["right"] == *pair[1];
        let line = lines.iter().find(own).unwrap().clone();
        disjoint.push(Pair { line, scores: [scores[0].clone(), scores[1].clone()] });
    }
    Compared { disjoint, smallest_holm }
}

fn masks(simulation: Simulation) -> Vec<String> {
    (1..=simulation.masks).map(|i| format!("random:10:{i}")).collect()
}

/// Writes log and predictions; the scores of each mask at the rate that is reported.
fn make(simulation: Simulation, number: u32, home: &Path) -> Vec<Vec<f64>> {
    let mut maker = Maker::new(simulation, number, home);
    let all = masks(simulation).iter().enumerate().map(|(i, mask)| maker.mask(i, mask)).collect();
    maker.write_log();
    all
}

/// A study in the making.
struct Maker<'a> {
    simulation: Simulation,
    home: &'a Path,
    task: Task,
    stream: Stream,
    /// How hard each example is for all masks alike.
    shared: Vec<f64>,
    truth: Answers,
    queued: Vec<EventKind>,
    over: Vec<EventKind>,
    runs: Vec<RunId>,
}

impl<'a> Maker<'a> {
    fn new(simulation: Simulation, number: u32, home: &'a Path) -> Self {
        let Simulation { examples, seeds, deviation, effect, epochs, rates, .. } = simulation;
        let task = Task::of_source(simulation.task).unwrap();
        // Every kind of study has draws of its own, so that one's luck is not all others'.
        let kind = [
            known_tasks().iter().position(|known| *known == task).unwrap() as u64,
            examples as u64,
            seeds as u64,
            (deviation * 1e6) as u64,
            (effect * 1e6) as u64,
            epochs[0] as u64,
            epochs[1] as u64,
            rates[0] as u64,
            rates[1] as u64,
        ];
        let key =
            kind.iter().fold(u64::from(number), |key, part| key.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ part);
        let mut stream = Stream::new(key, Purpose::Language, number);
        let shared = (0..examples).map(|_| stream.normal()).collect();
        let truth = Answers::draw(simulation.task, examples, &mut stream);
        let (queued, over, runs) = (Vec::new(), Vec::new(), Vec::new());
        Self { simulation, home, task, stream, shared, truth, queued, over, runs }
    }

    /// Trains a mask, so to say; the scores of its seeds at the rate with the best mean.
    fn mask(&mut self, i: usize, mask: &str) -> Vec<f64> {
        let Simulation { seeds, effect, rates, .. } = self.simulation;
        let own: Vec<f64> = self.shared.iter().map(|_| self.stream.normal()).collect();
        let level = SKILL + if i.is_multiple_of(2) { effect } else { 0.0 };
        let mut best: Option<Vec<f64>> = None;
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
        for (place, learning_rate) in learning_rates(self.simulation).into_iter().enumerate() {
            let mut of_rate = Vec::new();
            for seed in 1..=seeds as u64 {
                let task = self.task.clone();
                let mask = mask.parse().unwrap();
                let spec = RunSpec { task, mask, learning_rate, seed, ..run_spec() };
                let run = spec.id().unwrap();
                self.queued.push(EventKind::Queued {
                    run: run.clone(),
                    spec: Box::new(spec),
                    trainable: 10,
                    alone: false,
                });
                if place < rates[i % 2] {
                    of_rate.push(self.run(&run, i, level, &own));
                } else {
                    let reason = "diverged at step 1: loss is not finite";
                    self.over.extend([started(&run), EventKind::failed(run.clone(), reason)]);
                }
                self.runs.push(run);
            }
            if place < rates[i % 2] && best.as_ref().is_none_or(|best| mean(&of_rate) > mean(best)) {
                best = Some(of_rate);
            }
        }
        best.unwrap()
    }

    /// Writes what a run leaves; its score at the best epoch.
    fn run(&mut self, run: &RunId, i: usize, level: f64, own: &[f64]) -> f64 {
        let Simulation { examples, deviation, epochs, .. } = self.simulation;
        let (task, stream) = (&self.task, &mut self.stream);
        let skill = (level + deviation * stream.normal()).clamp(0.05, 0.97);
        let ease: Vec<f64> = (0..examples)
            .map(|e| 0.5f64.sqrt() * self.shared[e] + 0.5 * own[e] + 0.5 * stream.normal())
            .collect();
        let every: Vec<u32> = (0..examples as u32).collect();
        let mut products: Vec<(f64, Product)> = Vec::new();
        let mut answers = Vec::new();
        for epoch in 1..=epochs[i % 2] as u32 {
            let mut now = ease.clone();
            if epochs != [1, 1] {
                now.iter_mut().for_each(|e| *e = 0.9f64.sqrt() * *e + 0.1f64.sqrt() * stream.normal());
            }
            let logits = self.truth.logits(skill, &now, stream);
            answers.push(answered(task, &logits));
            let predictions =
                Predictions::of(task, Clipping::Off, &logits, &self.truth.targets, &self.truth.reads)
                    .unwrap();
            let value = predictions.score(task.primary_metric(), &every);
            products.push((value, Product { epoch, trained: vec![0.0], predictions: vec![logits] }));
        }
        let last = products[products.len() - 1].1.clone();
        let (value, best) = products.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a }).unwrap();
        let truth = Truth { targets: self.truth.targets.clone(), reads: self.truth.reads.clone() };
        let norms = vec![Vec::new(); answers.len()];
        let trained = Trained { best, last, truth: vec![truth], norms, answers };
        Artifacts::new(self.home).finish(&run.0, &trained, Keep::Both).unwrap();
        self.over.extend(finished(run, task.primary_metric(), value));
        value
    }

    fn write_log(self) {
        let experiment = Experiment {
            name: "simulated".into(),
            data: Some("glue".into()),
            tasks: vec![self.task.to_string()],
            masks: masks(self.simulation),
            learning_rates: learning_rates(self.simulation),
            seeds: (1..=self.simulation.seeds as u64).collect(),
            ..Experiment::default()
        };
        let created =
            EventKind::Created { experiment_id: ExperimentId(1), experiment, runs: self.runs, plan: None };
        let lines = std::iter::once(created).chain(self.queued).chain(self.over).collect();
        Store::open(self.home).unwrap().append(lines).unwrap();
    }
}

fn learning_rates(simulation: Simulation) -> Vec<f64> {
    let [one, other] = simulation.rates;
    (1..=one.max(other)).map(|place| 1e-4 * place as f64).collect()
}

/// What logits say, a read each.
fn answered(task: &Task, logits: &[f32]) -> Vec<f32> {
    let outputs = task.kind().outputs();
    let largest = |row: &[f32]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap() as f32;
    logits.chunks_exact(outputs).map(|row| if outputs == 1 { row[0] } else { largest(row) }).collect()
}

fn started(run: &RunId) -> EventKind {
    EventKind::Started {
        run: run.clone(),
        device: "cpu".into(),
        steps: 1,
        train_examples: 1,
        eval_examples: vec![1],
        notes: Vec::new(),
        together: None,
        node: None,
    }
}

fn finished(run: &RunId, metric: Metric, value: f64) -> [EventKind; 3] {
    let scores = vec![Score { metric, set: 0, value }];
    let evaluation = Evaluation { epoch: 1, step: 1, scores: scores.clone(), elapsed_secs: 1.0 };
    let outcome = Outcome {
        best_epoch: 1,
        metrics: scores,
        stopped_after: None,
        frozen_unchanged: true,
        elapsed_secs: 1.0,
        trained_sha256: String::new(),
    };
    [
        started(run),
        EventKind::Evaluated { run: run.clone(), evaluation },
        EventKind::Finished { run: run.clone(), outcome },
    ]
}

/// What is right on a development set.
struct Answers {
    task: Source,
    targets: Vec<f32>,
    reads: Vec<u32>,
}

/// Labels of NER that are used: none, and the first words of a person and of a place.
const TAGS: [usize; 3] = [0, 1, 5];

impl Answers {
    fn draw(task: Source, examples: usize, stream: &mut Stream) -> Self {
        let mut targets = Vec::new();
        let mut reads = vec![1; examples];
        for reads in &mut reads {
            match task {
                Source::Glue(GlueTask::Stsb) => targets.push(5.0 * stream.unit() as f32),
                // Words of a sentence, of which one in three is a name.
                Source::Columns(ColumnTask::Ner) => {
                    *reads = 3 + stream.below(6) as u32;
                    let tag = |x: f64| if x < 1.0 / 3.0 { TAGS[1] } else { TAGS[0] };
                    targets.extend((0..*reads).map(|_| tag(stream.unit()) as f32));
                }
                _ => targets.push(if stream.unit() < 0.4 { 1.0 } else { 0.0 }),
            }
        }
        Self { task, targets, reads }
    }

    /// Logits of a model of this skill; an example is easier the smaller its `ease` is (standard normal).
    fn logits(&self, skill: f64, ease: &[f64], stream: &mut Stream) -> Vec<f32> {
        let quantile = |share: f64| statrs::distribution::ContinuousCDF::inverse_cdf(&normal(), share);
        let mut out = Vec::new();
        let mut at = 0;
        for (&reads, &ease) in self.reads.iter().zip(ease) {
            for _ in 0..reads {
                let target = self.targets[at];
                at += 1;
                match self.task {
                    // r = skill: noise of σ √(1/r² − 1), where σ² = 25/12 of the uniform targets.
                    Source::Glue(GlueTask::Stsb) => {
                        let noise = (25.0f64 / 12.0 * (1.0 / (skill * skill) - 1.0)).sqrt();
                        out.push((f64::from(target) + noise * ease) as f32);
                    }
                    Source::Columns(ColumnTask::Ner) => {
                        let word = 0.7f64.sqrt() * ease + 0.3f64.sqrt() * stream.normal();
                        let right = word < quantile(skill);
                        let hit = match (target as usize, right) {
                            (tag, true) => tag,
                            (0, false) => TAGS[if stream.unit() < 0.5 { 1 } else { 2 }],
                            (_, false) => TAGS[if stream.unit() < 0.5 { 0 } else { 2 }],
                        };
                        out.extend((0..9).map(|tag| f32::from(u8::from(tag == hit))));
                    }
                    _ => {
                        let right = ease < quantile(skill);
                        let predicted = if right { target } else { 1.0 - target };
                        out.extend([1.0 - predicted, predicted]);
                    }
                }
            }
        }
        out
    }
}

fn normal() -> statrs::distribution::Normal {
    statrs::distribution::Normal::standard()
}

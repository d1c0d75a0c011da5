//! Sentences of one's own through the runs of an experiment: what they say is what the runs' own evaluation gave.

use crate::support::{Listener, open, small};
use std::fs;
use std::path::Path;
use tunemask::artifacts::Artifacts;
use tunemask::data::{Input, first_development_records};
use tunemask::prediction::{ExperimentRef, PredictionError, Predictor, Text};
use tunemask_engine::Device;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::mask::Mask;
use tunemask_shared::prediction::{Answer, PredictionQuestion, RateChoice};
use tunemask_shared::state::LabState;
use tunemask_shared::task::{Task, TaskKind};

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|&word| word.to_owned()).collect()
}

fn trained(home: &Path, experiment: &Experiment) -> (LabState, ExperimentId) {
    let lab = open(home);
    let mut listener = Listener::new(&lab);
    let id = lab.submit(experiment).unwrap();
    listener.until_over(id);
    lab.shut_down();
    (listener.state, id)
}

fn as_text(input: &Input) -> Text {
    match input {
        Input::Text(text) => Text { text: text.clone(), pair: None },
        Input::Pair(text, pair) => Text { text: text.clone(), pair: Some(pair.clone()) },
        Input::Words(words) => Text { text: words.join(" "), pair: None },
    }
}

/// What logits of one text say, reckoned anew.
fn said(kind: &TaskKind, logits: &[f32]) -> Answer {
    let softmax = |row: &[f32]| -> Vec<f64> {
        let most = row.iter().fold(f64::NEG_INFINITY, |most, &z| most.max(f64::from(z)));
        let powers: Vec<f64> = row.iter().map(|&z| (f64::from(z) - most).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.iter().map(|power| power / sum).collect()
    };
    match kind {
        TaskKind::Classification(_) => Answer::Classes(softmax(logits)),
        TaskKind::Regression(_) => Answer::Number(f64::from(logits[0])),
        TaskKind::MultiLabel(_) => {
            Answer::Labels(logits.iter().map(|&z| 1.0 / (1.0 + (-f64::from(z)).exp())).collect())
        }
        TaskKind::Tagging(labels) => Answer::Tags(
            logits
                .chunks(labels.len())
                .map(|row| {
                    let all = softmax(row);
                    let label = (0..all.len()).rev().max_by(|&a, &b| all[a].total_cmp(&all[b])).unwrap();
                    tunemask_shared::prediction::TaggedAs { label: label as u32, probability: all[label] }
                })
                .collect(),
        ),
    }
}

/// Holds what the runs of a task say of its development examples to what they predicted in training.
fn holds(home: &Path, (state, id): (&LabState, ExperimentId), task: &Task, runs: usize) {
    let experiment = &state.experiments[&id].experiment;
    let data = experiment.data.as_deref().map(Path::new);
    let first = first_development_records(task, data, experiment.eval_limit, usize::MAX).unwrap();
    let texts: Vec<Text> = first.records.iter().map(|record| as_text(&record.input)).collect();
    let question = PredictionQuestion { task: Some(task.name().clone()), ..PredictionQuestion::default() };
    let predictor = Predictor::new(Device::cpu());
    let of = ExperimentRef { state, home, id };
    let all = predictor.predict_all(of, &question, &texts, &|| true).unwrap();
    let files = Artifacts::new(home);
    let mut compared = 0;
    for row in 0..all[0].rows.len() {
        for seed in 0..all[0].rows[row].seeds.len() {
            let run = &all[0].rows[row].seeds[seed].run;
            let stored = files.finished(&run.0).unwrap().unwrap().best;
            let mut rest = stored.predictions[0].as_slice();
            for prediction in &all {
                let own = &prediction.rows[row].seeds[seed];
                assert_eq!((&own.run, own.epoch), (run, stored.epoch));
                let reads = prediction.read.words.iter().filter(|word| word.read).count().max(1);
                let (logits, behind) = rest.split_at(reads * task.kind().outputs());
                rest = behind;
                assert_eq!(own.answer, said(task.kind(), logits), "{task}, {run}");
            }
            assert!(rest.is_empty());
            compared += 1;
        }
    }
    assert_eq!(compared, runs, "{task}");
    assert!(all.iter().all(|prediction| prediction.left_out.is_empty() && prediction.notes.is_empty()));
    // Two seeds of `frozen` alone share all but their heads.
    assert!(all[0].shared > 0.1, "{}", all[0].shared);
    // One text alone has the same bits as among others.
    let alone = predictor.predict_all(of, &question, &texts[3..4], &|| true).unwrap();
    assert_eq!(alone[0].rows, all[3].rows);
}

#[test]
fn what_runs_say_has_the_bits_of_their_own_evaluation() {
    let home = tempfile::tempdir().unwrap();
    let tasks = ["sentiment", "similarity", "inference", "tags"];
    let experiment = Experiment {
        tasks: words(&tasks),
        masks: words(&["full", "layernorms", "random:40", "outliers:4", "frozen"]),
        seeds: vec![1, 2],
        ..small()
    };
    let (state, id) = trained(home.path(), &experiment);
    for name in tasks {
        let task = Task::known(&name.parse().unwrap()).unwrap();
        holds(home.path(), (&state, id), &task, 10);
    }
}

#[test]
fn several_labels_of_a_text_are_said_each_for_itself() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("topics");
    fs::create_dir(&data).unwrap();
    let topics = |n: usize| [["a", "a|b", "", "c"][n % 4], "b"][usize::from(n.is_multiple_of(7))];
    let rows: String = (0..60).map(|n| format!("the food of table {n},{}\n", topics(n))).collect();
    fs::write(data.join("train.csv"), format!("text,topics\n{rows}")).unwrap();
    fs::write(data.join("dataset.toml"), "label = \"topics\"\nseparator = \"|\"\n").unwrap();
    let experiment = Experiment {
        data: Some(data.to_str().unwrap().into()),
        tasks: words(&["own:topics"]),
        masks: words(&["layernorms", "frozen"]),
        seeds: vec![1, 2],
        ..small()
    };
    let (state, id) = trained(home.path(), &experiment);
    let task = state.experiments[&id].tasks(&state.runs).remove(0);
    assert!(matches!(task.kind(), TaskKind::MultiLabel(_)));
    holds(home.path(), (&state, id), &task, 4);

    // Examples are read once: they are there although the data are gone, for a program that has shown them before.
    let of = ExperimentRef { state: &state, home: home.path(), id };
    let predictor = Predictor::new(Device::cpu());
    let examples = predictor.examples(of, None).unwrap();
    assert!(examples.len() == 6 && examples[0].gold == ["a", "b"], "{examples:?}");
    fs::remove_dir_all(&data).unwrap();
    assert_eq!(predictor.examples(of, None).unwrap(), examples);
    assert!(matches!(Predictor::new(Device::cpu()).examples(of, None), Err(PredictionError::Data(_))));
}

#[test]
fn which_runs_are_asked_is_the_questions_to_say() {
    let home = tempfile::tempdir().unwrap();
    let experiment = Experiment {
        masks: words(&["full", "layernorms", "frozen"]),
        learning_rates: vec![1e-4, 1e-3],
        seeds: vec![1, 2],
        ..small()
    };
    let (state, id) = trained(home.path(), &experiment);
    let of = ExperimentRef { state: &state, home: home.path(), id };
    let predictor = Predictor::new(Device::cpu());
    let plain = PredictionQuestion { text: "the food was good".into(), ..PredictionQuestion::default() };
    let ask = |question: &PredictionQuestion| predictor.predict(of, question, &|| true);

    let picked = ask(&plain).unwrap();
    let rows: Vec<&Mask> = picked.rows.iter().map(|row| &row.mask).collect();
    assert_eq!(rows, [&Mask::Full, &Mask::LayerNorms, &Mask::Frozen]);
    assert!(picked.rows.iter().all(|row| row.seeds.len() == 2 && row.learning_rate.is_some()));
    for row in &picked.rows {
        let class = |answer: &Answer| match answer {
            Answer::Classes(all) => all[0],
            other => panic!("{other:?}"),
        };
        let mean = (class(&row.seeds[0].answer) + class(&row.seeds[1].answer)) / 2.0;
        assert!((class(&row.mean) - mean).abs() < 1e-15);
    }
    let all = ask(&PredictionQuestion { rates: RateChoice::All, ..plain.clone() }).unwrap();
    assert_eq!(all.rows.len(), 6);
    let one = PredictionQuestion { masks: vec![Mask::Frozen], seeds: vec![2], ..plain.clone() };
    let one = ask(&one).unwrap();
    assert_eq!((one.rows.len(), one.rows[0].seeds.len(), one.rows[0].seeds[0].seed), (1, 1, 2));

    // A text that is too long is cut as in training, and it is said.
    let long = ask(&PredictionQuestion { text: "the food was good ".repeat(200), ..plain.clone() }).unwrap();
    assert!(long.read.truncated && long.notes[0].contains("longer than 128 tokens"), "{:?}", long.notes);
    // Nobody waits: no run is asked.
    let stopped = predictor.predict(of, &plain, &|| false);
    assert!(matches!(stopped, Err(PredictionError::Stopped)));
    let wrong = |question: PredictionQuestion| ask(&question).unwrap_err();
    assert_eq!(wrong(PredictionQuestion::default()).field(), "text");
    let pair = PredictionQuestion { pair: Some("b".into()), ..plain.clone() };
    assert_eq!(wrong(pair).field(), "pair");
    let seed = PredictionQuestion { seeds: vec![9], ..plain.clone() };
    assert!(wrong(seed).to_string().contains("no seed 9; it has 1, 2"));

    // Of a run whose file is gone it is said why it is left out; with all of them nothing can be.
    let gone = &picked.rows[1].seeds[0].run;
    let file = |run: &tunemask_shared::run::RunId| home.path().join(format!("runs/{run}.safetensors"));
    fs::remove_file(file(gone)).unwrap();
    let predictor = Predictor::new(Device::cpu());
    let rest = predictor.predict(of, &plain, &|| true).unwrap();
    assert_eq!((&rest.left_out[0].run, &rest.left_out[0].mask), (gone, &Mask::LayerNorms));
    assert!(rest.left_out[0].reason.contains("Run its experiment again"), "{}", rest.left_out[0].reason);
    assert_eq!((rest.rows[1].seeds.len(), &rest.rows[0]), (1, &picked.rows[0]));
    // So it is of one whose weights a rule dropped while it was loaded.
    let mut dropped = state.clone();
    let bare = &picked.rows[2].seeds[0].run;
    dropped.runs.get_mut(bare).unwrap().weights_dropped = Some(KeepWeights::None);
    let rest = predictor.predict(ExperimentRef { state: &dropped, ..of }, &plain, &|| true).unwrap();
    let left = rest.left_out.iter().find(|left| left.run == *bare).unwrap();
    assert!(left.reason.contains("did not keep its weights, by keep_weights = \"none\""), "{}", left.reason);
    for run in state.runs.keys() {
        _ = fs::remove_file(file(run));
    }
    predictor.rest(std::time::Duration::ZERO);
    let none = predictor.predict(of, &plain, &|| true).unwrap_err();
    assert!(none.to_string().starts_with("none of 6 finished runs can be asked: "), "{none}");

    let examples = predictor.examples(of, None).unwrap();
    assert_eq!(examples.len(), 8);
    assert!(examples.iter().all(|example| example.gold.len() == 1 && example.pair.is_none()));
}

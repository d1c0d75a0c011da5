//! Which fields are wrong, and how that is put.

use super::*;
use crate::class_weights::ClassWeights;
use crate::experiment::{FieldError, FurtherRates, RatePick};
use crate::facts::{DataFacts, ModelFacts};
use crate::halving::Halving;
use crate::mask::Mask;
use crate::shape::ModelShape;
use crate::task::Task;

fn fields(e: &Experiment, facts: &Facts) -> Vec<String> {
    validate(e, facts).err().unwrap_or_default().into_iter().map(|e| e.field).collect()
}

#[test]
fn the_defaults_are_valid_and_make_their_grid() {
    let valid = validate(&Experiment::default(), &Facts::default()).unwrap();
    let cells = valid.cells();
    assert_eq!(cells.len(), 2 * 4 * 2 * 2);
    assert_eq!((cells[0].seed, cells[1].seed, cells[1].learning_rate), (1, 2, 5e-4));
    assert_eq!((cells[0].epochs, cells[4].epochs), (5, 10));
}

#[test]
fn every_error_comes_at_once() {
    let e = Experiment {
        name: "  ".into(),
        tasks: vec!["rte".into(), "wnli".into(), "RTE".into()],
        masks: vec![],
        learning_rates: vec![1e-3, f64::NAN, 1e-3, -1.0],
        seeds: vec![1, 1],
        epochs: Some(0),
        batch_size: 0,
        max_length: 1024,
        warmup_fraction: 1.5,
        dropout: Some(1.0),
        adam_epsilon: 0.0,
        adam_beta1: 1.0,
        adam_beta2: -0.1,
        gradient_accumulation: 0,
        early_stopping: Some(0),
        class_weights: Some(ClassWeights::Each(vec![1.0, -1.0])),
        train_limit: Some(0),
        eval_limit: Some(0),
        ..Experiment::default()
    };
    let got = fields(&e, &Facts::default());
    let want = [
        "name",
        "data",
        "tasks[1]",
        "tasks[2]",
        "masks",
        "learning_rates[1]",
        "learning_rates[2]",
        "learning_rates[3]",
        "seeds[1]",
        "epochs",
        "batch_size",
        "gradient_accumulation",
        "early_stopping",
        "max_length",
        "warmup_fraction",
        "dropout",
        "adam_epsilon",
        "adam_beta1",
        "adam_beta2",
        "class_weights",
        "train_limit",
        "eval_limit",
    ];
    assert_eq!(got, want);
}

#[test]
fn single_cells_may_have_more_learning_rates() {
    let further = |task: &str, mask: &str, rates: &[f64]| FurtherRates {
        task: task.into(),
        mask: mask.into(),
        learning_rates: rates.into(),
    };
    let with = |further_rates| Experiment { further_rates, ..Experiment::default() };
    let good =
        with(vec![further("questions", "frozen", &[1e-1, 5e-2]), further("Questions", "frozen", &[1e-5])]);
    let cells = validate(&good, &Facts::default()).unwrap().cells();
    assert_eq!((cells.len(), good.runs()), (2 * 4 * 2 * 2 + 3 * 2, cells.len()));
    let own =
        |cell: &&GridCell| cell.task == Task::questions() && cell.mask == Mask::Frozen && cell.seed == 1;
    let rates: Vec<f64> = cells.iter().filter(own).map(|cell| cell.learning_rate).collect();
    assert_eq!(rates, [5e-4, 1e-2, 1e-1, 5e-2, 1e-5]);
    let wrong = with(vec![
        further("rte", "frozen", &[1e-1]),
        further("questions", "mha", &[1e-1]),
        further("questions", "frozen", &[1e-2, 2.0, 1e-1, 1e-1]),
    ]);
    let [task, mask, grid, high, twice] = &validate(&wrong, &Facts::default()).unwrap_err()[..] else {
        panic!("{:?}", validate(&wrong, &Facts::default()));
    };
    assert_eq!(task.to_string(), "further_rates[0]: `rte` is not one of `tasks`");
    assert_eq!(mask.to_string(), "further_rates[1]: `mha` is not one of `masks`");
    assert!(
        grid.message.contains("has the learning rate 0.01 already") && twice.message.contains("0.1 already")
    );
    assert!(high.field == "further_rates[2]" && high.message.contains("at most 1"), "{high}");
}

#[test]
fn facts_are_held_against_masks_and_tasks() {
    let shape = ModelShape { layers: 2, positions: 64, ..ModelShape::BERT_BASE_UNCASED };
    let facts = Facts {
        model: Some(Ok(ModelFacts { title: "m".into(), shape, cased: false, dropout: 0.1 })),
        data: Some(Ok(DataFacts { tasks: vec![Task::rte()] })),
        ..Facts::default()
    };
    let e = Experiment {
        data: Some("glue".into()),
        tasks: vec!["rte".into(), "cola".into(), "ner".into(), "tags".into()],
        masks: vec!["single_norm:2".into(), "single_norm:3".into()],
        ..Experiment::default()
    };
    assert_eq!(fields(&e, &facts), ["tasks[1]", "tasks[2]", "masks[1]", "max_length"]);
    let one = ModelShape { segments: 1, ..ModelShape::BERT_BASE_UNCASED };
    let model = Some(Ok(ModelFacts { title: "m".into(), shape: one, cased: false, dropout: 0.1 }));
    let tasks = ["sentiment", "paraphrase", "tags", "entailment"].map(String::from).to_vec();
    let e = Experiment { tasks, ..Experiment::default() };
    let one_segment = Facts { model, ..Facts::default() };
    assert_eq!(fields(&e, &one_segment), ["tasks[1]", "tasks[3]"]);
    let why = validate(&e, &one_segment).unwrap_err().remove(0).message;
    assert!(why.starts_with("Paraphrase has pairs of texts, and the model has one segment"), "{why}");
    let ner = Experiment { tasks: vec!["ner".into()], ..Experiment::default() };
    assert_eq!(fields(&ner, &Facts::default()), ["data"]);
    let broken = Facts { model: Some(Err("no such folder".into())), ..Facts::default() };
    assert_eq!(fields(&Experiment::default(), &broken), ["model"]);
}

#[test]
fn classes_are_weighed_where_there_are_classes_and_each_has_a_weight() {
    let said = |tasks: &[&str], weights: ClassWeights| {
        let tasks = tasks.iter().map(|&task| task.into()).collect();
        let e = Experiment { tasks, class_weights: Some(weights), ..Experiment::default() };
        let found = validate(&e, &Facts::default()).err().unwrap_or_default();
        assert!(found.iter().all(|error| error.field == "class_weights"), "{found:?}");
        found.into_iter().map(|error| error.message).collect::<Vec<_>>()
    };
    let each = |weights: &[f64]| ClassWeights::Each(weights.into());
    assert_eq!(said(&["sentiment", "tags"], ClassWeights::Balanced), [""; 0]);
    assert_eq!(said(&["sentiment", "acceptability"], each(&[1.0, 2.5])), [""; 0]);
    let regression = said(&["sentiment", "similarity"], ClassWeights::Balanced);
    assert!(regression[0].starts_with("Similarity predicts a score and has no classes"), "{regression:?}");
    let short = said(&["sentiment"], each(&[1.0]));
    assert!(short[0].starts_with("Sentiment has 2 classes: give 2 numbers, in this order: "), "{short:?}");
    assert_eq!(said(&["sentiment"], each(&[1.0, 1e-60])), ["numbers above 0"]);
}

#[test]
fn halving_needs_rates_epochs_and_a_pick_for_each_seed() {
    let said = |keep, after: &[u32], rate_pick| {
        let halving = Some(Halving { keep, after: after.into() });
        let e = Experiment { halving, rate_pick, ..Experiment::default() };
        let found = validate(&e, &Facts::default()).err().unwrap_or_default();
        found.into_iter().map(|error| error.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(said(0.5, &[1, 3], RatePick::PerSeed), [""; 0]);
    let mean = said(0.5, &[1, 3], RatePick::BestMean);
    assert!(
        mean.len() == 1 && mean[0].starts_with("halving: it picks learning rates seed by seed"),
        "{mean:?}"
    );
    for (keep, after) in
        [(1.0, &[1][..]), (0.0, &[1]), (f64::NAN, &[1]), (0.5, &[]), (0.5, &[0]), (0.5, &[3, 1])]
    {
        assert_eq!(said(keep, after, RatePick::PerSeed).len(), 1, "{keep} {after:?}");
    }
}

#[test]
fn a_data_folder_that_is_not_there_is_told_whatever_is_ticked() {
    let missing = Facts { data: Some(Err("/no: no such folder".into())), ..Facts::default() };
    let built_in = Experiment { data: Some("/no".into()), ..Experiment::default() };
    assert_eq!(fields(&built_in, &missing), ["data"]);
    assert_eq!(fields(&Experiment { data: Some(" ".into()), ..built_in }, &missing), [""; 0]);
}

#[test]
fn many_errors_are_counted_and_long_masks_are_not_read() {
    let errors = |masks: Vec<String>| {
        let e = Experiment { masks, ..Experiment::default() };
        validate(&e, &Facts::default()).unwrap_err()
    };
    let many = errors((0..5_000).map(|i| format!("no mask {i}")).collect());
    assert_eq!(many.len(), MAX_ERRORS);
    let last = &many[MAX_ERRORS - 1];
    assert!(
        last.field == "masks[99]" && last.message.ends_with("; and 4,901 more errors after it"),
        "{last}"
    );
    let rule = "largest:4 in mha + ";
    let long = errors(vec![rule.repeat(35_000) + "ffn"]);
    assert_eq!(
        long,
        [FieldError {
            field: "masks[0]".into(),
            message: "a mask of 665003 characters is too long; at most 8192 are read".into(),
        }]
    );
}

#[test]
fn what_a_data_folder_holds_comes_before_what_is_known() {
    let labels = ["O", "B-DRUG", "I-DRUG"].map(String::from).to_vec();
    let drugs = Task::ner().with_labels(labels).unwrap();
    let own: Task = serde_json::from_str(
        r#"{"source":"own","name":"own:reviews","kind":{"classification":["a","b"]},"pairs":true,
            "metrics":["f1"],"development_sets":["dev"],"size":"small"}"#,
    )
    .unwrap();
    let e = Experiment {
        data: Some("mine".into()),
        tasks: vec!["ner".into(), "own:reviews".into(), "tags".into()],
        ..Experiment::default()
    };
    let tasks = |facts: &Facts| validate(&e, facts).unwrap().tasks;
    let held = |tasks: &[Task]| {
        let data = Some(Ok(DataFacts { tasks: tasks.to_vec() }));
        Facts { data, ..Facts::default() }
    };
    assert_eq!(tasks(&held(&[drugs.clone(), own.clone()])), [drugs, own.clone(), Task::tags()]);
    // Nothing is known of the folder yet.
    assert_eq!(tasks(&Facts::default()), [Task::ner(), Task::tags()]);
    let missing = validate(&e, &held(&[Task::ner()])).unwrap_err();
    assert_eq!(missing.len(), 1);
    assert!(missing[0].to_string().starts_with("tasks[1]: the data folder has no reviews"), "{}", missing[0]);
    let one = ModelShape { segments: 1, ..ModelShape::BERT_BASE_UNCASED };
    let model = Some(Ok(ModelFacts { title: "m".into(), shape: one, cased: false, dropout: 0.1 }));
    assert_eq!(fields(&e, &Facts { model, ..held(&[Task::ner(), own]) }), ["tasks[1]"]);
    let nowhere = Experiment { data: None, tasks: vec!["own:reviews".into()], ..Experiment::default() };
    assert_eq!(fields(&nowhere, &Facts::default()), ["data"]);
}

/// As much as a message may hold: what is compared with all before it would take minutes.
#[test]
fn lists_as_long_as_a_message_are_read_at_once() {
    let begin = std::time::Instant::now();
    let many: Vec<String> = (0..70_000).map(|seed| format!("random:1:{seed}")).collect();
    let rates: Vec<f64> = (1..130_000).map(|n| f64::from(n) * 1e-6).collect();
    let further = |mask: &str, rates: &[f64]| FurtherRates {
        task: "sentiment".into(),
        mask: mask.into(),
        learning_rates: rates.to_vec(),
    };
    let whole = Experiment {
        tasks: vec!["sentiment".into()],
        masks: many.clone(),
        learning_rates: rates.clone(),
        further_rates: vec![further("random:1:7", &rates[..50_000]), further("random:1:8", &rates[50_000..])],
        seeds: (0..100_000).collect(),
        ..Experiment::default()
    };
    let errors = validate(&whole, &Facts::default()).unwrap_err();
    assert!(errors[0].message.contains("the cell has the learning rate"), "{errors:?}");
    let grid = Experiment { further_rates: Vec::new(), ..whole };
    let errors = validate(&grid, &Facts::default()).unwrap_err();
    assert!(errors[0].message.contains("runs are more than the 20000"), "{errors:?}");
    assert!(begin.elapsed().as_secs() < 30, "{:?}", begin.elapsed());
    // More runs than there are numbers.
    let tasks = vec!["x".to_owned(); 1 << 20];
    let seeds = vec![1; 1 << 10];
    let endless = Experiment { tasks: tasks.clone(), masks: tasks, seeds, ..grid };
    assert_eq!(endless.runs(), usize::MAX);
}

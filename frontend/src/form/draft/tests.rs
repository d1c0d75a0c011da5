//! An experiment and the draft that it fills in, to and fro.

use super::*;

#[test]
fn an_experiment_survives_the_form() {
    let e = Experiment {
        delta: Some("rte.delta.safetensors".into()),
        data: Some("glue".into()),
        tasks: vec!["rte".into(), "sentiment".into()],
        masks: [
            "full",
            "single_norm:3",
            "random",
            "random:100:7",
            "outliers:16",
            "outliers_random:4:2",
            "random_blocks",
            "layers(1-2).mha.weight",
        ]
        .map(Into::into)
        .into(),
        learning_rates: vec![1e-5, 0.015],
        further_rates: vec![FurtherRates {
            task: "rte".into(),
            mask: "random".into(),
            learning_rates: vec![0.1],
        }],
        seeds: vec![1, 2, 9],
        epochs: Some(3),
        dropout: Some(0.2),
        train_limit: Some(512),
        clip_predictions: true,
        engine: EngineKind::Candle,
        keep_weights: Some(KeepWeights::Last(4)),
        places: vec!["desk".into()],
        epsilon_place: EpsilonPlace::Keras,
        weight_decay: 0.01,
        weight_decay_on: DecayOn::All,
        max_gradient_norm: Some(1.0),
        schedule: Decay::Cosine,
        gradient_accumulation: 4,
        early_stopping: Some(2),
        class_weights: Some(ClassWeights::Each(vec![0.5, 2.0])),
        halving: Some(Halving { keep: 0.5, after: vec![1, 3] }),
        pooler_trains: true,
        outlier_pool: OutlierPool::Each,
        outlier_statistic: OutlierStatistic::Magnitude,
        ..Experiment::default()
    };
    for e in [e, Experiment::default()] {
        let parsed = Draft::new(&e).parse();
        assert_eq!((parsed.experiment, parsed.unread), (e, vec![]));
    }
}

/// A plain mask without a box would be lost from an experiment that fills the form in.
#[test]
fn every_plain_mask_has_a_box() {
    let names = |masks: &[Mask]| masks.iter().map(Mask::to_string).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(names(&PLAIN_MASKS), names(&Mask::plain()));
}

#[test]
fn what_cannot_be_read_is_told_at_its_field_only() {
    let mut draft = Draft::default();
    draft.set(Field::LearningRates, "1e-3 fast".into());
    draft.set(Field::BatchSize, " ".into());
    draft.set(Field::SingleNorm, "one".into());
    draft.set(Field::Outliers, "x".into());
    draft.set(Field::ClassWeights, "heavy".into());
    let parsed = draft.parse();
    let found = vec![
        FieldError { field: "learning_rates[0]".into(), message: "of the default".into() },
        FieldError { field: "masks[4]".into(), message: "no form".into() },
        FieldError { field: "masks[0]".into(), message: "twice".into() },
        FieldError { field: "tasks[0]".into(), message: "no folder".into() },
    ];
    let controls: Vec<String> = parsed.errors(found).into_iter().map(|(c, _)| c).collect();
    let want = ["single_norm", "learning_rates", "batch_size", "class_weights", "outliers", "masks", "tasks"];
    assert_eq!(controls, want);
}

#[test]
fn masks_are_added_once_and_taken_away_wherever_they_are_written() {
    let mask = |text: &str| text.parse::<Mask>().unwrap();
    let mut draft = Draft::default();
    draft.masks.clear();
    draft.set(Field::SingleNorm, "1-3".into());
    draft.set(Field::Expressions, "layernorms - layernorm_a; ; layers(2).mha".into());
    draft.set(Field::Outliers, "4 x".into());
    for text in ["single_norm:2", "layernorm_f", "random", "layers(1,2).ffn", "bitfit", "outliers:4"] {
        draft.add_mask(&mask(text));
        draft.add_mask(&mask(text));
    }
    let masks = draft.parse().experiment.masks;
    let expected = [
        "bitfit",
        "single_norm:1",
        "single_norm:2",
        "single_norm:3",
        "random",
        "outliers:4",
        "outliers:x",
        "layernorms - layernorm_a",
        "layers(2).mha",
        "layers(1-2).ffn",
    ];
    assert_eq!(masks, expected);
    for text in ["single_norm:2", "layernorm_f", "random", "bitfit", "outliers:4", "layers(1-2).ffn"] {
        draft.remove_mask(&mask(text));
    }
    let masks = draft.parse().experiment.masks;
    assert_eq!(masks, ["single_norm:1", "single_norm:3", "outliers:x", "layers(2).mha"]);
}

#[test]
fn ticked_boxes_keep_their_order() {
    let mut draft = Draft::default();
    draft.toggle_mask(&Mask::Mha);
    draft.toggle_mask(&Mask::Full);
    assert_eq!(draft.masks, [Mask::Mha, Mask::LayerNorms, Mask::BitFit, Mask::Frozen]);
    let name = |text: &str| text.parse::<TaskName>().unwrap();
    draft.toggle_task(&name("own:reviews"));
    draft.toggle_task(&name("rte"));
    let ticked = ["rte", "acceptability", "questions", "own:reviews"].map(name);
    assert_eq!(draft.tasks, ticked);
}

//! What is written is read back, and what is wrong is told with its line and field.

use super::*;
use crate::class_weights::ClassWeights;
use crate::experiment::{
    DecayOn, EngineKind, EpsilonPlace, Experiment, FurtherRates, RatePick, ReportedEpoch,
};
use crate::facts::Facts;
use crate::halving::Halving;
use crate::keep_weights::KeepWeights;
use crate::mask::{OutlierPool, OutlierStatistic};
use crate::philox::{Purpose, Stream};
use crate::schedule::Decay;
use crate::study::{Size, Study};
use crate::validation::validate;

fn reads_back(experiment: &Experiment) {
    let text = write(experiment);
    let read = ExperimentFile::read(&text).unwrap_or_else(|e| panic!("{e}:\n{text}"));
    assert_eq!(&read.experiment, experiment, "{text}");
    // Nothing but the experiment decides how it is written.
    assert_eq!(write(&read.experiment), text);
}

#[test]
fn the_grid_is_written_and_what_differs_from_the_defaults() {
    let text = "name = \"Modules of a tiny BERT\"\nmodel = \"builtin:tiny\"\n\
                tasks = [\"acceptability\", \"questions\"]\nmasks = [\"full\", \"layernorms\", \"bitfit\", \"frozen\"]\n\
                learning_rates = [5e-4, 1e-2]\nseeds = [1, 2]\n";
    assert_eq!(write(&Experiment::default()), text);
    let changed = Experiment {
        data: Some("glue".into()),
        warmup_fraction: 0.06,
        dropout: Some(0.0),
        adam_epsilon: 1e-8,
        adam_beta2: 0.98,
        epsilon_place: EpsilonPlace::Keras,
        weight_decay: 0.01,
        weight_decay_on: DecayOn::All,
        max_gradient_norm: Some(1.0),
        schedule: Decay::Cosine,
        gradient_accumulation: 4,
        early_stopping: Some(2),
        class_weights: Some(ClassWeights::Each(vec![0.5, 2.0])),
        pooler_trains: true,
        rate_pick: RatePick::PerSeed,
        halving: Some(Halving { keep: 0.5, after: vec![1, 3] }),
        ..Experiment::starter()
    };
    let own = "epochs = 3\nwarmup_fraction = 0.06\ndropout = 0.0\nadam_epsilon = 1e-8\nadam_beta2 = 0.98\n\
               epsilon_place = \"keras\"\nweight_decay = 0.01\nweight_decay_on = \"all\"\nmax_gradient_norm = 1.0\n\
               schedule = \"cosine\"\ngradient_accumulation = 4\nearly_stopping = 2\nclass_weights = [0.5, 2.0]\n\
               train_limit = 1000\npooler_trains = true\nrate_pick = \"per_seed\"\n\
               halving = { keep = 0.5, after = [1, 3] }\n";
    let text = text.replace("tasks =", "data = \"glue\"\ntasks =") + own;
    assert_eq!(write(&changed), text);
}

#[test]
fn every_study_reads_back() {
    for study in Study::ALL {
        for (size, blocks) in [(Size::Quick, 4), (Size::Full, 12), (Size::Full, 24)] {
            reads_back(&study.experiment(size, blocks));
        }
    }
}

#[test]
fn a_long_list_has_an_item_a_line() {
    let masks: Vec<String> = (1..=12).map(|block| format!("single_norm:{block}")).collect();
    let experiment = Experiment { masks, ..Experiment::default() };
    let text = write(&experiment);
    assert!(text.contains("\nmasks = [\n    \"single_norm:1\",\n"), "{text}");
    assert!(text.contains("    \"single_norm:12\",\n]\n"), "{text}");
    reads_back(&experiment);
}

/// Experiments of any kind, most of which validation would refuse.
#[test]
fn any_experiment_reads_back() {
    const TEXTS: [&str; 9] = [
        "",
        " ",
        "RTE, three masks",
        "say \"no\" to 'it'",
        "C:\\models\\bert",
        "two\nlines\r\n\tand a tab\n",
        "\u{1}\u{7f}\u{feff}",
        "γ − β 🙂",
        "a = 1 # [not]\n\"\"\" '''",
    ];
    const NUMBERS: [f64; 10] =
        [0.0, -0.0, 1.0, 0.1, 1e-3, 5e-324, 1.7976931348623157e308, -2.5, 0.30000000000000004, f64::INFINITY];
    for case in 0..500 {
        let mut stream = Stream::new(case, Purpose::Language, 0);
        let mut below = |n: usize| stream.below(n as u64) as usize;
        let mut text = || TEXTS[below(TEXTS.len())].to_owned();
        let (name, model, delta, data, task, mask) = (text(), text(), text(), text(), text(), text());
        let texts: Vec<String> = (0..6).map(|_| text()).collect();
        let mut number = || NUMBERS[below(NUMBERS.len())];
        let numbers: Vec<f64> = (0..8).map(|_| number()).collect();
        let mut is = || below(2) == 1;
        let further = FurtherRates { task, mask, learning_rates: numbers[..2].into() };
        let experiment = Experiment {
            name,
            model,
            delta: is().then_some(delta),
            data: is().then_some(data),
            tasks: texts[..3].into(),
            masks: texts[3..].into(),
            learning_rates: numbers[2..5].into(),
            further_rates: if is() { vec![further.clone(), further] } else { Vec::new() },
            seeds: vec![0, case, u64::MAX],
            epochs: is().then_some(u32::MAX),
            batch_size: if is() { 16 } else { 0 },
            max_length: if is() { 128 } else { 512 },
            warmup_fraction: numbers[5],
            dropout: is().then_some(numbers[6]),
            adam_epsilon: numbers[7],
            adam_beta1: if is() { 0.9 } else { numbers[6] },
            adam_beta2: if is() { 0.999 } else { numbers[5] },
            epsilon_place: if is() { EpsilonPlace::Keras } else { EpsilonPlace::Pytorch },
            weight_decay: if is() { numbers[4] } else { 0.0 },
            weight_decay_on: if is() { DecayOn::All } else { DecayOn::Matrices },
            max_gradient_norm: is().then_some(numbers[3]),
            schedule: if is() { Decay::Constant } else { Decay::Cosine },
            gradient_accumulation: if is() { 1 } else { u32::MAX },
            early_stopping: is().then_some(0),
            class_weights: is()
                .then(|| if is() { ClassWeights::Balanced } else { ClassWeights::Each(numbers[..3].into()) }),
            train_limit: is().then_some(1),
            eval_limit: is().then_some(0),
            pooler_trains: is(),
            embedding_norm_counts: is(),
            outlier_pool: if is() { OutlierPool::Gamma } else { OutlierPool::Each },
            outlier_statistic: if is() { OutlierStatistic::Magnitude } else { OutlierStatistic::default() },
            clip_predictions: is(),
            reported_epoch: if is() { ReportedEpoch::Last } else { ReportedEpoch::Best },
            rate_pick: if is() { RatePick::PerSeed } else { RatePick::BestMean },
            halving: is().then(|| Halving { keep: numbers[7], after: vec![1, u32::MAX] }),
            engine: if is() { EngineKind::Candle } else { EngineKind::Tunemask },
            keep_weights: is().then_some(if is() { KeepWeights::Last(3) } else { KeepWeights::All }),
            places: if is() { texts[..2].into() } else { Vec::new() },
        };
        reads_back(&experiment);
    }
}

#[test]
fn what_cannot_be_read_is_told_with_line_and_field() {
    let error = |text: &str| ExperimentFile::read(text).unwrap_err();
    let said = |text: &str| error(text).to_string();
    let unknown = error("name = \"x\"\nlearning_rate = [1e-3]\n");
    assert_eq!((unknown.line, unknown.field.as_deref()), (Some(2), Some("learning_rate")));
    assert!(unknown.message.contains("unknown field `learning_rate`, expected one of `name`"), "{unknown}");
    let typed = said("\nseeds = [\n  1,\n  \"two\",\n]\n");
    assert!(typed.starts_with("line 4: seeds[1]: invalid type: string \"two\""), "{typed}");
    let epochs = said("epochs = 1.5");
    assert!(epochs.starts_with("line 1: epochs: invalid type: floating point `1.5`"), "{epochs}");
    let twice = said("name = \"x\"\nmodel = \"y\"\nname = \"z\"\n");
    assert!(twice.starts_with("line 3: ") && twice.contains("duplicate"), "{twice}");
    let open = error("name = \"x\"\nmasks = [\"full\"\n\nseeds = [1]\n");
    assert_eq!(open.field, None);
    assert!(open.line.is_some_and(|line| line >= 2), "{open}");
    let rule = said("seeds = [1]\nkeep_weights = \"best\"");
    assert!(rule.starts_with("line 2: keep_weights: `best` does not say whose weights"), "{rule}");
    let weights = said("seeds = [1]\nclass_weights = \"rare\"");
    assert!(weights.starts_with("line 2: class_weights: `rare` does not say how much"), "{weights}");
    let weights = said("class_weights = [\n1,\n\"two\"]");
    assert!(weights.contains("invalid type: string \"two\""), "{weights}");
    let halving = said("seeds = [1]\nhalving = { keep = 0.5, until = 3 }");
    assert!(halving.starts_with("line 2: halving") && halving.contains("unknown field `until`"), "{halving}");
    let choice = said("engine = \"torch\"");
    assert!(choice.starts_with("line 1: engine: unknown variant `torch`, expected"), "{choice}");
    assert!(!said("[name]\nx = 1\n").contains('\n'));
}

#[test]
fn what_is_not_valid_is_told_with_its_line() {
    let text = "name = \"x\"\n\nmasks = [\n  \"full\",\n  \"fulll\",\n]\nseeds = [1, 1]\n\
                [[further_rates]]\ntask = \"rte\"\nmask = \"full\"\nlearning_rates = []\n";
    let file = ExperimentFile::read(text).unwrap();
    let found = validate(&file.experiment, &Facts::default()).unwrap_err();
    let lines: Vec<_> = found.iter().map(|e| (file.place(e).line, e.field.as_str())).collect();
    assert!(lines.contains(&(Some(5), "masks[1]")) && lines.contains(&(Some(7), "seeds[1]")), "{lines:?}");
    assert!(lines.contains(&(Some(8), "further_rates[0]")), "{lines:?}");
    let missing = crate::experiment::FieldError { field: "epochs".into(), message: "x".into() };
    assert_eq!(file.place(&missing).to_string(), "epochs: x");
}

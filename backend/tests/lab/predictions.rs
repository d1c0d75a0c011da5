//! What runs predicted, from their files to tests between masks and verdicts: real training on the built-in model.

use crate::support::{Listener, open, small};
use std::fs;
use std::path::Path;
use tunemask::results::claims::{Claim, Options, verdicts};
use tunemask::results::predictions::{Clipping, Predictions};
use tunemask::results::significance::{Contrast, Estimate, PerExample, Scope, Study, pair_tests};
use tunemask::results::stored;
use tunemask::results::table::table;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::state::LabState;
use tunemask_shared::task::{Definition, Source, Task, TaskKind, TaskName, TaskSize};

fn experiment() -> Experiment {
    let text = |all: &[&str]| all.iter().map(|&s| s.to_owned()).collect();
    Experiment {
        tasks: text(&["acceptability", "sentiment", "similarity", "inference", "tags", "entities"]),
        masks: text(&["outliers:4", "frozen"]),
        learning_rates: vec![1e-2],
        seeds: vec![1, 2],
        ..small()
    }
}

fn trained(home: &Path, experiments: &[Experiment]) -> (LabState, Vec<ExperimentId>) {
    let lab = open(home);
    let mut listener = Listener::new(&lab);
    let ids: Vec<ExperimentId> = experiments.iter().map(|e| lab.submit(e).unwrap()).collect();
    ids.iter().for_each(|&id| listener.until_over(id));
    lab.shut_down();
    (listener.state, ids)
}

fn study(home: &Path, state: &LabState, id: ExperimentId) -> Study {
    stored::study(home, &table(state, id).unwrap())
}

fn scope_of(study: &Study, claim: Claim) -> Scope {
    let verdict = verdicts(study, Options::default()).into_iter().find(|v| v.claim == claim).unwrap();
    verdict.evidence[0].method.speaks_for
}

#[test]
fn stored_predictions_have_the_scores_of_the_log_and_decide_verdicts() {
    let home = tempfile::tempdir().unwrap();
    let last = Experiment { reported_epoch: ReportedEpoch::Last, ..experiment() };
    let one_seed = Experiment { seeds: vec![1], tasks: vec!["sentiment".into()], ..experiment() };
    let (state, ids) = trained(home.path(), &[experiment(), last, one_seed]);
    for &id in &ids[..2] {
        let study = study(home.path(), &state, id);
        assert_eq!(study.cells.len(), 12);
        for cell in &study.cells {
            assert_eq!(cell.predictions.len(), 2, "{}", cell.task);
            for (predictions, &score) in cell.predictions.iter().zip(&cell.scores) {
                let all: Vec<u32> = (0..predictions.len() as u32).collect();
                assert_eq!(all.len(), 40);
                let got = predictions.score(cell.metric(), &all);
                let same = got.is_nan() && score.is_nan() || (got - score).abs() < 1e-12;
                assert!(same, "{} of {}: {got} is not {score}", cell.mask, cell.task);
            }
        }
    }
    let best = study(home.path(), &state, ids[0]);
    assert_eq!(scope_of(&best, Claim::FewOutliers), Scope::TrainedModels);
    let tests = pair_tests(&best, None);
    assert_eq!(tests.len(), 6);
    assert!(tests.iter().all(|t| matches!(t.per_example, Some(PerExample::Wilcoxon(w)) if w.p <= 1.0)));
    let single = study(home.path(), &state, ids[2]);
    let tests = pair_tests(&single, None);
    assert!(matches!(tests[0].per_example, Some(PerExample::McNemar(_))), "{tests:?}");

    // Without their files, or with one that is damaged, the seeds are all there is.
    let folder = home.path().join("runs");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 24);
    fs::write(&files[0], "damaged").unwrap();
    let whole = |study: &Study| study.cells.iter().filter(|c| !c.predictions.is_empty()).count();
    assert_eq!(whole(&study(home.path(), &state, ids[0])), 11);
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
    let without = study(home.path(), &state, ids[0]);
    assert_eq!((without.cells.len(), whole(&without)), (12, 0));
    assert_eq!(scope_of(&without, Claim::FewOutliers), Scope::Measured);
    let contrast = Contrast::pair(Mask::Outliers(4), Mask::Frozen);
    let low = |study: &Study| Estimate::of(study, &contrast).unwrap().interval(0.95)[0];
    assert!(low(&best).is_finite() && low(&without).is_nan());
    assert!(pair_tests(&without, None)[0].per_example.is_none());
}

#[test]
fn sets_of_labels_have_the_scores_of_the_log_and_are_tested() {
    let home = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/topics/csv");
    let topics = Experiment {
        data: Some(data.to_str().unwrap().to_owned()),
        tasks: vec!["own:topics".into()],
        ..experiment()
    };
    let (state, ids) = trained(home.path(), &[topics]);
    let study = study(home.path(), &state, ids[0]);
    assert_eq!(study.cells.len(), 2);
    for cell in &study.cells {
        assert_eq!(cell.metric(), Metric::MicroF1);
        for (predictions, run) in cell.predictions.iter().zip(&cell.runs) {
            let all: Vec<u32> = (0..predictions.len() as u32).collect();
            assert_eq!(all.len(), 16);
            let scores = &state.runs[run].outcome.as_ref().unwrap().metrics;
            for score in scores.iter().filter(|score| score.metric != Metric::Loss) {
                let got = predictions.score(score.metric, &all);
                assert!(
                    (got - score.value).abs() < 1e-12,
                    "{:?}: {got} is not {}",
                    score.metric,
                    score.value
                );
            }
            assert_eq!(scores.len(), 4);
        }
    }
    let tests = pair_tests(&study, None);
    assert!(matches!(tests[0].per_example, Some(PerExample::Wilcoxon(w)) if w.p <= 1.0), "{tests:?}");
    assert!(tests[0].trained_models.is_some(), "{tests:?}");
}

/// A task of one's own whose texts may have several of these labels.
fn own_labels(labels: [&str; 3]) -> Task {
    let definition = Definition {
        source: Source::Own,
        name: TaskName::own("topics").unwrap(),
        kind: TaskKind::MultiLabel(labels.map(String::from).to_vec()),
        pairs: false,
        metrics: vec![Metric::MicroF1, Metric::MacroF1, Metric::SubsetAccuracy],
        development_sets: vec!["dev".into()],
        size: TaskSize::Small,
    };
    Task::new(definition).unwrap()
}

#[test]
fn what_is_not_finite_or_does_not_fit_is_no_prediction() {
    let of = |logits: &[f32], targets: &[f32], reads: &[u32]| {
        Predictions::of(&Task::sentiment(), Clipping::Off, logits, targets, reads)
    };
    let labels = Predictions::Labels { predicted: vec![0, 1], actual: vec![1, 1] };
    assert_eq!(of(&[0.5, 0.5, 0.1, 0.2], &[1.0, 1.0], &[1, 1]), Some(labels));
    assert_eq!(of(&[f32::NAN, 0.5], &[1.0], &[1]), None);
    assert_eq!(of(&[0.1, 0.5, 0.3], &[1.0], &[1]), None);
    assert_eq!(of(&[0.1, 0.5], &[1.0], &[2]), None);
    let scores =
        |clipping| Predictions::of(&Task::similarity(), clipping, &[7.0, -1.0], &[5.0, 0.5], &[1, 1]);
    let actual = vec![5.0, 0.5];
    let plain = Predictions::Scores { predicted: vec![7.0, -1.0], actual: actual.clone() };
    assert_eq!(scores(Clipping::Off), Some(plain));
    assert_eq!(scores(Clipping::ToRange), Some(Predictions::Scores { predicted: vec![5.0, 0.0], actual }));
    let topics = own_labels(["a", "b", "c"]);
    let of =
        |logits: &[f32], targets: &[f32]| Predictions::of(&topics, Clipping::Off, logits, targets, &[1, 1]);
    let sets = of(&[0.5, -0.5, 0.0, -1.0, 2.0, 3.0], &[1.0, 1.0, 0.0, 0.0, 0.0, 1.0]).unwrap();
    assert_eq!(sets.per_example(), [2.0 / 3.0, 2.0 / 3.0]);
    assert_eq!((sets.len(), sets.score(Metric::SubsetAccuracy, &[0, 1])), (2, 0.0));
    let (predicted, actual) =
        (vec![true, false, false, false, true, true], vec![true, true, false, false, false, true]);
    assert_eq!(sets, Predictions::LabelSets { labels: 3, predicted, actual });
    assert_eq!(of(&[0.5, f32::NAN, 0.0, -1.0, 2.0, 3.0], &[0.0; 6]), None);
    assert_eq!(of(&[0.5; 6], &[0.0; 2]), None);
    // O B-PER I-PER | B-LOC, of which the first entity is found and another is made up.
    let hot = |label: usize| (0..9).map(move |i| f32::from(u8::from(i == label)));
    let logits: Vec<f32> = [0, 1, 2, 3].into_iter().flat_map(hot).collect();
    let tagged = Predictions::of(&Task::entities(), Clipping::Off, &logits, &[0.0, 1.0, 2.0, 5.0], &[3, 1]);
    assert_eq!(tagged, Some(Predictions::Tagged { counts: vec![[1, 1, 1], [0, 1, 1]] }));
}

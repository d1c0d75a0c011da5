//! What is written is read back, and what is damaged is refused.

use super::*;
use crate::artifacts::{Product, Truth};
use tunemask_engine::MemberState;
use tunemask_shared::experiment::ReportedEpoch;

fn checkpoint(steps: u32) -> Checkpoint {
    let state = MemberState {
        steps,
        trained: vec![1.5, f32::MIN_POSITIVE],
        first: vec![0.25; 2],
        second: vec![-0.0; 2],
    };
    let best = Product { epoch: 3, trained: vec![7.0; 2], predictions: vec![vec![0.5; 4], Vec::new()] };
    Checkpoint {
        state,
        best,
        norms: vec![vec![0.5, 1.5], vec![0.25, 1.25], vec![0.0, 1.0]],
        answers: vec![vec![0.0, 1.0], vec![1.0, 1.0], vec![254.0, 0.0]],
        arithmetic: Some(Arithmetic("x86-64-v4".into())),
    }
}

#[test]
fn what_is_saved_is_loaded_and_damage_is_said() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Artifacts::new(home.path()), "abc");
    assert!(files.load(run).unwrap().is_none() && files.finished(run).unwrap().is_none());
    files.save(run, &checkpoint(7)).unwrap();
    files.save(run, &checkpoint(9)).unwrap();
    assert_eq!(files.load(run).unwrap(), Some(checkpoint(9)));
    let path = files.checkpoint_path(run);
    let bytes = fs::read(&path).unwrap();
    for broken in [&bytes[..bytes.len() - 3], &bytes[..5], b"nonsense, and more of it"] {
        fs::write(&path, broken).unwrap();
        assert!(files.load(run).unwrap_err().to_string().contains("delete it"));
    }
    let truth = vec![Truth { targets: vec![1.0, 0.0], reads: vec![2] }, Truth::default()];
    let trained = Trained {
        best: checkpoint(1).best,
        last: Product::default(),
        truth,
        norms: vec![Vec::new(); 2],
        answers: vec![vec![0.25, -1.5]; 3],
    };
    files.finish(run, &trained, Keep::Both).unwrap();
    assert_eq!(files.finished(run).unwrap(), Some(trained.clone()));
    let first = files.predicted(run, ReportedEpoch::Best, 0).unwrap().unwrap();
    assert_eq!((first.logits, &first.truth), (vec![0.5; 4], &trained.truth[0]));
    assert_eq!(files.predicted(run, ReportedEpoch::Best, 2).unwrap(), None);
    // Files of programs that kept no truth.
    files.finish(run, &Trained { truth: Vec::new(), ..trained }, Keep::Both).unwrap();
    assert_eq!(files.predicted(run, ReportedEpoch::Best, 0).unwrap(), None);
    files.remove(run);
    assert!(!path.exists() && files.finished(run).unwrap().is_some());
    assert_eq!(files.finished_runs().unwrap(), HashSet::from([run.to_owned()]));
}

#[test]
fn an_epoch_that_is_best_and_last_is_stored_once_and_others_as_asked() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Artifacts::new(home.path()), "abc");
    let truth = vec![Truth { targets: vec![1.0, 0.0], reads: vec![1, 1] }];
    let product = |epoch, x: f32| Product { epoch, trained: vec![x; 5000], predictions: vec![vec![x; 4]] };
    let size = || fs::metadata(files.finished_path(run)).unwrap().len();
    let one = Trained {
        best: product(3, 1.5),
        last: product(3, 1.5),
        truth: truth.clone(),
        norms: Vec::new(),
        answers: Vec::new(),
    };
    files.finish(run, &one, Keep::Only(ReportedEpoch::Last)).unwrap();
    let once = size();
    assert!(once < 25_000, "{once}");
    assert_eq!(files.finished(run).unwrap(), Some(one));
    for epoch in [ReportedEpoch::Best, ReportedEpoch::Last] {
        assert_eq!(files.predicted(run, epoch, 0).unwrap().unwrap().logits, [1.5; 4]);
    }
    let two = Trained {
        best: product(2, 2.5),
        last: product(3, 3.5),
        truth,
        norms: Vec::new(),
        answers: Vec::new(),
    };
    files.finish(run, &two, Keep::Both).unwrap();
    assert!(size() > once + 20_000);
    assert_eq!(files.finished(run).unwrap(), Some(two.clone()));
    for (epoch, kept) in [(ReportedEpoch::Best, 2.5), (ReportedEpoch::Last, 3.5)] {
        files.finish(run, &two, Keep::Only(epoch)).unwrap();
        assert!(size() < once + 1000);
        let read = files.finished(run).unwrap().unwrap();
        let sizes = (read.best.trained.len(), read.last.trained.len());
        assert_eq!(sizes, if kept == 2.5 { (5000, 0) } else { (0, 5000) });
        // What it predicted is there in any case.
        assert_eq!(files.predicted(run, ReportedEpoch::Best, 0).unwrap().unwrap().logits, [2.5; 4]);
        assert_eq!(files.predicted(run, ReportedEpoch::Last, 0).unwrap().unwrap().logits, [3.5; 4]);
    }
}

#[test]
fn a_bit_that_flips_is_refused_with_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Artifacts::new(home.path()), "abc");
    files.save(run, &checkpoint(7)).unwrap();
    let path = files.checkpoint_path(run);
    let bytes = fs::read(&path).unwrap();
    let at = |what: &[u8]| bytes.windows(what.len()).position(|w| w == what).unwrap();
    // In a trained scalar, and in the number of steps.
    for place in [at(&1.5f32.to_le_bytes()), at(b"\"steps\":\"7") + 9] {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1;
        fs::write(&path, flipped).unwrap();
        let error = files.load(run).unwrap_err().to_string();
        assert!(error.contains("not what was written") && error.contains("delete it"), "{error}");
    }
}

#[test]
fn what_cannot_be_written_is_said_and_a_home_that_was_deleted_does_not_come_back() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Artifacts::new(home.path()), "abc");
    // A file stands where the folder would be.
    fs::write(home.path().join("runs"), "").unwrap();
    let error = files.save(run, &checkpoint(9)).unwrap_err();
    assert!(error.to_string().contains("disk has room"), "{error}");
    fs::remove_dir_all(home.path()).unwrap();
    files.save(run, &checkpoint(9)).unwrap_err();
    assert!(!home.path().exists());
}

#[test]
fn a_checkpoint_without_layer_norms_or_checksums_is_as_good_as_none() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Artifacts::new(home.path()), "abc");
    let mut file = TensorWriter::default();
    for name in ["trained", "first_moment", "second_moment", "best.trained"] {
        add(&mut file, name, &[1.0]);
    }
    file.set_metadata("steps", 7);
    file.set_metadata("best.epoch", 1);
    files.write(file, &files.checkpoint_path(run)).unwrap();
    assert_eq!(files.load(run).unwrap(), None);
    let mut file = TensorWriter::default();
    for name in ["trained", "first_moment", "second_moment", "best.trained", "norms"] {
        file.floats(name, vec![1, 1], vec![1.0]);
    }
    file.set_metadata("steps", 7);
    file.set_metadata("best.epoch", 1);
    file.write(&files.checkpoint_path(run)).unwrap();
    assert_eq!(files.load(run).unwrap(), None);
}

#[test]
fn a_run_without_its_weights_keeps_what_it_predicted_and_few_layer_norms() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Artifacts::new(home.path()), "abc");
    let truth = vec![Truth { targets: vec![1.0, 0.0], reads: vec![1, 1] }];
    let product = |epoch, x: f32| Product { epoch, trained: vec![x; 5000], predictions: vec![vec![x; 4]] };
    let answers = vec![vec![1.0, 0.0]; 3];
    for (best, norms, kept) in [(3, 10, true), (2, 10, true), (2, 50_000, false)] {
        let norms = vec![vec![0.5; norms]; 3];
        let (best, last) = (product(best, 2.5), product(3, 2.5));
        let trained =
            Trained { best, last, truth: truth.clone(), norms: norms.clone(), answers: answers.clone() };
        files.finish(run, &trained, Keep::Both).unwrap();
        let before = files.bytes(run);
        let given = files.weight_bytes(run);
        files.drop_weights(run).unwrap();
        let after = files.bytes(run);
        assert!(after < 4000 && before - after >= given && given >= 20_000, "{before} {after} {given}");
        let left = files.finished(run).unwrap().unwrap();
        let bare = |product: &Product| Product { trained: Vec::new(), ..product.clone() };
        let norms = if kept { norms } else { Vec::new() };
        let want = Trained { best: bare(&trained.best), last: bare(&trained.last), norms, ..trained };
        assert_eq!(left, want);
        for epoch in [ReportedEpoch::Best, ReportedEpoch::Last] {
            assert_eq!(files.predicted(run, epoch, 0).unwrap().unwrap().logits, [2.5; 4]);
        }
        assert_eq!(files.answered(run).unwrap().unwrap().epochs, answers);
        // Once more is nothing.
        assert_eq!(files.weight_bytes(run), 0);
        files.drop_weights(run).unwrap();
        assert_eq!(files.bytes(run), after);
    }
    files.drop_weights("unknown").unwrap();
}

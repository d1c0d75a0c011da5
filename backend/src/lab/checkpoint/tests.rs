use super::*;

fn checkpoint(steps: u32) -> Checkpoint {
    let state = MemberState {
        steps,
        trained: vec![1.5, f32::MIN_POSITIVE],
        first: vec![0.25; 2],
        second: vec![-0.0; 2],
    };
    let best = Product { epoch: 3, trained: vec![7.0; 2], predictions: vec![vec![0.5; 4], Vec::new()] };
    Checkpoint { state, best, norms: vec![vec![0.5, 1.5], vec![0.25, 1.25], vec![0.0, 1.0]] }
}

#[test]
fn what_is_saved_is_loaded_and_damage_is_said() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Checkpoints::new(home.path()), RunId("abc".into()));
    assert!(files.load(&run).unwrap().is_none() && files.finished(&run).unwrap().is_none());
    files.save(&run, &checkpoint(7)).unwrap();
    files.save(&run, &checkpoint(9)).unwrap();
    assert_eq!(files.load(&run).unwrap(), Some(checkpoint(9)));
    let path = files.checkpoint(&run);
    let bytes = fs::read(&path).unwrap();
    for broken in [&bytes[..bytes.len() - 3], &bytes[..5], b"nonsense, and more of it"] {
        fs::write(&path, broken).unwrap();
        assert!(files.load(&run).unwrap_err().to_string().contains("delete it"));
    }
    let truth = vec![Truth { targets: vec![1.0, 0.0], reads: vec![2] }, Truth::default()];
    let trained =
        Trained { best: checkpoint(1).best, last: Product::default(), truth, norms: vec![Vec::new(); 2] };
    files.finish(&run, &trained).unwrap();
    assert_eq!(files.finished(&run).unwrap(), Some(trained.clone()));
    let first = files.predicted(&run, ReportedEpoch::Best, 0).unwrap().unwrap();
    assert_eq!((first.logits, &first.truth), (vec![0.5; 4], &trained.truth[0]));
    assert_eq!(files.predicted(&run, ReportedEpoch::Best, 2).unwrap(), None);
    // Files of programs that kept no truth.
    files.finish(&run, &Trained { truth: Vec::new(), ..trained }).unwrap();
    assert_eq!(files.predicted(&run, ReportedEpoch::Best, 0).unwrap(), None);
    files.remove(&run);
    assert!(!path.exists() && files.finished(&run).unwrap().is_some());
}

#[test]
fn what_cannot_be_written_leaves_the_last_good_one() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Checkpoints::new(home.path()), RunId("abc".into()));
    files.save(&run, &checkpoint(7)).unwrap();
    // A folder stands where the new file would be written.
    let new = files.checkpoint(&run).with_file_name(".abc.checkpoint.new");
    fs::create_dir(&new).unwrap();
    let error = files.save(&run, &checkpoint(9)).unwrap_err();
    assert!(error.to_string().contains("disk has room"), "{error}");
    assert_eq!(files.load(&run).unwrap(), Some(checkpoint(7)));
}

/// A device that is always full stands for a disk that is.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_the_last_good_one() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Checkpoints::new(home.path()), RunId("abc".into()));
    files.save(&run, &checkpoint(7)).unwrap();
    let new = files.checkpoint(&run).with_file_name(".abc.checkpoint.new");
    std::os::unix::fs::symlink("/dev/full", &new).unwrap();
    let error = files.save(&run, &checkpoint(9)).unwrap_err();
    assert!(error.to_string().contains("No space left"), "{error}");
    assert_eq!(files.load(&run).unwrap(), Some(checkpoint(7)));
    assert!(!new.exists());
    files.save(&run, &checkpoint(9)).unwrap();
}

#[test]
fn a_checkpoint_without_layer_norms_is_as_good_as_none() {
    let home = tempfile::tempdir().unwrap();
    let (files, run) = (Checkpoints::new(home.path()), RunId("abc".into()));
    let mut file = TensorWriter::default();
    for name in ["trained", "first_moment", "second_moment", "best.trained"] {
        add(&mut file, name, &[1.0]);
    }
    file.say("steps", 7);
    file.say("best.epoch", 1);
    file.write(&files.checkpoint(&run)).unwrap();
    assert_eq!(files.load(&run).unwrap(), None);
}

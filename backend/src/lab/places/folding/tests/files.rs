//! Files that runs leave: a plan's folder does not go before they are home.

use super::*;

/// A plan whose worker, which is gone, has finished its run; its file is there if it was written.
fn finished_plan(home: &Home) -> (PlanFolder, PathBuf) {
    let plan = home.plan();
    let mut segment = home.segment(&plan, Writer::of(&host(), GONE));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=9), evaluated(&home.run, 1)]);
    segment.says([finished(&home.run, "x")]);
    segment.leaves();
    let file = Artifacts::inside(&plan.runs_folder()).finished_path(&home.run.0);
    (plan, file)
}

#[test]
fn a_result_that_is_not_to_be_seen_yet_is_waited_for() {
    let home = Home::new();
    let (plan, file) = finished_plan(&home);
    home.begin();
    assert_eq!((home.known().step, home.known().status), (9, RunStatus::Running));
    fs::write(&file, "trained").unwrap();
    home.begin();
    assert_eq!(home.known().status, RunStatus::Finished);
    let own = Artifacts::new(home.path()).finished_path(&home.run.0);
    assert_eq!(fs::read_to_string(own).unwrap(), "trained");
    assert!(!plan.path().exists());
}

#[test]
fn a_result_that_cannot_be_brought_home_now_is_not_given_up() {
    let home = Home::new();
    let (plan, file) = finished_plan(&home);
    fs::write(&file, "trained").unwrap();
    let hidden = Hidden::new(home.path().join("runs"));
    home.with(|with, _| {
        let mut folding = home.folding(&plan, with);
        while folding.poll().unwrap() {}
        // However long that lasts.
        folding.segments.values_mut().for_each(|tail| tail.age(2 * FILES_COME));
        assert!(!folding.poll().unwrap());
        assert!(matches!(folding.awaited(), Some(Awaited::Unread(why)) if why.contains("not here yet")));
        let end = folding.close(&HashSet::from([home.run.clone()]), FolderEnd::Removed).unwrap();
        assert_eq!(end, FoldingEnd::Awaited);
    });
    hidden.back();
    home.begin();
    assert_eq!(home.known().status, RunStatus::Finished);
    assert!(!plan.path().exists());
}

#[test]
fn a_result_that_never_came_is_said_and_its_folder_stays() {
    let home = Home::new();
    let (plan, _) = finished_plan(&home);
    home.with(|with, _| {
        let mut folding = home.folding(&plan, with);
        while folding.poll().unwrap() {}
        folding.segments.values_mut().for_each(|tail| tail.age(2 * FILES_COME));
        assert!(folding.poll().unwrap());
        let end = folding.close(&HashSet::from([home.run.clone()]), FolderEnd::Removed).unwrap();
        assert_eq!(end, FoldingEnd::Over);
    });
    let known = home.known();
    assert!(known.status == RunStatus::Failed && known.failure.unwrap().contains("result is not here"));
    assert!(plan.path().join("left-out.txt").is_file());
}

#[test]
fn a_checkpoint_comes_home_before_its_folder_goes_and_over_no_newer_one() {
    let home = Home::new();
    let plan = home.plan();
    let mut segment = home.segment(&plan, Writer::of(&host(), GONE));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=3)]);
    let [own, there] = [Artifacts::new(home.path()), Artifacts::inside(&plan.runs_folder())]
        .map(|artifacts| artifacts.checkpoint_path(&home.run.0));
    fs::write(&there, "after step 3").unwrap();
    let hidden = Hidden::new(home.path().join("runs"));
    home.begin();
    assert!(plan.path().is_dir());
    hidden.back();
    let written = |path: &Path, secs: u64| {
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(secs)).unwrap();
    };
    fs::write(&own, "after step 6").unwrap();
    written(&there, 1000);
    written(&own, 2000);
    home.begin();
    assert_eq!(fs::read_to_string(&own).unwrap(), "after step 6");
    assert!(!plan.path().exists());
    // Of a worker that has come further.
    let plan = home.plan();
    let there = Artifacts::inside(&plan.runs_folder()).checkpoint_path(&home.run.0);
    fs::write(&there, "after step 8").unwrap();
    written(&there, 3000);
    home.begin();
    assert_eq!(fs::read_to_string(&own).unwrap(), "after step 8");
}

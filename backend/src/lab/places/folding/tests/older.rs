//! What an earlier program left, and cannot be read when the next one begins.

use super::*;
use crate::lab::places::older::folders;
use std::io::Write;

/// A plan whose worker, which is gone, took three steps.
fn trained(home: &Home) -> (PlanFolder, Segment) {
    let plan = home.plan();
    let mut segment = home.segment(&plan, Writer::of(&host(), GONE));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=3)]);
    (plan, segment)
}

/// All of it is in the log once, and the folder is gone.
fn is_folded(home: &Home, plan: &PlanFolder) {
    assert_eq!(home.known().step, 3);
    assert_eq!((home.count("started"), home.count("points")), (1, 1));
    assert!(!plan.path().exists());
    home.begin();
    assert_eq!((home.count("started"), home.count("points")), (1, 1));
}

#[test]
fn what_a_killed_program_left_is_folded_once_and_goes() {
    let home = Home::new();
    let (plan, segment) = trained(&home);
    // Cut short by the kill, and of nobody's use.
    fs::OpenOptions::new().append(true).open(&segment.path).unwrap().write_all(b"{\"event\":{\"ev").unwrap();
    home.begin();
    is_folded(&home, &plan);
}

#[test]
fn a_plan_that_cannot_be_opened_now_is_folded_when_it_can() {
    let home = Home::new();
    let (plan, _) = trained(&home);
    let hidden = Hidden::new(plan.path().join("plan.json"));
    home.begin();
    assert_eq!(home.known().step, 0);
    hidden.back();
    home.begin();
    is_folded(&home, &plan);
}

#[test]
fn plans_of_another_version_stay() {
    let home = Home::new();
    let (plan, _) = trained(&home);
    let file = plan.path().join("plan.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"format\":1", "\"format\":7", 1)).unwrap();
    home.begin();
    fs::write(&file, text).unwrap();
    home.begin();
    is_folded(&home, &plan);
}

#[test]
fn segments_that_cannot_be_listed_or_opened_now_are_folded_when_they_can() {
    let home = Home::new();
    let (plan, segment) = trained(&home);
    for path in [plan.segments_folder(), segment.path] {
        let hidden = Hidden::new(path);
        home.begin();
        assert_eq!(home.known().step, 0);
        hidden.back();
    }
    home.begin();
    is_folded(&home, &plan);
}

#[test]
fn folders_of_plans_that_cannot_be_listed_are_not_taken_for_none() {
    let home = Home::new();
    assert_eq!(folders(home.path()).unwrap(), Vec::<PathBuf>::new());
    let (plan, _) = trained(&home);
    let hidden = Hidden::new(home.path().join(PLANS));
    assert!(folders(home.path()).is_err());
    home.begin();
    hidden.back();
    home.begin();
    is_folded(&home, &plan);
}

#[test]
fn lines_behind_a_hole_are_waited_for() {
    let home = Home::new();
    let (plan, segment) = trained(&home);
    let whole = fs::read(&segment.path).unwrap();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mut holed = whole.clone();
    holed[first..first + 40].fill(0);
    fs::write(&segment.path, holed).unwrap();
    home.begin();
    assert_eq!(home.count("started"), 0);
    fs::write(&segment.path, whole).unwrap();
    home.begin();
    is_folded(&home, &plan);
}

#[test]
fn a_segment_that_follows_one_that_is_not_to_be_seen_waits_for_it() {
    let home = Home::new();
    let (plan, first) = trained(&home);
    let bytes = fs::metadata(&first.path).unwrap().len();
    let follows = vec![Follows { segment: SegmentName::new(0, 0, &host(), GONE), bytes }];
    let mut second = home.segment(&plan, Writer { node: &host(), pid: GONE - 1, follows });
    second.says([pointed(&home.run, 4..=5)]);
    let aside = home.path().join("aside");
    fs::rename(&first.path, &aside).unwrap();
    home.begin();
    assert_eq!(home.known().step, 0);
    fs::rename(&aside, &first.path).unwrap();
    home.begin();
    assert_eq!((home.known().step, home.count("points")), (5, 2));
    assert!(!plan.path().exists());
}

#[test]
fn a_folder_with_lines_that_are_left_out_stays_and_is_not_folded_again() {
    let home = Home::new();
    let (plan, mut segment) = trained(&home);
    segment.says([pointed(&home.run, 5..=6)]);
    fs::OpenOptions::new().append(true).open(&segment.path).unwrap().write_all(b"no JSON\n").unwrap();
    for _ in 0..2 {
        home.begin();
        assert_eq!((home.known().step, home.count("points")), (3, 1));
        let text = fs::read_to_string(plan.path().join("left-out.txt")).unwrap();
        assert!(text.contains("lacks step 4") && text.contains("cannot be read"), "{text}");
        assert_eq!(text.lines().count(), 2);
        assert!(segment.path.is_file());
    }
}

#[test]
fn a_program_that_is_killed_while_it_removes_a_plan_leaves_nothing_that_counts() {
    let home = Home::new();
    let (plan, segment) = trained(&home);
    let mark = Mark::Folded { plan: plan.name(), segment: "00000.0.x.1.jsonl".into(), bytes: 70 };
    home.with(|with, _| with.journal.append_folded(Vec::new(), vec![mark]).unwrap());
    plan.end().unwrap();
    assert!(segment.path.is_file());
    home.begin();
    assert!(!plan.path().exists());
    home.with(|_, reader| assert!(reader.folded(&plan.name()).unwrap().is_empty()));
    // One that was killed before anyone was told.
    let plan = home.plan();
    fs::remove_file(plan.path().join("plan.json")).unwrap();
    home.begin();
    assert!(!plan.path().exists());
    // A plan that is not to be seen, and somebody wrote.
    let (plan, _) = trained(&home);
    fs::remove_file(plan.path().join("plan.json")).unwrap();
    home.begin();
    assert!(plan.path().is_dir());
}

#[test]
fn what_is_known_of_an_earlier_folder_of_the_same_name_is_not_skipped_in_a_new_one() {
    let home = Home::new();
    let plan = home.plan();
    let segment = SegmentName::new(0, 0, &host(), GONE).to_string();
    let mark = Mark::Folded { plan: plan.name(), segment, bytes: 10_000 };
    home.with(|with, _| with.journal.append_folded(Vec::new(), vec![mark]).unwrap());
    // Its coordinator is killed before it has read anything.
    home.with(|with, _| home.folding(&plan, with).leave());
    let mut segment = home.segment(&plan, Writer::of(&host(), GONE));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=3)]);
    home.begin();
    is_folded(&home, &plan);
}

#[test]
fn a_plan_gets_a_folder_that_no_other_has_left_lines_in() {
    let home = Home::new();
    let (plan, segment) = trained(&home);
    let again = home.plan();
    assert_ne!(again.path(), plan.path());
    assert!(again.name().starts_with(&plan.name()) && segment.path.is_file());
    assert_eq!(again.segments().unwrap(), Vec::new());
}

#[test]
fn lines_of_a_run_that_was_deleted_keep_no_folder() {
    let home = Home::new();
    let (plan, _) = trained(&home);
    // As a log that does not hold the run.
    fs::remove_file(home.path().join(crate::store::FILE_NAME)).unwrap();
    home.begin();
    assert!(!plan.path().exists());
}

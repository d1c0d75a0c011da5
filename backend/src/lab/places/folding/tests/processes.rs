//! Workers that a coordinator has started, and what they leave behind when they end.

use super::*;
use crate::cluster::Child;
use crate::lab::places::{Order, WorkerProcess};
use crate::lab::training::Ended;
use std::ffi::OsString;
use tunemask_shared::places::HERE;

/// A worker that ends at once: it writes what is in the first file, and a second later, when it is gone, somebody puts the second
/// where it belongs. A disk is that slow, or a connection.
const SLOW: &str = r#"
read -r order
plan=$(echo "$order" | sed 's/.*"plan":"\([^"]*\)".*/\1/')
segment="$plan/segments/00000.1.$3.$$.jsonl"
cp "$1" "$segment"
case "$4" in
  run) (sleep 1; cp "$2" "$plan/runs/$5.safetensors") & ;;
  rest) (sleep 1; printf trained > "$plan/runs/$5.safetensors"; cat "$2" >> "$segment") & ;;
esac
"#;

/// What comes late, and of which node.
struct Late<'a> {
    what: &'a str,
    node: &'a str,
    place: &'a str,
}

/// What the worker writes at first, and what comes later.
struct Texts {
    first: Vec<u8>,
    later: Vec<u8>,
}

impl Home {
    /// How a worker ends that leaves something behind.
    fn trains(&self, late: Late<'_>, texts: Texts) -> Ended {
        let [first, later] = ["first", "later"].map(|name| self.path().join(name));
        fs::write(&first, texts.first).unwrap();
        fs::write(&later, texts.later).unwrap();
        let node = SegmentName::new(0, 0, late.node, 0).node().unwrap().to_owned();
        let words: [OsString; 9] = [
            "sh".into(),
            "-c".into(),
            SLOW.into(),
            "sh".into(),
            first.into(),
            later.into(),
            node.into(),
            late.what.into(),
            self.run.0.clone().into(),
        ];
        let child = Child { program: words.to_vec(), place: late.place.into(), ..Child::default() };
        self.with(|with, _| {
            let process = WorkerProcess { child, home: self.path().to_owned(), with: with.clone() };
            process.train(Order { gangs: vec![vec![self.job()]] }, 1, &mut None).unwrap()
        })
    }

    /// The text of a segment whose worker trains the run to its end; the last line says so.
    fn whole(&self, node: &str) -> Vec<u8> {
        let plan = self.plan();
        let mut segment = self.segment(&plan, Writer::of(node, GONE));
        segment.says([started(&self.run, 9), pointed(&self.run, 1..=9), evaluated(&self.run, 1)]);
        segment.says([finished(&self.run, "x")]);
        let text = fs::read(segment.path).unwrap();
        fs::remove_dir_all(plan.path()).unwrap();
        text
    }
}

#[test]
fn a_worker_that_ends_before_its_result_is_to_be_seen_has_finished_its_run() {
    let home = Home::new();
    let first = home.whole(&host());
    let late = Late { what: "run", node: &host(), place: HERE };
    let ended = home.trains(late, Texts { first, later: b"trained".to_vec() });
    assert!(matches!(ended, Ended::Over), "{ended:?}");
    assert_eq!(home.known().status, RunStatus::Finished);
    assert_eq!(fs::read_dir(home.path().join(PLANS)).unwrap().count(), 0);
}

#[test]
fn a_worker_elsewhere_may_outlive_the_connection_to_it() {
    let home = Home::new();
    let mut first = home.whole("elsewhere");
    let last = first[..first.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let mut later = first.split_off(last);
    later.extend(serde_json::to_vec(&Line::Left(Left::Done)).unwrap());
    later.push(b'\n');
    let ended =
        home.trains(Late { what: "rest", node: "elsewhere", place: "elsewhere" }, Texts { first, later });
    assert!(matches!(ended, Ended::Over), "{ended:?}");
    assert_eq!(home.known().status, RunStatus::Finished);
    assert_eq!(fs::read_dir(home.path().join(PLANS)).unwrap().count(), 0);
}

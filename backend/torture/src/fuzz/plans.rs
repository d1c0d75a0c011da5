//! Plan folders, which a coordinator and its workers write for each other: valid ones, and what is read of any.

use super::Depth;
use super::depth::is_json;
use super::scratch::{put, scratch};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use tunemask::lab;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::{ENGINE_VERSION, RunSpec};

/// The segment of a worker.
const NAME: &str = "segments/00000.0.desk.7.jsonl";

/// Lets a `plan.json` in, whose workers have written a segment.
pub(super) fn plan(input: &[u8]) -> Depth {
    static SEGMENT: OnceLock<Vec<u8>> = OnceLock::new();
    let segment = SEGMENT.get_or_init(|| valid(Planned::segment).unwrap_or_default());
    let taken = folded(input, segment).is_ok();
    Depth::of(is_json(input), taken)
}

/// Lets a segment in.
pub(super) fn segment(input: &[u8]) -> Depth {
    static PLAN: OnceLock<Vec<u8>> = OnceLock::new();
    let plan = PLAN.get_or_init(|| valid(|spec| Ok(spec.plan())).unwrap_or_default());
    let over = folded(plan, input).is_ok_and(|over| over > 0);
    let has_lines = input.split(|byte| *byte == b'\n').any(|line| !line.is_empty() && is_json(line));
    Depth::of(has_lines, over)
}

/// How many runs are over of a plan and a segment.
fn folded(plan: &[u8], segment: &[u8]) -> Result<usize, lab::WorkerError> {
    let folder = scratch();
    put(&folder.path().join("plan.json"), plan);
    put(&folder.path().join(NAME), segment);
    lab::runs_over(folder.path()).map(|over| over.len())
}

/// Valid plans.
pub(super) fn plan_corpus() -> io::Result<Vec<Vec<u8>>> {
    specs()?.iter().map(|spec| Ok(spec.plan())).collect()
}

/// Valid segments, each of a worker that finished a run.
pub(super) fn segment_corpus() -> io::Result<Vec<Vec<u8>>> {
    let whole = valid(Planned::segment)?;
    // One that went on where another had stopped, and one that says twice what it did.
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let short = [lines[0], lines[lines.len() - 2]].concat();
    let twice = [&lines[..lines.len() - 1], &lines[1..]].concat().concat();
    Ok(vec![whole, short, twice])
}

/// A run that is planned.
struct Planned {
    run: String,
    spec: Value,
}

fn valid(text: impl Fn(&Planned) -> io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
    specs()?.first().map_or_else(|| Err(io::ErrorKind::NotFound.into()), text)
}

/// The runs of the golden lines.
fn specs() -> io::Result<Vec<Planned>> {
    ["queued", "queued.2", "queued.3"].iter().map(|name| planned(golden(name)?)).collect()
}

fn planned(line: Value) -> io::Result<Planned> {
    let spec: RunSpec = serde_json::from_value(line["spec"].clone())?;
    Ok(Planned { run: spec.id()?.0, spec: serde_json::to_value(spec)? })
}

/// What a golden line says.
fn golden(name: &str) -> io::Result<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/tests/golden");
    let mut line: Value = serde_json::from_slice(&fs::read(folder.join(format!("event.{name}.json")))?)?;
    Ok(line["kind"].take())
}

impl Planned {
    fn plan(&self) -> Vec<u8> {
        let created = golden("created").into_iter().collect::<Vec<_>>();
        let plan = json!({
            "format": 1, "engine": ENGINE_VERSION, "program": "tunemask", "experiments": created,
            "runs": [{
                "run": self.run, "spec": self.spec, "trainable": 9, "model": "builtin:tiny", "delta": null,
                "data": null, "alone": false, "reported": ReportedEpoch::Best, "expected_secs": 1.5, "notes": ["a note"],
                "logged": { "step": 0, "evaluations": [], "elapsed_secs": 0.0, "arithmetic": null },
            }],
            "gangs": [{ "runs": [self.run], "expected_secs": 1.5 }],
            "tasks": [[0]],
        });
        plan.to_string().into_bytes()
    }

    fn segment(&self) -> io::Result<Vec<u8>> {
        let header = json!({ "header": {
            "task": 0, "attempt": 0, "node": { "name": "desk", "arithmetic": "x86-64-v4" }, "pid": 7, "job": "12_3",
            "device": "cpu", "program": "tunemask", "follows": [],
        } });
        let mut text = format!("{header}\n");
        for name in
            ["preparing", "started", "points", "evaluated", "checkpointed", "checkpointed.2", "finished"]
        {
            let mut kind = golden(name)?;
            match kind.get("runs") {
                Some(_) => kind["runs"] = json!([self.run]),
                None => kind["run"] = json!(self.run),
            }
            text += &format!("{}\n", json!({ "event": kind }));
        }
        text += &format!("{}\n", json!({ "left": "done" }));
        Ok(text.into_bytes())
    }
}

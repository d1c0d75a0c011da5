//! What the form's experiment would take: gangs, what they share, time and memory.

use super::state::Form;
use crate::format::{about, bytes, counted, on_disk};
use crate::net::client::use_client;
use crate::root::href;
use leptos::prelude::*;
use tunemask_shared::plan::{Plan, PlannedDisk};

/// What a plan says, a line each, and whether the line says how long it takes; `runs` are all that the form means.
fn lines(plan: &Plan, runs: usize) -> Vec<(&'static str, String)> {
    let (planned, mut lines) = (plan.runs(), Vec::new());
    if planned == 0 {
        return vec![("time", "All of its runs are already done".into())];
    }
    lines.extend(time(plan).map(|text| ("time", text)));
    let saved = (100.0 * plan.saved()).round();
    if saved > 0.0 {
        lines.push(("", format!("{saved} % of the time saved by halving")));
    }
    let shared = (100.0 * plan.shared()).round();
    let once = if shared > 0.0 { format!(", {shared} % computed once") } else { String::new() };
    lines.push(("", format!("{}{once}", counted(plan.gangs.len(), "gang"))));
    lines.push(("", format!("{} besides the model", bytes(plan.memory_bytes()))));
    lines.extend(disk(plan.room()).map(|text| ("", text)));
    if planned < runs {
        lines.push(("", format!("{} already done", counted(runs - planned, "run"))));
    }
    lines
}

/// How long it takes where it trains, and how much work that is. All of it by the speed of this machine.
fn time(plan: &Plan) -> impl Iterator<Item = String> {
    let (all, work) = (about(plan.expected_secs()), about(plan.work_secs()));
    let workers = plan.workers() as usize;
    let tasks = plan.task_secs.len();
    let longest = plan.task_secs.iter().copied().fold(0.0, f64::max);
    let (first, second) = match (tasks, workers) {
        (0, 1) => (format!("about {all} on this machine"), None),
        (0, _) => (
            format!("about {all} on {workers} workers"),
            Some(format!("about {work} of work at this machine's speed")),
        ),
        (_, _) => (
            format!("about {all} with {workers} tasks at a time"),
            Some(format!(
                "{}, the longest about {}; {work} of work in all at this machine's speed",
                counted(tasks, "task"),
                about(longest)
            )),
        ),
    };
    std::iter::once(first).chain(second)
}

/// What the runs take on the disk, and what is free there.
fn disk(room: PlannedDisk) -> impl Iterator<Item = String> {
    let most = (room.most > room.kept).then(|| format!(", at most {} meanwhile", on_disk(room.most)));
    let takes = format!("{} on the disk{}", on_disk(room.kept), most.unwrap_or_default());
    let free = room.free.map(|free| match free {
        free if free < room.most => format!("only {} free there: too little", on_disk(free)),
        free => format!("{} free there", on_disk(free)),
    });
    std::iter::once(takes).chain(free)
}

/// The plan below the number of runs.
#[component]
pub fn Preview(form: Form) -> impl IntoView {
    let client = use_client();
    form.plan_when_quiet();
    let shown = move || {
        let runs = form.runs();
        let wrong = !form.errors.with(Vec::is_empty);
        let lines = match client.planned.get() {
            _ if wrong => Vec::new(),
            None => vec![("time", "Working out time and memory…".to_owned())],
            Some(Err(why)) => vec![("wrong", why)],
            Some(Ok(plan)) => lines(&plan, runs),
        };
        lines.into_iter().map(|(class, text)| view! { <li class=class>{text}</li> }).collect_view()
    };
    let same = move || {
        let id = client.planned.with(|planned| planned.as_ref()?.as_ref().ok()?.same_runs_as)?;
        let address = href(&format!("/experiments/{id}"));
        let is_shown = form.errors.with(Vec::is_empty);
        is_shown
            .then(|| view! { <li>"The same runs as " <a href=address>{format!("experiment #{id}")}</a></li> })
    };
    view! { <ul class="plan" aria-label="Plan">{shown} {same}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::plan::PlannedGang;

    #[test]
    fn a_plan_is_said_in_a_few_lines() {
        let gang = |runs, shared| PlannedGang {
            runs,
            shared,
            expected_secs: 90.0,
            saved: 0.0,
            memory_bytes: 300 << 20,
            disk_bytes: 9 << 20,
        };
        let plan = Plan { gangs: vec![gang(vec![0, 2], 0.5), gang(vec![3], 0.0)], ..Plan::default() };
        let said: Vec<String> = lines(&plan, 4).into_iter().map(|(_, text)| text).collect();
        let want = [
            "about 3 min on this machine",
            "2 gangs, 33 % computed once",
            "300 MiB besides the model",
            "18 MiB on the disk",
            "1 run already done",
        ];
        assert_eq!(said, want);
        let room = |kept, most, free| disk(PlannedDisk { kept, most, free }).collect::<Vec<_>>().join("; ");
        assert_eq!(
            room(5000, 3 << 20, Some(2 << 30)),
            "5 KiB on the disk, at most 3 MiB meanwhile; 2.0 GiB free there"
        );
        assert_eq!(
            room(1 << 30, 1 << 30, Some(1 << 20)),
            "1.0 GiB on the disk; only 1 MiB free there: too little"
        );
        let spread = Plan { workers: Some(2), ..plan.clone() };
        let time = |plan: &Plan| time(plan).collect::<Vec<_>>().join("; ");
        assert_eq!(time(&spread), "about 2 min on 2 workers; about 3 min of work at this machine's speed");
        let tasks = Plan { task_secs: vec![60.0, 120.0], ..spread };
        assert_eq!(
            time(&tasks),
            "about 2 min with 2 tasks at a time; 2 tasks, the longest about 2 min; 3 min of work in all at this machine's speed"
        );
        let halved = PlannedGang { saved: 0.4, ..gang(vec![0], 0.0) };
        let halved = lines(&Plan { gangs: vec![halved], ..Plan::default() }, 1);
        assert_eq!(
            (&*halved[0].1, &*halved[1].1),
            ("about 55 s on this machine", "40 % of the time saved by halving")
        );
        assert_eq!(lines(&Plan::default(), 4)[0].1, "All of its runs are already done");
    }
}

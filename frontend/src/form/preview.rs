//! What the form's experiment would take: gangs, what they share, time and memory.

use super::state::Form;
use crate::format::{about, bytes, counted};
use crate::net::client::use_client;
use leptos::prelude::*;
use tunemask_shared::plan::Plan;

/// What a plan says, a line each, and whether the line says how long it takes; `runs` are those of the grid.
fn lines(plan: &Plan, runs: usize) -> Vec<(&'static str, String)> {
    let (planned, mut lines) = (plan.runs(), Vec::new());
    if planned == 0 {
        return vec![("time", "All of its runs are already done".into())];
    }
    lines.push(("time", format!("about {} on this machine", about(plan.expected_secs()))));
    let shared = (100.0 * plan.shared()).round();
    let once = if shared > 0.0 { format!(", {shared} % computed once") } else { String::new() };
    lines.push(("", format!("{}{once}", counted(plan.gangs.len(), "gang"))));
    lines.push(("", format!("{} besides the model", bytes(plan.memory_bytes()))));
    lines.push(("", format!("{} on the disk", bytes(plan.disk_bytes()))));
    if planned < runs {
        lines.push(("", format!("{} already done", counted(runs - planned, "run"))));
    }
    lines
}

/// The plan below the number of runs.
#[component]
pub fn Preview(form: Form) -> impl IntoView {
    let client = use_client();
    form.plan_when_quiet();
    let shown = move || {
        let runs = form.runs().iter().product::<usize>();
        let wrong = !form.errors.with(Vec::is_empty);
        let lines = match client.planned.get() {
            _ if wrong => Vec::new(),
            None => vec![("time", "Working out time and memory…".to_owned())],
            Some(Err(why)) => vec![("wrong", why)],
            Some(Ok(plan)) => lines(&plan, runs),
        };
        lines.into_iter().map(|(class, text)| view! { <li class=class>{text}</li> }).collect_view()
    };
    view! { <ul class="plan" aria-label="Plan">{shown}</ul> }
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
        assert_eq!(lines(&Plan::default(), 4)[0].1, "All of its runs are already done");
    }
}

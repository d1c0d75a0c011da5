//! What runs are called beside each other: by what tells them apart, and no more.

use super::ComparedRun;
use crate::run::RunSpec;
use crate::text::rate;
use std::collections::HashSet;

/// A run beside others.
type Named<'a> = (&'a ComparedRun, &'a RunSpec);

/// A name for each run, in their order: of mask, task, learning rate and seed those in which they differ, and the experiment
/// if they are of several. Where that does not tell two apart the beginning of their hashes does.
pub fn names(runs: &[Named<'_>]) -> Vec<String> {
    let parts: [fn(&Named<'_>) -> String; 5] = [
        |(seen, _)| format!("#{}", seen.experiment_id),
        |(_, spec)| spec.mask.to_string(),
        |(_, spec)| spec.task.title().to_owned(),
        |(_, spec)| rate(spec.learning_rate),
        |(_, spec)| format!("seed {}", spec.seed),
    ];
    let differs = |part: &fn(&Named<'_>) -> String| runs.iter().map(part).collect::<HashSet<_>>().len() > 1;
    let telling: Vec<_> = parts.into_iter().filter(differs).collect();
    let name = |run: &Named<'_>| telling.iter().map(|part| part(run)).collect::<Vec<_>>().join(" · ");
    let mut names: Vec<String> = runs.iter().map(name).collect();
    let unique = names.iter().collect::<HashSet<_>>().len() == names.len();
    if !unique || telling.is_empty() {
        for (name, (seen, spec)) in names.iter_mut().zip(runs) {
            let hash: String = seen.run.0.chars().take(8).collect();
            let told = if name.is_empty() { spec.mask.to_string() } else { std::mem::take(name) };
            *name = format!("{told} · {hash}");
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ExperimentId;
    use crate::fixtures::run_spec;
    use crate::mask::Mask;

    fn named(runs: &[(u64, RunSpec)]) -> Vec<String> {
        let seen: Vec<ComparedRun> = runs
            .iter()
            .map(|(id, spec)| ComparedRun { experiment_id: ExperimentId(*id), run: spec.id().unwrap() })
            .collect();
        names(&seen.iter().zip(runs.iter().map(|(_, spec)| spec)).collect::<Vec<_>>())
    }

    #[test]
    fn names_say_what_tells_runs_apart_and_no_more() {
        let one = run_spec();
        let frozen = RunSpec { mask: Mask::Frozen, ..one.clone() };
        assert_eq!(named(&[(3, one.clone()), (3, frozen.clone())]), [one.mask.to_string(), "frozen".into()]);
        let later = RunSpec { seed: 7, learning_rate: 5e-4, ..one.clone() };
        let [a, b] = &named(&[(3, one.clone()), (5, later)])[..] else { panic!("two") };
        assert!(a.starts_with("#3 · ") && b == "#5 · 5e-4 · seed 7", "{a} {b}");
        // They differ in what no name says.
        let longer = RunSpec { epochs: 99, ..one.clone() };
        let [a, b] = &named(&[(3, one), (3, longer)])[..] else { panic!("two") };
        assert!(a != b && a.len() == b.len() && a.contains(" · "), "{a} {b}");
    }
}

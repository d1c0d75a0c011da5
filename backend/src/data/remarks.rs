//! What is to be said of a task's examples, beside what was cut or left out of them.

use super::Example;
use tunemask_shared::task::{Source, Task, TaskKind};

/// What to say of a set whose every label is the same: correlations are undefined on it, and other scores tell little.
pub(super) fn one_label(task: &Task, set: &str, examples: &[Example]) -> Option<String> {
    if let TaskKind::MultiLabel(names) = task.kind() {
        return absent_labels(set, names, examples);
    }
    let mut targets = examples.iter().flat_map(|e| &e.targets);
    let first = *targets.next()?;
    let more = targets.try_fold(0, |more, &target| (target == first).then_some(more + 1))?;
    match task.kind() {
        TaskKind::Regression(..) if set == "train" && more > 0 => {
            Some(format!("{set}: every score is {first}"))
        }
        TaskKind::Regression(..) if set != "train" => {
            Some(format!("{set}: every score is {first}; correlations with it are undefined"))
        }
        TaskKind::Classification(names) | TaskKind::Tagging(names) if more > 0 => {
            let name = names.get(first as usize).map_or("", String::as_str);
            Some(format!("{set}: every label is `{name}`; its scores tell nothing apart"))
        }
        TaskKind::Regression(..)
        | TaskKind::Classification(_)
        | TaskKind::Tagging(_)
        | TaskKind::MultiLabel(_) => None,
    }
}

/// What to say of labels that no example of a set has: nothing of them can be learnt, or found.
fn absent_labels(set: &str, names: &[String], examples: &[Example]) -> Option<String> {
    const NAMED: usize = 5;
    let has = |label: usize| examples.iter().any(|e| e.targets.get(label).is_some_and(|&there| there != 0.0));
    let absent: Vec<String> =
        (0..names.len()).filter(|&l| !has(l)).map(|l| format!("`{}`", names[l])).collect();
    let more = absent.len().saturating_sub(NAMED);
    let named = absent[..absent.len() - more].join(", ");
    match (absent.len(), more) {
        (0, _) => None,
        (1, _) => Some(format!("{set}: no example has the label {named}")),
        (_, 0) => Some(format!("{set}: no example has the labels {named}")),
        (_, more) => Some(format!("{set}: no example has the labels {named} and {more} more")),
    }
}

/// Of a task of the user's own with a label for each text: how often whoever always says the most frequent label of training is
/// right on the first development set. Of known tasks that is known.
pub(super) fn majority(task: &Task, train: &[Example], development: &[Example]) -> Option<String> {
    let (Source::Own, TaskKind::Classification(names)) = (task.source(), task.kind()) else { return None };
    let set = task.development_sets().first()?;
    let of = |examples: &[Example], label: usize| {
        examples.iter().filter(|e| e.targets.first().is_some_and(|&target| target as usize == label)).count()
    };
    // The first of equals, as whoever counts from above would say.
    let (label, name) = names.iter().enumerate().rev().max_by_key(|(label, _)| of(train, *label))?;
    let (right, all) = (of(development, label), development.len());
    (all > 0).then(|| {
        let share = 100.0 * right as f64 / all as f64;
        format!(
            "{set}: whoever always says `{name}`, the most frequent label of training, is right on {share:.1} %"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::metric::Metric;
    use tunemask_shared::task::{Definition, TaskName, TaskSize};

    fn examples(labels: &[u8]) -> Vec<Example> {
        let example = |(index, &label): (usize, &u8)| Example {
            ids: Vec::new(),
            segments: Vec::new(),
            reads: vec![0],
            targets: vec![f32::from(label)],
            index: index as u32,
        };
        labels.iter().enumerate().map(example).collect()
    }

    #[test]
    fn the_baseline_of_ones_own_labels_is_said() {
        let task = Task::new(Definition {
            source: Source::Own,
            name: TaskName::own("reviews").unwrap(),
            kind: TaskKind::Classification(["bad", "good", "so-so"].map(str::to_owned).to_vec()),
            pairs: false,
            metrics: vec![Metric::Accuracy],
            development_sets: vec!["dev".into()],
            size: TaskSize::Small,
        });
        let task = task.unwrap();
        let said =
            |train: &[u8], development: &[u8]| majority(&task, &examples(train), &examples(development));
        let words = |label, share| {
            format!(
                "dev: whoever always says `{label}`, the most frequent label of training, is right on {share} %"
            )
        };
        assert_eq!(said(&[0, 1, 1, 2], &[1, 1, 0]), Some(words("good", "66.7")));
        // The first of equals, and one that is not there.
        assert_eq!(said(&[2, 0, 0, 2], &[2, 1]), Some(words("bad", "0.0")));
        assert_eq!(said(&[1], &[]), None);
        assert_eq!(majority(&Task::rte(), &examples(&[0]), &examples(&[0])), None);
    }
}

//! From logits to what is said: probabilities, a number, tags; of a run, and on average over seeds.

use tunemask_shared::prediction::{Answer, TaggedAs};
use tunemask_shared::task::TaskKind;

/// Probabilities or a number of each read, `[reads, outputs]`; `None` if a logit is not finite.
pub(super) fn probabilities(kind: &TaskKind, logits: &[f32]) -> Option<Vec<f64>> {
    if logits.is_empty() || !logits.iter().all(|logit| logit.is_finite()) {
        return None;
    }
    let rows = logits.chunks_exact(kind.outputs());
    Some(match kind {
        TaskKind::Classification(_) | TaskKind::Tagging(_) => rows.flat_map(softmax).collect(),
        TaskKind::MultiLabel(_) => logits.iter().map(|&logit| sigmoid(f64::from(logit))).collect(),
        TaskKind::Regression(_) => logits.iter().map(|&score| f64::from(score)).collect(),
    })
}

/// What they say.
pub(super) fn answer(kind: &TaskKind, probabilities: Option<&[f64]>) -> Answer {
    let Some(all) = probabilities else { return Answer::Undefined };
    match kind {
        TaskKind::Classification(_) => Answer::Classes(all.to_vec()),
        TaskKind::MultiLabel(_) => Answer::Labels(all.to_vec()),
        TaskKind::Regression(_) => all.first().map_or(Answer::Undefined, |&score| Answer::Number(score)),
        TaskKind::Tagging(labels) => {
            Answer::Tags(all.chunks_exact(labels.len()).map(most_probable).collect())
        }
    }
}

/// The mean over runs; those of which nothing is defined are left out.
pub(super) fn mean(runs: &[Option<Vec<f64>>]) -> Option<Vec<f64>> {
    let defined: Vec<&Vec<f64>> = runs.iter().flatten().collect();
    let first = defined.first()?;
    let sum = |place: usize| defined.iter().filter_map(|run| run.get(place)).sum::<f64>();
    Some((0..first.len()).map(|place| sum(place) / defined.len() as f64).collect())
}

fn softmax(row: &[f32]) -> Vec<f64> {
    let most = row.iter().fold(f64::NEG_INFINITY, |most, &logit| most.max(f64::from(logit)));
    let powers: Vec<f64> = row.iter().map(|&logit| (f64::from(logit) - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

fn most_probable(row: &[f64]) -> TaggedAs {
    let label = (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    TaggedAs { label: label as u32, probability: row[label] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::task::Range;

    fn labels(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn said(kind: &TaskKind, logits: &[f32]) -> Answer {
        answer(kind, probabilities(kind, logits).as_deref())
    }

    #[test]
    fn each_kind_of_task_says_what_it_is_trained_to_say() {
        let classes = TaskKind::Classification(labels(&["a", "b"]));
        let Answer::Classes(p) = said(&classes, &[0.0, 3_f32.ln()]) else { panic!("classes") };
        assert!((p[0] - 0.25).abs() < 1e-7 && (p[1] - 0.75).abs() < 1e-7);
        let Answer::Classes(p) = said(&classes, &[1000.0, 0.0]) else { panic!("classes") };
        assert_eq!(p, [1.0, 0.0]);
        let several = TaskKind::MultiLabel(labels(&["a", "b"]));
        assert_eq!(said(&several, &[0.0, -1e30]), Answer::Labels(vec![0.5, 0.0]));
        let number = TaskKind::Regression(Range { low: 0.0, high: 5.0 });
        assert_eq!(said(&number, &[5.25]), Answer::Number(5.25));
        let tags = TaskKind::Tagging(labels(&["O", "N"]));
        let Answer::Tags(found) = said(&tags, &[5.0, 0.0, 0.0, 0.0]) else { panic!("tags") };
        assert_eq!(found.iter().map(|tag| tag.label).collect::<Vec<_>>(), [0, 0]);
        assert_eq!(found[1].probability, 0.5);
        for kind in [classes, several, number, tags] {
            assert_eq!(said(&kind, &vec![f32::NAN; kind.outputs()]), Answer::Undefined);
            assert_eq!(said(&kind, &[]), Answer::Undefined);
        }
    }

    #[test]
    fn a_mean_is_of_the_seeds_that_say_something() {
        let runs = [Some(vec![0.25, 0.75]), None, Some(vec![0.75, 0.25])];
        assert_eq!(mean(&runs), Some(vec![0.5, 0.5]));
        assert_eq!(mean(&[None, None]), None);
        assert_eq!(mean(&[]), None);
    }
}

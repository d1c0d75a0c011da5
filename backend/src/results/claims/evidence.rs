//! The hypotheses of each claim.

use super::Claim;
use super::Needs;
use super::hypothesis::Hypothesis;
use crate::results::significance::Study;
use tunemask_shared::mask::Mask;
use tunemask_shared::task::Task;

/// The whole modules of which the paper speaks.
const MODULES: [Mask; 3] = [Mask::Mha, Mask::Ffn, Mask::LayerNorms];

/// What a claim takes to be shown.
pub(super) struct Evidence {
    pub needs: Needs,
    pub hypotheses: Vec<Hypothesis>,
    /// The tasks that it speaks of.
    pub tasks: Vec<Task>,
}

/// What a claim says of a study's masks, or what the study lacks.
pub(super) fn of(claim: Claim, study: &Study, margin: f64) -> Result<Evidence, String> {
    let require = |masks: &[Mask]| {
        let missing: Vec<String> =
            masks.iter().filter(|m| !study.masks.contains(m)).map(|m| format!("`{m}`")).collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("The study has no {}.", missing.join(", "))) }
    };
    let close = |mask: Mask, to: Mask| Hypothesis::close(mask, to, margin);
    let better = |mask: Mask, than: Mask| Hypothesis::better(vec![mask], vec![than], margin);
    let mut tasks = study.tasks.clone();
    let (needs, hypotheses) = match claim {
        Claim::EveryModule | Claim::Tagging => {
            if claim == Claim::Tagging {
                tasks.retain(|task| task.kind().is_tagging());
                if tasks.is_empty() {
                    return Err("The study has no tagging task.".to_owned());
                }
            }
            require(&[&MODULES[..], &[Mask::Full]].concat())?;
            (Needs::All, MODULES.map(|m| close(m, Mask::Full)).into())
        }
        Claim::BestOfTheirSize => {
            require(&[Mask::LayerNorms])?;
            // Outliers of a small LayerNorm may be all of it: that is the same mask, no rival.
            let own = study.trainable(&Mask::LayerNorms).unwrap_or_default();
            let fits = |m: &&Mask| {
                **m != Mask::LayerNorms
                    && study.trainable(m).is_some_and(|n| n <= own)
                    && !study.predict_alike(m, &Mask::LayerNorms)
            };
            let rivals: Vec<&Mask> = study.masks.iter().filter(fits).collect();
            if rivals.is_empty() {
                return Err("The study has no other mask that trains as few parameters.".to_owned());
            }
            (Needs::All, rivals.into_iter().map(|m| better(Mask::LayerNorms, m.clone())).collect())
        }
        Claim::OneType => {
            require(&[Mask::LayerNormA, Mask::LayerNormF, Mask::LayerNorms])?;
            (Needs::Any, [Mask::LayerNormA, Mask::LayerNormF].map(|m| close(m, Mask::LayerNorms)).into())
        }
        Claim::RandomIsWorse => {
            let random = Mask::Random { count: None, seed: None };
            require(&[random.clone(), Mask::LayerNorms])?;
            (Needs::All, vec![better(Mask::LayerNorms, random)])
        }
        Claim::OneBlock => {
            require(&[Mask::LayerNorms])?;
            let blocks = blocks(study)?;
            let near = blocks.into_iter().map(|b| close(Mask::SingleNorm(b), Mask::LayerNorms));
            (Needs::Any, near.collect())
        }
        Claim::MiddleLayers => (Needs::All, vec![middle(study, margin)?]),
        Claim::OutliersMatter => {
            let drawn = |n: usize| {
                let of_size = |m: &&Mask| matches!(m, Mask::OutliersRandom { count, .. } if *count == n);
                study.masks.iter().find(of_size)
            };
            let pairs = outliers(study).into_iter().filter_map(|n| Some((n, drawn(n)?.clone())));
            // Where n is a whole LayerNorm the two are one mask.
            let differ = pairs.filter(|(n, drawn)| !study.predict_alike(&Mask::Outliers(*n), drawn));
            let hypotheses: Vec<Hypothesis> =
                differ.map(|(n, drawn)| better(Mask::Outliers(n), drawn)).collect();
            if hypotheses.is_empty() {
                return Err("The study has no `outliers:N` with `outliers_random:N` beside it.".to_owned());
            }
            (Needs::All, hypotheses)
        }
        Claim::MoreOutliers => {
            let sizes = outliers(study);
            if sizes.len() < 2 {
                return Err("The study has no two numbers of `outliers`.".to_owned());
            }
            let steps = sizes.windows(2).map(|w| better(Mask::Outliers(w[1]), Mask::Outliers(w[0])));
            (Needs::All, steps.collect())
        }
        Claim::FewOutliers => {
            require(&[Mask::Outliers(4), Mask::Frozen])?;
            (Needs::All, vec![better(Mask::Outliers(4), Mask::Frozen)])
        }
    };
    Ok(Evidence { needs, hypotheses, tasks })
}

/// The numbers of outliers that a study trains, ascending.
fn outliers(study: &Study) -> Vec<usize> {
    let mut sizes: Vec<usize> =
        study.masks.iter().filter_map(|m| if let Mask::Outliers(n) = m { Some(*n) } else { None }).collect();
    sizes.sort_unstable();
    sizes
}

/// The blocks whose LayerNorms a study trains alone, ascending. The highest that it names is taken for the top, so all must
/// be there.
fn blocks(study: &Study) -> Result<Vec<usize>, String> {
    let mut blocks: Vec<usize> = study
        .masks
        .iter()
        .filter_map(|m| if let Mask::SingleNorm(b) = m { Some(*b) } else { None })
        .collect();
    blocks.sort_unstable();
    let top = blocks.last().copied().unwrap_or(0);
    let missing: Vec<String> =
        (1..=top).filter(|b| !blocks.contains(b)).map(|b| format!("`single_norm:{b}`")).collect();
    if top < 3 {
        return Err("The study has no `single_norm` of three blocks or more.".into());
    }
    if !missing.is_empty() {
        return Err(format!("The study has no {}.", missing.join(", ")));
    }
    Ok(blocks)
}

/// The blocks of the middle third against all others.
fn middle(study: &Study, margin: f64) -> Result<Hypothesis, String> {
    let blocks = blocks(study)?;
    let top = blocks.len();
    // Block b covers the depths (b − 1)/top to b/top; it is in the middle if its centre is.
    let is_middle = |b: &usize| (2 * top..=4 * top).contains(&(3 * (2 * b - 1)));
    let (inner, outer): (Vec<usize>, Vec<usize>) = blocks.into_iter().partition(is_middle);
    let masks = |blocks: Vec<usize>| blocks.into_iter().map(Mask::SingleNorm).collect();
    Ok(Hypothesis::better(masks(inner), masks(outer), margin))
}

//! The hypotheses of each claim.

use super::Claim;
use super::hypothesis::Hypothesis;
use crate::results::significance::{Contrast, Study};
use tunemask_shared::mask::Mask;
use tunemask_shared::task::Task;

/// The whole modules of which the paper speaks.
const MODULES: [Mask; 3] = [Mask::Mha, Mask::Ffn, Mask::LayerNorms];

/// What a claim takes to be shown.
pub(super) struct Evidence {
    /// All that are planned, also those of which the study lacks masks.
    pub hypotheses: Vec<Hypothesis>,
    /// The tasks that it speaks of.
    pub tasks: Vec<Task>,
}

/// What a claim says of a study's masks, or what the study lacks to say anything.
pub(super) fn of(claim: Claim, study: &Study, margin: f64) -> Result<Evidence, String> {
    let close = |mask: Mask, to: Mask| Hypothesis::close(mask, to, margin);
    let better = |mask: Mask, than: Mask| Hypothesis::better(Contrast::pair(mask, than), margin);
    let mut tasks = study.tasks.clone();
    let hypotheses: Vec<Hypothesis> = match claim {
        // It would be said twice.
        Claim::EveryModule if tasks.iter().all(|task| task.kind().is_tagging()) => {
            return Err(
                "All tasks of the study are tagging tasks, which only the last claim covers.".to_owned()
            );
        }
        Claim::EveryModule => MODULES.map(|m| close(m, Mask::Full)).into(),
        Claim::Tagging => {
            tasks.retain(|task| task.kind().is_tagging());
            if tasks.is_empty() {
                return Err("The study has no tagging task.".to_owned());
            }
            MODULES.map(|m| close(m, Mask::Full)).into()
        }
        Claim::BestOfTheirSize => {
            rivals(study)?.into_iter().map(|m| better(Mask::LayerNorms, m.clone())).collect()
        }
        Claim::OneType => [Mask::LayerNormA, Mask::LayerNormF].map(|m| close(m, Mask::LayerNorms)).into(),
        Claim::RandomIsWorse => {
            vec![better(Mask::LayerNorms, Mask::Random { count: None, seed: None })]
        }
        Claim::OneBlock => {
            let blocks = 1..=top_block(study)?;
            blocks.map(|b| close(Mask::SingleNorm(b), Mask::LayerNorms)).collect()
        }
        Claim::MiddleLayers => vec![Hypothesis::better(middle(top_block(study)?), margin)],
        Claim::OutliersMatter => {
            drawn_beside_outliers(study)?.into_iter().map(|(mask, drawn)| better(mask, drawn)).collect()
        }
        Claim::MoreOutliers => {
            let sizes = outliers(study);
            if sizes.len() < 2 {
                return Err("The study has fewer than two sizes of `outliers`.".to_owned());
            }
            sizes.windows(2).map(|w| better(Mask::Outliers(w[1]), Mask::Outliers(w[0]))).collect()
        }
        Claim::FewOutliers => vec![better(Mask::Outliers(4), Mask::Frozen)],
    };
    Ok(Evidence { hypotheses, tasks })
}

/// The masks that train no more than the LayerNorms.
fn rivals(study: &Study) -> Result<Vec<&Mask>, String> {
    if !study.masks.contains(&Mask::LayerNorms) {
        return Err(format!("The study has no `{}`.", Mask::LayerNorms));
    }
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
    Ok(rivals)
}

/// Each number of outliers with its control of the same number, drawn at random.
fn drawn_beside_outliers(study: &Study) -> Result<Vec<(Mask, Mask)>, String> {
    let drawn = |n: usize| {
        let of_size = |m: &&Mask| matches!(m, Mask::OutliersRandom { count, .. } if *count == n);
        study.masks.iter().find(of_size)
    };
    let pairs = outliers(study).into_iter().filter_map(|n| Some((Mask::Outliers(n), drawn(n)?.clone())));
    // Where n is a whole LayerNorm the two are one mask.
    let pairs: Vec<_> = pairs.filter(|(mask, drawn)| !study.predict_alike(mask, drawn)).collect();
    if pairs.is_empty() {
        return Err("The study has no `outliers:N` with `outliers_random:N` beside it.".to_owned());
    }
    Ok(pairs)
}

/// The numbers of outliers that a study trains, ascending.
fn outliers(study: &Study) -> Vec<usize> {
    let mut sizes: Vec<usize> =
        study.masks.iter().filter_map(|m| if let Mask::Outliers(n) = m { Some(*n) } else { None }).collect();
    sizes.sort_unstable();
    sizes
}

/// The highest block whose LayerNorms a study trains alone, which is taken for the model's top: a comparison of each block
/// up to it is planned.
fn top_block(study: &Study) -> Result<usize, String> {
    let block = |m: &Mask| if let Mask::SingleNorm(b) = m { Some(*b) } else { None };
    match study.masks.iter().filter_map(block).max() {
        Some(top) if top >= 3 => Ok(top),
        _ => Err("The study has no `single_norm` of three blocks or more.".to_owned()),
    }
}

/// The blocks of the middle third against all others.
fn middle(top: usize) -> Contrast {
    // Block b covers the depths (b − 1)/top to b/top; it is in the middle if its centre is.
    let is_middle = |b: &usize| (2 * top..=4 * top).contains(&(3 * (2 * b - 1)));
    let (inner, outer): (Vec<usize>, Vec<usize>) = (1..=top).partition(is_middle);
    let masks = |blocks: Vec<usize>| blocks.into_iter().map(Mask::SingleNorm).collect();
    Contrast { left: masks(inner), right: masks(outer) }
}

//! The hypotheses of each claim.

use super::Needs;
use super::hypothesis::Hypothesis;
use super::{Claim, Quantity};
use crate::results::significance::Study;
use tunemask_shared::mask::Mask;

/// The whole modules of which the paper speaks.
const MODULES: [Mask; 3] = [Mask::Mha, Mask::Ffn, Mask::LayerNorms];

/// What a claim says of a study's masks, or which masks the study lacks.
pub(super) fn of(claim: Claim, study: &Study, margin: f64) -> Result<(Needs, Vec<Hypothesis>), String> {
    let require = |masks: &[Mask]| {
        let missing: Vec<String> =
            masks.iter().filter(|m| !study.masks.contains(m)).map(|m| format!("`{m}`")).collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("The study has no {}.", missing.join(", "))) }
    };
    let close = |mask: Mask, to: Mask| Hypothesis::close(mask, to, margin);
    let better = |mask: Mask, than: Mask| Hypothesis::better(vec![mask], vec![than], margin);
    Ok(match claim {
        Claim::EveryModule => {
            require(&[&MODULES[..], &[Mask::Full]].concat())?;
            (Needs::All, MODULES.map(|m| close(m, Mask::Full)).into())
        }
        Claim::BestPerParameter => {
            require(&[&MODULES[..], &[Mask::Frozen]].concat())?;
            let others = [Mask::Mha, Mask::Ffn, Mask::BitFit].into_iter().filter(|m| study.masks.contains(m));
            let by_parameter = others.map(|other| Hypothesis {
                left: vec![Mask::LayerNorms],
                right: vec![other],
                quantity: Quantity::GainPerMillion,
                bound: 0.0,
                contrary_bound: 0.0,
            });
            let gain = better(Mask::LayerNorms, Mask::Frozen);
            (Needs::All, std::iter::once(gain).chain(by_parameter).collect())
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
        Claim::MiddleLayers => (Needs::All, vec![middle(study, margin)?]),
        Claim::FewOutliers => {
            require(&[Mask::Outliers(4), Mask::Frozen])?;
            (Needs::All, vec![better(Mask::Outliers(4), Mask::Frozen)])
        }
    })
}

/// The blocks of the middle third against all others. The highest block that the study names is taken for the
/// top, so all must be there.
fn middle(study: &Study, margin: f64) -> Result<Hypothesis, String> {
    let mut blocks: Vec<usize> = study
        .masks
        .iter()
        .filter_map(|m| if let Mask::SingleNorm(block) = m { Some(*block) } else { None })
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
    // Block b covers the depths (b − 1)/top to b/top; it is in the middle if its centre is.
    let is_middle = |b: &usize| (2 * top..=4 * top).contains(&(3 * (2 * b - 1)));
    let (inner, outer): (Vec<usize>, Vec<usize>) = blocks.into_iter().partition(is_middle);
    let masks = |blocks: Vec<usize>| blocks.into_iter().map(Mask::SingleNorm).collect();
    Ok(Hypothesis::better(masks(inner), masks(outer), margin))
}

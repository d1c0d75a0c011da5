//! Which masks nothing beats that trains as few parameters: the front of quality against trained parameters.

use super::Options;
use crate::results::significance::{Estimate, Study, holm};
use serde::{Deserialize, Serialize};
use tunemask_shared::mask::Mask;

/// A mask's place beside the front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontPlace {
    /// The mask.
    pub mask: Mask,
    /// Scalars that it trains.
    pub trainable: u64,
    /// Mean over the tasks on which all masks are settled, of their first metrics.
    #[serde(with = "tunemask_shared::number")]
    pub mean: f64,
    /// The best of the masks that train no more parameters and have a higher mean; `None` on the front.
    pub beaten_by: Option<Mask>,
    /// Whether that one is better is shown: one-sided p-value, Holm-corrected over the masks below the front. Not-a-number on
    /// the front, and where seeds or predictions are too few.
    #[serde(with = "tunemask_shared::number")]
    pub p: f64,
}

impl FrontPlace {
    /// The place in words.
    pub fn sentence(&self, options: Options) -> String {
        match &self.beaten_by {
            None => "on the front".to_owned(),
            Some(by) if self.p < options.alpha => format!("below: {by} is better"),
            Some(by) => format!("perhaps below: {by} has a higher mean"),
        }
    }
}

/// The settled masks of a study by what they train, fewest first. Empty if they have no task in common.
pub fn front(study: &Study) -> Vec<FrontPlace> {
    let masks: Vec<&Mask> =
        study.masks.iter().filter(|m| study.tasks.iter().any(|&t| study.cell(m, t).is_some())).collect();
    let tasks = study.common_tasks(masks.iter().copied());
    let mean = |mask: &Mask| Estimate::on(study, &[(mask.clone(), 1.0)], &tasks).map(|e| e.value);
    let mut known: Vec<(&Mask, u64, f64)> =
        masks.iter().filter_map(|&m| Some((m, study.trainable(m)?, mean(m)?))).collect();
    known.sort_by(|a, b| a.1.cmp(&b.1).then(b.2.total_cmp(&a.2)));
    let mut places: Vec<FrontPlace> = known
        .iter()
        .map(|&(mask, trainable, mean)| {
            let rivals = known.iter().filter(|r| r.1 <= trainable && r.2 > mean);
            let best = rivals.max_by(|a, b| a.2.total_cmp(&b.2)).map(|r| r.0);
            let test = best.and_then(|by| {
                let contrast = [(by.clone(), 1.0), (mask.clone(), -1.0)];
                Some(Estimate::on(study, &contrast, &tasks)?.on_method.p_above(0.0))
            });
            let (mask, beaten_by) = (mask.clone(), best.cloned());
            FrontPlace { mask, trainable, mean, beaten_by, p: test.unwrap_or(f64::NAN) }
        })
        .collect();
    let corrected = holm(&places.iter().map(|place| place.p).collect::<Vec<_>>());
    places.iter_mut().zip(corrected).for_each(|(place, p)| place.p = p);
    places
}

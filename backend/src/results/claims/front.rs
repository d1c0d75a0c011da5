//! Which masks nothing beats that trains as few parameters: the front of quality against trained parameters.

use super::Options;
use crate::results::Summary;
use crate::results::significance::{Estimate, Study, holm};
use serde::{Deserialize, Serialize};
use tunemask_shared::mask::Mask;
use tunemask_shared::task::Task;

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
    /// Of the masks that train no more parameters and have a higher mean the one whose lead is surest; `None` on the front.
    pub beaten_by: Option<Mask>,
    /// Whether that one is better is shown: one-sided p-value, Holm-corrected over all pairs of a mask and such a rival. Not-a-number on
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
            Some(by) => format!("possibly below: {by} has a higher mean"),
        }
    }
}

/// The settled masks of a study by what they train, fewest first. Empty if they have no task in common.
pub fn front(study: &Study) -> Vec<FrontPlace> {
    let masks: Vec<&Mask> =
        study.masks.iter().filter(|m| study.tasks.iter().any(|t| study.cell(m, t).is_some())).collect();
    let tasks = study.common_tasks(masks.iter().copied());
    // All by one measure.
    let flattered = study.cells.iter().any(|cell| cell.flattered);
    let mean = |mask: &Mask| {
        let of_task = |task: &Task| {
            let cell = study.cell(mask, task)?;
            Some(Summary::of(if flattered { &cell.scores } else { cell.compared() }).mean)
        };
        Some(Summary::of(&tasks.iter().map(of_task).collect::<Option<Vec<f64>>>()?).mean)
    };
    let place = |&mask: &&Mask| {
        let (trainable, mean) = (study.trainable(mask)?, mean(mask)?);
        Some(FrontPlace { mask: mask.clone(), trainable, mean, beaten_by: None, p: f64::NAN })
    };
    let mut places: Vec<FrontPlace> = masks.iter().filter_map(place).collect();
    places.sort_by(|a, b| a.trainable.cmp(&b.trainable).then(b.mean.total_cmp(&a.mean)));
    let rivals = rivals(study, &places, &tasks);
    let corrected = holm(&rivals.iter().map(|rival| rival.p).collect::<Vec<_>>());
    for (rival, p) in rivals.into_iter().zip(corrected) {
        let better = places[rival.by].mean;
        let by = places[rival.by].mask.clone();
        let best_so_far = places[rival.of].beaten_by.clone();
        let so_far =
            places.iter().find(|place| Some(&place.mask) == best_so_far.as_ref()).map(|place| place.mean);
        let place = &mut places[rival.of];
        // The rival whose lead is surest; where none is known to lead, the one with the highest mean.
        if p < place.p || place.p.is_nan() && so_far.is_none_or(|so_far| better > so_far || !p.is_nan()) {
            place.beaten_by = Some(by);
            place.p = p;
        }
    }
    places
}

/// A mask that trains no more parameters than another and has a higher mean.
struct Rival {
    of: usize,
    by: usize,
    p: f64,
}

fn rivals(study: &Study, places: &[FrontPlace], tasks: &[Task]) -> Vec<Rival> {
    let mut rivals = Vec::new();
    for (of, place) in places.iter().enumerate() {
        for (by, rival) in places.iter().enumerate() {
            if rival.trainable <= place.trainable && rival.mean > place.mean {
                let contrast = [(rival.mask.clone(), 1.0), (place.mask.clone(), -1.0)];
                let test =
                    Estimate::on(study, &contrast, tasks).map(|estimate| estimate.on_method.p_above(0.0));
                rivals.push(Rival { of, by, p: test.unwrap_or(f64::NAN) });
            }
        }
    }
    rivals
}

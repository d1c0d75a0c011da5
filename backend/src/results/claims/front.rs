//! Which masks nothing beats that trains as few parameters: the front of quality against trained parameters.

use super::Options;
use crate::results::Summary;
use crate::results::significance::{Contrast, Estimate, Measure, Study, holm};
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
    /// Whether that one is better is shown: one-sided p-value, Holm-corrected over all pairs of a mask and one that trains no more
    /// parameters. Not-a-number on the front, and where seeds or predictions are too few.
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

/// The settled masks of a study by what they train, fewest first. Empty if they have no task in common that is scored in points.
pub fn front(study: &Study) -> Vec<FrontPlace> {
    let masks: Vec<&Mask> = study.masks.iter().filter(|m| !study.common_tasks([*m]).is_empty()).collect();
    let tasks = study.common_tasks(masks.iter().copied());
    if tasks.is_empty() {
        return Vec::new();
    }
    let measure = Measure::of(study.cells.iter());
    let mean = |mask: &Mask| {
        let of_task = |task: &Task| Some(Summary::of(measure.scores(study.cell(mask, task)?)).mean);
        Some(Summary::of(&tasks.iter().map(of_task).collect::<Option<Vec<f64>>>()?).mean)
    };
    let place = |&mask: &&Mask| {
        let (trainable, mean) = (study.trainable(mask)?, mean(mask)?);
        Some(FrontPlace { mask: mask.clone(), trainable, mean, beaten_by: None, p: f64::NAN })
    };
    let mut places: Vec<FrontPlace> = masks.iter().filter_map(place).collect();
    places.sort_by(|a, b| a.trainable.cmp(&b.trainable).then(b.mean.total_cmp(&a.mean)));
    let rivals = rivals(study, &places, &tasks);
    for i in 0..places.len() {
        let own = rivals.iter().filter(|rival| rival.of == i && places[rival.by].mean > places[i].mean);
        // The surest first; where nothing is known, the one with the highest mean.
        let surest = own.min_by(|a, b| {
            let mean = |rival: &Rival| places[rival.by].mean;
            let by_p = a.p.partial_cmp(&b.p).unwrap_or_else(|| a.p.is_nan().cmp(&b.p.is_nan()));
            by_p.then(mean(b).total_cmp(&mean(a)))
        });
        if let Some(rival) = surest {
            let (by, p) = (places[rival.by].mask.clone(), rival.p_holm);
            (places[i].beaten_by, places[i].p) = (Some(by), p);
        }
    }
    places
}

/// A mask that trains no more parameters than another.
struct Rival {
    of: usize,
    by: usize,
    /// One-sided p-value of "it is better".
    p: f64,
    p_holm: f64,
}

/// All that could be better, whatever their means: which are is what is asked, so all are counted.
fn rivals(study: &Study, places: &[FrontPlace], tasks: &[Task]) -> Vec<Rival> {
    let mut rivals = Vec::new();
    for (of, place) in places.iter().enumerate() {
        for (by, rival) in places.iter().enumerate() {
            if by != of && rival.trainable <= place.trainable {
                let contrast = Contrast::pair(rival.mask.clone(), place.mask.clone());
                let p = Estimate::on(study, &contrast, tasks).map(|found| found.on_method.p_above(0.0));
                rivals.push(Rival { of, by, p: p.unwrap_or(f64::NAN), p_holm: f64::NAN });
            }
        }
    }
    let corrected = holm(&rivals.iter().map(|rival| rival.p).collect::<Vec<_>>());
    rivals.iter_mut().zip(corrected).for_each(|(rival, p)| rival.p_holm = p);
    rivals
}

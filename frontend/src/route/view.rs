//! What of a page's runs is shown, and how.

use crate::filter::Filter;
use crate::interval::Interval;
use crate::setting::Setting;
use crate::sort::Sort;
use crate::trial::Trial;
use crate::visibility::Visibility;
use tunemask_shared::run::RunId;

/// What of an experiment's runs is shown, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewOptions {
    /// How charts are drawn.
    pub setting: Setting,
    /// The part of their horizontal axis shown, if not all.
    pub zoom: Option<Interval>,
    /// Which of them stand where.
    pub charts: ChartOrder,
    /// Which runs are shown.
    pub filter: Filter,
    /// How the table of runs is sorted; in the order of training if not.
    pub sort: Option<Sort>,
    /// Which of them the charts draw.
    pub visibility: Visibility,
    /// The text that they read.
    pub trial: Trial,
    /// Which of them stand first in the list and are drawn above all others, in this order.
    pub pinned: Vec<RunId>,
}

impl ViewOptions {
    /// Puts a run first, behind those that are there already, or back where it was.
    pub fn toggle_pin(&mut self, run: &RunId) {
        match self.pinned.iter().position(|other| other == run) {
            Some(at) => drop(self.pinned.remove(at)),
            None => self.pinned.push(run.clone()),
        }
    }
}

/// Which charts stand first and which not at all, by their words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartOrder {
    /// Those before all others, in this order.
    pub pinned: Vec<String>,
    /// Those that are not shown.
    pub hidden: Vec<String>,
}

impl ChartOrder {
    /// Charts in this order, without those that are hidden.
    pub fn apply<T>(&self, mut charts: Vec<T>, word: impl Fn(&T) -> String) -> Vec<T> {
        charts.retain(|chart| !self.hidden.contains(&word(chart)));
        let place = |chart: &T| {
            let word = word(chart);
            self.pinned.iter().position(|pinned| *pinned == word).unwrap_or(self.pinned.len())
        };
        charts.sort_by_key(place);
        charts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_charts_stand_first_and_hidden_ones_not_at_all() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let order = ChartOrder { pinned: words(&["speed", "rate"]), hidden: words(&["norm", "gone"]) };
        let charts = words(&["loss", "norm", "rate", "speed"]);
        assert_eq!(order.apply(charts, String::clone), ["speed", "rate", "loss"]);
    }
}

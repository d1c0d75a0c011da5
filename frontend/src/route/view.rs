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
    /// Those that show a part of their vertical axis.
    pub shown_values: Vec<ShownValues>,
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

/// The part of its vertical axis that a chart shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownValues {
    /// The chart's word.
    pub chart: String,
    /// What is seen of the axis.
    pub shown: Interval,
}

impl ShownValues {
    /// The word in an address, `loss:0.2000..0.8000`.
    pub fn word(&self) -> String {
        format!("{}:{}", self.chart, self.shown.word())
    }

    /// Reads [`ShownValues::word`].
    pub fn read(word: &str) -> Option<ShownValues> {
        // A chart's own word may have colons.
        let (chart, shown) = word.rsplit_once(':')?;
        Some(ShownValues { chart: chart.to_owned(), shown: Interval::read(shown)? })
    }
}

/// Which charts stand first, in which order the others, and which not at all, by their words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartOrder {
    /// Those before all others, in this order.
    pub pinned: Vec<String>,
    /// Those before all others that are not pinned, in this order.
    pub moved: Vec<String>,
    /// Those that are not shown.
    pub hidden: Vec<String>,
}

impl ChartOrder {
    /// Charts in this order, without those that are hidden.
    pub fn apply<T>(&self, mut charts: Vec<T>, word: impl Fn(&T) -> String) -> Vec<T> {
        charts.retain(|chart| !self.hidden.contains(&word(chart)));
        charts.sort_by_key(|chart| {
            let word = word(chart);
            (place(&self.pinned, &word), place(&self.moved, &word))
        });
        charts
    }

    /// The order in which a chart has changed places with the next one that is shown of its kind, pinned or not, of these charts,
    /// which are in their usual order; `None` where there is no such chart.
    pub fn with_moved(&self, word: &str, to: Toward, charts: &[String]) -> Option<ChartOrder> {
        let is_shown = |chart: &String| charts.contains(chart) && !self.hidden.contains(chart);
        if self.pinned.iter().any(|pinned| pinned == word) {
            let pinned = passed(self.pinned.clone(), word, to, is_shown)?;
            return Some(ChartOrder { pinned, ..self.clone() });
        }
        // Those that are hidden or of a task that is not shown keep their places for when they come back.
        let mut all = self.moved.clone();
        all.extend(charts.iter().filter(|chart| !self.moved.contains(chart)).cloned());
        let all = passed(all, word, to, |chart| is_shown(chart) && !self.pinned.contains(chart))?;
        // What stands behind in its usual order need not be said.
        let is_enough = |said: &usize| {
            let mut usual = charts.iter().filter(|chart| !all[..*said].contains(chart));
            all[*said..].iter().all(|chart| usual.next() == Some(chart))
        };
        let said = (0..all.len()).find(is_enough).unwrap_or(all.len());
        Some(ChartOrder { moved: all[..said].to_vec(), ..self.clone() })
    }
}

/// Where a chart that is moved goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    /// Before the one that it stands behind.
    Earlier,
    /// Behind the one that it stands before.
    Later,
}

/// Where a word stands among words; behind all of them if it does not.
fn place(words: &[String], word: &str) -> usize {
    words.iter().position(|other| other == word).unwrap_or(words.len())
}

/// Words of which one has passed the next that counts; `None` where none does.
fn passed(
    mut words: Vec<String>,
    word: &str,
    to: Toward,
    counts: impl Fn(&String) -> bool,
) -> Option<Vec<String>> {
    let from = words.iter().position(|other| other == word)?;
    let onto = match to {
        Toward::Earlier => words[..from].iter().rposition(counts)?,
        Toward::Later => from + 1 + words[from + 1..].iter().position(counts)?,
    };
    let moved = words.remove(from);
    words.insert(onto, moved);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_values_come_back_from_their_word() {
        let read = |word: &str| ShownValues::read(word).map(|values| values.word());
        for word in ["loss:0.2000..0.8000", "mnli:accuracy:1:-10.00..80.00"] {
            assert_eq!(read(word).as_deref(), Some(word));
        }
        for none in ["", "loss", "loss:", "loss:1", "0..1", "loss:2..2"] {
            assert_eq!(ShownValues::read(none), None, "{none}");
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn hiding(hidden: &[&str]) -> ChartOrder {
        ChartOrder { hidden: words(hidden), ..ChartOrder::default() }
    }

    #[test]
    fn a_chart_passes_the_next_one_that_is_shown() {
        let charts = words(&["loss", "norm", "rate", "speed"]);
        let order = ChartOrder { moved: words(&["gone"]), ..hiding(&["norm"]) };
        let shown = |order: &ChartOrder| order.apply(charts.clone(), String::clone);
        let moved = |order: &ChartOrder, word: &str, to| order.with_moved(word, to, &charts);
        let order = moved(&order, "rate", Toward::Earlier).unwrap();
        assert_eq!(shown(&order), ["rate", "loss", "speed"]);
        // A chart that is not there now keeps its place, and what follows as usual is not said.
        assert_eq!(order.moved, ["gone", "rate"]);
        assert_eq!(moved(&order, "rate", Toward::Earlier), None);
        assert_eq!(moved(&order, "speed", Toward::Later), None);
        let back = moved(&order, "rate", Toward::Later).unwrap();
        assert_eq!(shown(&back), ["loss", "rate", "speed"]);
        let order = moved(&ChartOrder::default(), "speed", Toward::Earlier).unwrap();
        assert_eq!(order.moved, ["loss", "norm", "speed"]);
        assert_eq!(moved(&order, "speed", Toward::Later), Some(ChartOrder::default()));
    }

    #[test]
    fn pinned_charts_move_among_themselves() {
        let charts = words(&["loss", "norm", "rate", "speed"]);
        let order = ChartOrder { pinned: words(&["speed", "rate"]), ..ChartOrder::default() };
        let moved = |word: &str, to| order.with_moved(word, to, &charts);
        let other = moved("rate", Toward::Earlier).unwrap();
        assert_eq!((&other.pinned[..], &other.moved[..]), (&words(&["rate", "speed"])[..], &[][..]));
        assert_eq!((moved("rate", Toward::Later), moved("loss", Toward::Earlier)), (None, None));
        let other = moved("loss", Toward::Later).unwrap();
        assert_eq!(other.apply(charts.clone(), String::clone), ["speed", "rate", "norm", "loss"]);
    }

    #[test]
    fn pinned_charts_stand_first_and_hidden_ones_not_at_all() {
        let order = ChartOrder { pinned: words(&["speed", "rate"]), ..hiding(&["norm", "gone"]) };
        let charts = words(&["loss", "norm", "rate", "speed"]);
        assert_eq!(order.apply(charts, String::clone), ["speed", "rate", "loss"]);
    }
}

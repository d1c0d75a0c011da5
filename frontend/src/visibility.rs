//! Which of the runs that pass the filters are drawn in the charts, chosen one by one.

use std::collections::BTreeSet;
use tunemask_shared::run::RunId;

/// The runs that are drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Visibility {
    /// All but these.
    AllBut(BTreeSet<RunId>),
    /// These alone.
    Only(BTreeSet<RunId>),
}

impl Default for Visibility {
    fn default() -> Self {
        Visibility::AllBut(BTreeSet::new())
    }
}

impl Visibility {
    /// None at all.
    pub fn none() -> Visibility {
        Visibility::Only(BTreeSet::new())
    }

    /// Whether a run is drawn.
    pub fn shows(&self, run: &RunId) -> bool {
        match self {
            Visibility::AllBut(hidden) => !hidden.contains(run),
            Visibility::Only(shown) => shown.contains(run),
        }
    }

    /// Shows a run that is hidden, hides one that is shown.
    pub fn toggle(&mut self, run: &RunId) {
        if self.shows(run) {
            self.hide(std::slice::from_ref(run))
        } else {
            self.show(std::slice::from_ref(run))
        }
    }

    /// Hides runs that are all shown; else shows them all.
    pub fn toggle_all(&mut self, runs: &[RunId]) {
        if runs.iter().all(|run| self.shows(run)) { self.hide(runs) } else { self.show(runs) }
    }

    /// Shows runs alone; all, if they were alone already.
    pub fn toggle_only(&mut self, runs: &[RunId]) {
        let alone = Visibility::Only(runs.iter().cloned().collect());
        *self = if *self == alone { Visibility::default() } else { alone };
    }

    fn show(&mut self, runs: &[RunId]) {
        match self {
            Visibility::AllBut(hidden) => runs.iter().for_each(|run| _ = hidden.remove(run)),
            Visibility::Only(shown) => shown.extend(runs.iter().cloned()),
        }
    }

    fn hide(&mut self, runs: &[RunId]) {
        match self {
            Visibility::AllBut(hidden) => hidden.extend(runs.iter().cloned()),
            Visibility::Only(shown) => runs.iter().for_each(|run| _ = shown.remove(run)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_hidden_shown_and_shown_alone() {
        let [a, b] = ["a", "b"].map(|id| RunId(id.into()));
        let alone = |run: &RunId| vec![run.clone()];
        let mut seen = Visibility::default();
        assert!(seen.shows(&a) && seen.shows(&b));
        seen.toggle(&a);
        assert!(!seen.shows(&a) && seen.shows(&b));
        seen.toggle(&a);
        assert_eq!(seen, Visibility::default());
        seen.toggle_only(&alone(&b));
        assert!(!seen.shows(&a) && seen.shows(&b));
        seen.toggle(&a);
        assert!(seen.shows(&a) && seen.shows(&b));
        seen.toggle_only(&alone(&b));
        seen.toggle_only(&alone(&b));
        assert_eq!(seen, Visibility::default());
    }

    #[test]
    fn a_group_of_which_some_are_hidden_is_shown_whole() {
        let [a, b, c] = ["a", "b", "c"].map(|id| RunId(id.into()));
        let group = [a.clone(), b.clone()];
        for mut seen in [Visibility::default(), Visibility::Only([a.clone(), b.clone(), c.clone()].into())] {
            seen.toggle(&a);
            seen.toggle_all(&group);
            assert!(seen.shows(&a) && seen.shows(&b) && seen.shows(&c));
            seen.toggle_all(&group);
            assert!(!seen.shows(&a) && !seen.shows(&b) && seen.shows(&c));
        }
    }
}

//! Which of the runs that pass the filters are drawn in the charts, chosen one by one.

use tunemask_shared::run::RunId;

/// The runs that are drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Visibility {
    /// All but these.
    AllBut(Vec<RunId>),
    /// These alone.
    Only(Vec<RunId>),
}

impl Default for Visibility {
    fn default() -> Self {
        Visibility::AllBut(Vec::new())
    }
}

impl Visibility {
    /// Whether a run is drawn.
    pub fn shows(&self, run: &RunId) -> bool {
        match self {
            Visibility::AllBut(hidden) => !hidden.contains(run),
            Visibility::Only(shown) => shown.contains(run),
        }
    }

    /// Shows a run that is hidden, hides one that is shown.
    pub fn toggle(&mut self, run: &RunId) {
        let (Visibility::AllBut(listed) | Visibility::Only(listed)) = self;
        match listed.iter().position(|known| known == run) {
            Some(place) => {
                listed.remove(place);
            }
            None => listed.push(run.clone()),
        }
    }

    /// Shows a run alone; all, if it was alone already.
    pub fn toggle_only(&mut self, run: &RunId) {
        let alone = Visibility::Only(vec![run.clone()]);
        *self = if *self == alone { Visibility::default() } else { alone };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_hidden_shown_and_shown_alone() {
        let [a, b] = ["a", "b"].map(|id| RunId(id.into()));
        let mut seen = Visibility::default();
        assert!(seen.shows(&a) && seen.shows(&b));
        seen.toggle(&a);
        assert!(!seen.shows(&a) && seen.shows(&b));
        seen.toggle(&a);
        assert_eq!(seen, Visibility::default());
        seen.toggle_only(&b);
        assert!(!seen.shows(&a) && seen.shows(&b));
        seen.toggle(&a);
        assert!(seen.shows(&a) && seen.shows(&b));
        seen.toggle_only(&b);
        seen.toggle_only(&b);
        assert_eq!(seen, Visibility::default());
    }
}

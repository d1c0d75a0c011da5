//! What every page knows of the lab: of each experiment what a list of them shows, and of its runs nothing but how many
//! stand where.
//!
//! The server folds it from the lab's state, and tells a page what has become different since it told it last
//! (`Overview::change_to`); a page takes that over (`Overview::apply`), and has the server's again. So a page that was told
//! nothing for a while has missed nothing, however much was written meanwhile.

use crate::event::ExperimentId;
use crate::progress::Progress;
use crate::state::{ExperimentState, LabState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What every page knows of the lab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Number of the last line of the log in it; 0 before the first.
    pub seq: u64,
    /// Whether the queue is stopped.
    pub paused: bool,
    /// Experiments of which runs wait or train, in the order in which they train.
    pub queue: Vec<ExperimentId>,
    /// By number.
    pub experiments: BTreeMap<ExperimentId, Summary>,
}

/// An experiment in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What it is.
    pub about: About,
    /// How far it is.
    pub progress: Progress,
}

/// What an experiment is, as far as one looks for it by that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Its name, the one given last.
    pub name: String,
    /// The model, as it was asked for.
    pub model: String,
    /// The data folder, if there is one.
    pub data: Option<String>,
    /// Names of its tasks.
    pub tasks: Vec<String>,
    /// Its masks.
    pub masks: Vec<String>,
    /// When it was accepted, in milliseconds since 1970.
    pub created_ms: u64,
    /// A text of the user's; empty if there is none.
    pub note: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether it is put away.
    pub archived: bool,
    /// The first of the experiments before it that has exactly its runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_runs_as: Option<ExperimentId>,
}

/// What has become different.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OverviewChange {
    /// Number of the last line of the log in it.
    pub seq: u64,
    /// Whether the queue is stopped.
    pub paused: bool,
    /// The queue, whole.
    pub queue: Vec<ExperimentId>,
    /// The experiments that are not as they were.
    pub experiments: BTreeMap<ExperimentId, SummaryChange>,
}

/// What has become of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummaryChange {
    /// It is new, or was written on.
    Whole(Box<Summary>),
    /// Its runs have gone on.
    Progress(Progress),
    /// It was deleted.
    Deleted,
}

impl Overview {
    /// The overview of all that was written.
    pub fn of(lab: &LabState) -> Overview {
        let mut overview = Overview::default();
        overview.refresh(lab, lab.experiments.keys().copied());
        overview
    }

    /// Takes over what has become of these experiments, whether they are known, new or gone; of all others nothing may have
    /// been written since.
    pub fn refresh(&mut self, lab: &LabState, written: impl Iterator<Item = ExperimentId>) {
        (self.seq, self.paused) = (lab.seq, lab.paused);
        let written: Vec<ExperimentId> = written.collect();
        for id in &written {
            match lab.experiments.get(id) {
                Some(found) => _ = self.experiments.insert(*id, Summary::of(lab, *id, found)),
                None => _ = self.experiments.remove(id),
            }
        }
        // Those that had the same runs as one that is gone now, or has others.
        for (id, Summary { about, .. }) in &mut self.experiments {
            if about.same_runs_as.is_some_and(|other| written.contains(&other)) {
                let runs = lab.experiments.get(id).map(|found| &found.runs[..]);
                about.same_runs_as = runs.and_then(|runs| lab.first_with(runs, Some(*id)));
            }
        }
        // By the summaries, so that not all runs of the lab are looked at.
        let open = |id: &ExperimentId| self.experiments.get(id).is_some_and(|s| s.progress.is_active());
        self.queue = lab.training_order().filter(open).collect();
    }

    /// What leads from this to a newer one; `None` if they differ in nothing but their age.
    pub fn change_to(&self, newer: &Overview) -> Option<OverviewChange> {
        let mut experiments = BTreeMap::new();
        for (id, summary) in &newer.experiments {
            match self.experiments.get(id) {
                Some(known) if known == summary => {}
                Some(known) if known.about == summary.about => {
                    experiments.insert(*id, SummaryChange::Progress(summary.progress.clone()));
                }
                _ => _ = experiments.insert(*id, SummaryChange::Whole(Box::new(summary.clone()))),
            }
        }
        for id in self.experiments.keys().filter(|id| !newer.experiments.contains_key(id)) {
            experiments.insert(*id, SummaryChange::Deleted);
        }
        let differs = self.paused != newer.paused || self.queue != newer.queue || !experiments.is_empty();
        let queue = || newer.queue.clone();
        differs.then(|| OverviewChange { seq: newer.seq, paused: newer.paused, queue: queue(), experiments })
    }

    /// Takes a change over. What has gone on of an experiment that is not known changes nothing.
    pub fn apply(&mut self, change: OverviewChange) {
        (self.seq, self.paused, self.queue) = (change.seq, change.paused, change.queue);
        for (id, change) in change.experiments {
            match change {
                SummaryChange::Whole(summary) => _ = self.experiments.insert(id, *summary),
                SummaryChange::Progress(progress) => {
                    if let Some(known) = self.experiments.get_mut(&id) {
                        known.progress = progress;
                    }
                }
                SummaryChange::Deleted => _ = self.experiments.remove(&id),
            }
        }
    }
}

impl Summary {
    /// The summary of the experiment of this number.
    pub fn of(lab: &LabState, id: ExperimentId, found: &ExperimentState) -> Summary {
        let asked = &found.experiment;
        let about = About {
            name: asked.name.clone(),
            model: asked.model.clone(),
            data: asked.data.clone(),
            tasks: asked.tasks.clone(),
            masks: asked.masks.clone(),
            created_ms: found.created_ms,
            note: found.note.clone(),
            tags: found.tags.clone(),
            archived: found.archived,
            same_runs_as: lab.first_with(&found.runs, Some(id)),
        };
        Summary { about, progress: Progress::of(lab, found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Annotation;
    use crate::event::{Event, EventKind};
    use crate::experiment::Experiment;
    use crate::fixtures::story;
    use crate::run::RunId;

    #[test]
    fn an_experiment_of_the_same_runs_is_named_as_long_as_it_has_them() {
        let mut lab = LabState::default();
        let (run, other) = (RunId("a".into()), RunId("b".into()));
        let write = |lab: &mut LabState, kind| {
            lab.apply(&Event { seq: lab.seq + 1, at_ms: 0, kind }).unwrap();
        };
        let created = |number, runs: &[&RunId]| EventKind::Created {
            experiment_id: ExperimentId(number),
            experiment: Experiment::default(),
            runs: runs.iter().copied().cloned().collect(),
            plan: None,
        };
        write(&mut lab, created(1, &[&run, &other]));
        write(&mut lab, created(2, &[&run]));
        // In another order they are the same.
        write(&mut lab, created(3, &[&other, &run]));
        write(&mut lab, created(4, &[&run, &other]));
        let mut overview = Overview::of(&lab);
        let of = |overview: &Overview, id| overview.experiments[&ExperimentId(id)].about.same_runs_as;
        assert_eq!([1, 2, 3, 4].map(|id| of(&overview, id).map(|id| id.0)), [None, None, Some(1), Some(1)]);
        write(&mut lab, EventKind::Deleted { experiment_id: ExperimentId(1) });
        overview.refresh(&lab, [ExperimentId(1)].into_iter());
        assert_eq!([2, 3, 4].map(|id| of(&overview, id).map(|id| id.0)), [None, None, Some(3)]);
        assert_eq!(overview, Overview::of(&lab));
    }

    #[test]
    fn changes_lead_a_page_to_what_the_server_has() {
        let (mut lab, mut page) = (LabState::default(), Overview::default());
        let mut server = page.clone();
        let mut kinds = [0; 3];
        for (i, event) in story().into_iter().enumerate() {
            lab.apply(&event).unwrap();
            server.refresh(&lab, [1, 2, 3].map(ExperimentId).into_iter());
            assert_eq!(server, Overview::of(&lab));
            // A page is told now and then, not of every line.
            if i % 3 != 2 {
                continue;
            }
            let Some(change) = page.change_to(&server) else { continue };
            for change in change.experiments.values() {
                kinds[match change {
                    SummaryChange::Whole(_) => 0,
                    SummaryChange::Progress(_) => 1,
                    SummaryChange::Deleted => 2,
                }] += 1;
            }
            page.apply(change);
            assert_eq!(page, server);
        }
        assert!(kinds.iter().all(|&n| n > 0), "each kind of change was told: {kinds:?}");
        assert_eq!(server.change_to(&Overview { seq: 99, ..server.clone() }), None, "age alone is nothing");
        let (mut lab, id) = (LabState::default(), ExperimentId(1));
        story().iter().take(20).for_each(|event| lab.apply(event).unwrap());
        let mut server = Overview::of(&lab);
        let annotation = Annotation { name: "again".into(), ..Annotation::default() };
        let written = EventKind::Annotated { experiment_id: id, annotation };
        lab.apply(&crate::event::Event { seq: lab.seq + 1, at_ms: 0, kind: written }).unwrap();
        let change = server.change_to(&Overview::of(&lab)).unwrap();
        assert!(matches!(&change.experiments[&id], SummaryChange::Whole(new) if new.about.name == "again"));
        // What is not known cannot go on.
        let strange = OverviewChange {
            experiments: BTreeMap::from([(ExperimentId(9), SummaryChange::Progress(Progress::default()))]),
            ..change
        };
        let before = server.experiments.clone();
        server.apply(strange);
        assert_eq!(server.experiments, before);
    }
}

//! Which gang goes where, and what becomes of one whose worker is gone.

use super::Foreman;
use crate::lab::LabError;
use crate::lab::gangs::{Bounds, member_room};
use crate::lab::gone::GoneRun;
use crate::lab::job::Job;
use crate::lab::memory::Memory;
use crate::lab::places::{Capacity, Order, PlaceId};
use crate::model;
use std::collections::{HashMap, HashSet};
use tunemask_engine::{MemberRoom, Parts};
use tunemask_shared::event::EventKind;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::shape::ModelShape;

/// What is said of runs that had finished and train again.
const AGAIN: &str =
    "Some runs had already finished, but their files or weights were gone: they were trained again.";

/// Shapes of models that were looked at, by their names; `None` of those that cannot be.
#[derive(Debug, Default)]
struct Shapes(HashMap<String, Option<ModelShape>>);

impl Shapes {
    /// Reads no weights.
    fn of(&mut self, model: &str) -> Option<&ModelShape> {
        let look = || model::shape(model).ok().map(|facts| facts.shape);
        self.0.entry(model.to_owned()).or_insert_with(look).as_ref()
    }
}

impl Foreman {
    /// Lets others go on with runs whose worker is gone; those that come no further end.
    pub(super) fn gone(&mut self, runs: &[GoneRun], why: &str) -> Result<(), LabError> {
        tracing::warn!("a worker ended before its time ({why}); its {} runs go on elsewhere", runs.len());
        let state = self.journal.feed().state();
        let is_running = |run: &RunId| state.runs.get(run).is_some_and(|r| r.status == RunStatus::Running);
        let mut again = HashSet::new();
        let mut lines = Vec::new();
        for GoneRun { run, came_to } in runs {
            if let Some(reason) = self.gone.take(run.clone(), *came_to).reason(why) {
                // Who tries it again tries it anew.
                self.gone.forget(run);
                lines.push(EventKind::failed(run.clone(), reason));
                continue;
            }
            again.insert(run.clone());
            // Its worker may have said so itself.
            lines.extend(is_running(run).then(|| EventKind::Continued { run: run.clone() }));
        }
        drop(state);
        self.journal.append(lines)?;
        // In their place, not behind all that waits.
        self.rebuild_queue(|run| again.contains(run));
        Ok(())
    }

    /// Gives each place that waits for one its next gang.
    pub(super) fn dispatch(&mut self) {
        if self.control.is_paused() {
            return;
        }
        for place in 0..self.places.len() {
            let place = PlaceId(place);
            if !self.working.values().any(|own| *own == place) {
                self.dispatch_to(place);
            }
        }
        if self.working.is_empty() {
            self.resources.clear();
            self.computes.rest();
        }
    }

    fn dispatch_to(&mut self, id: PlaceId) {
        let Some(place) = self.places.get(id.0) else { return };
        let (capacity, name) = (place.capacity, place.name.clone());
        let memory = Memory::of(&self.computes);
        let mut shapes = Shapes::default();
        let gangs: Vec<Vec<Job>> = match capacity {
            Capacity::Nothing => Vec::new(),
            Capacity::OneGang => {
                let bounds = Bounds {
                    memory_bytes: memory.shared_among(self.places.len()).for_scalars(),
                    // So that each place that waits gets its part of what is left.
                    runs: self.queue.len_at(&name).div_ceil(self.idle_beside(&name).max(1)),
                };
                self.next_gang(&name, bounds, &mut shapes).into_iter().collect()
            }
            Capacity::AllGangs { at_once, memory_bytes } => {
                let memory_bytes = memory_bytes.map_or(memory.for_scalars(), |bytes| bytes / 2);
                let bounds = Bounds { memory_bytes, runs: self.queue.len_at(&name).div_ceil(at_once.max(1)) };
                std::iter::from_fn(|| self.next_gang(&name, bounds, &mut shapes)).collect()
            }
        };
        if gangs.is_empty() {
            return;
        }
        let order = Order { gangs };
        self.working.extend(order.runs().into_iter().map(|run| (run, id)));
        if self.places.get(id.0).is_none_or(|place| place.orders.send(order).is_err()) {
            self.queue.clear();
        }
    }

    /// How many places have nothing to train, and may have what waits first for a place, itself included.
    fn idle_beside(&self, name: &str) -> usize {
        let busy: HashSet<usize> = self.working.values().map(|own| own.0).collect();
        let Some(first) = self.queue.first_at(name) else { return 1 };
        let idle = self.places.iter().enumerate().filter(|(i, _)| !busy.contains(i));
        idle.filter(|(_, place)| first.destination.allows(&place.name)).count()
    }

    /// What the first run that waits for a place keeps beside what its mask selects, and each that may train with it; `None` if
    /// none waits.
    fn room_of_next(&self, place: &str, shapes: &mut Shapes) -> Option<MemberRoom> {
        let first = &self.queue.first_at(place)?.item;
        let state = self.journal.feed().state();
        let held = state.experiments.values().find(|held| held.runs.contains(first));
        let shape = held.and_then(|held| shapes.of(&held.experiment.model));
        // One that the log does not know is left out below.
        let room = state.runs.get(first).map(|run| member_room(shape, &run.spec));
        Some(room.unwrap_or(MemberRoom { head: 0, parts: Parts::One }))
    }

    /// The gang of the first run that waits for a place; `None` if none does.
    fn next_gang(&mut self, place: &str, bounds: Bounds, shapes: &mut Shapes) -> Option<Vec<Job>> {
        let jobs = loop {
            let room = self.room_of_next(place, shapes)?;
            let runs = self.queue.take_gang(place, bounds, room);
            let jobs = Job::find(&self.journal.feed().state(), &runs);
            if jobs.len() < runs.len() {
                tracing::error!("{} runs are in no experiment; they are left out", runs.len() - jobs.len());
            }
            if !jobs.is_empty() {
                break jobs;
            }
        };
        let again = jobs.iter().filter(|job| self.again.remove(&job.run)).count();
        let jobs = jobs.into_iter().enumerate().map(|(i, job)| {
            // One of them says it for all.
            let notes = (i == 0 && again > 0).then(|| AGAIN.to_owned());
            Job { notes: notes.into_iter().collect(), ..job }
        });
        Some(jobs.collect())
    }
}

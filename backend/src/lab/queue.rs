//! Runs that wait, in their order, and by what may train together: the next gang is found without a look at all of them.

use super::destination::Destination;
use super::gangs::{Bounds, Size, first_gang};
use super::queued_run::{Compatibility, QueuedRun};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use tunemask_engine::MemberRoom;
use tunemask_shared::places::HERE;

/// How many compatible runs are looked at for a gang. Of more, those behind wait for the next.
const MAX_CANDIDATES: usize = 4096;

/// The place that is asked for what may train anywhere: any would do.
const ANY_PLACE: &str = HERE;

/// Runs that wait. `T` is what they are known by.
#[derive(Debug)]
pub(super) struct Queue<T> {
    waiting: BTreeMap<u64, Waiting<T>>,
    places: HashMap<T, u64>,
    /// The places of those that may train together.
    compatible: HashMap<GangKey, BTreeSet<u64>>,
    /// The place behind the last one.
    next: u64,
}

/// A run that waits.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    pub(super) item: T,
    pub(super) destination: Destination,
    /// `None` if it goes alone.
    gang_key: Option<GangKey>,
    size: Size,
}

/// What runs agree in that may train together: they read the same batches, at the same places.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct GangKey {
    compatibility: Compatibility,
    destination: Destination,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), places: HashMap::new(), compatible: HashMap::new(), next: 0 }
    }
}

impl<T: Clone + Eq + Hash> Queue<T> {
    /// Puts a run behind the others, unless it waits already.
    pub(super) fn push(&mut self, item: T, run: &QueuedRun, destination: Destination) {
        if self.places.contains_key(&item) {
            return;
        }
        let place = self.next;
        self.next += 1;
        let with = |compatibility| GangKey { compatibility, destination: destination.clone() };
        let gang_key = run.compatibility().map(with);
        if let Some(gang_key) = &gang_key {
            self.compatible.entry(gang_key.clone()).or_default().insert(place);
        }
        self.places.insert(item.clone(), place);
        let size = Size { seed: run.spec.seed, trainable: run.trainable };
        self.waiting.insert(place, Waiting { item, destination, gang_key, size });
    }

    pub(super) fn contains(&self, item: &T) -> bool {
        self.places.contains_key(item)
    }

    /// Takes a run out.
    pub(super) fn remove(&mut self, item: &T) {
        if let Some(&place) = self.places.get(item) {
            self.take(place);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many wait that may go to a place.
    pub(super) fn len_at(&self, place: &str) -> usize {
        self.waiting.values().filter(|waiting| waiting.destination.allows(place)).count()
    }

    /// The run whose turn it is at a place.
    pub(super) fn first_at(&self, place: &str) -> Option<&Waiting<T>> {
        self.waiting.values().find(|waiting| waiting.destination.allows(place))
    }

    /// Takes the gang of the first run out that may go to a place, of which every member keeps `room` beside what its mask
    /// selects; nothing if none waits.
    pub(super) fn take_gang(&mut self, at: &str, bounds: Bounds, room: MemberRoom) -> Vec<T> {
        let first = self.waiting.iter().find(|(_, waiting)| waiting.destination.allows(at));
        let Some((&place, first)) = first else { return Vec::new() };
        let compatible = first.gang_key.as_ref().and_then(|own| self.compatible.get(own));
        let places: Vec<u64> = match compatible {
            Some(places) => places.iter().copied().take(MAX_CANDIDATES).collect(),
            None => vec![place],
        };
        let sizes: Vec<Size> =
            places.iter().filter_map(|place| Some(self.waiting.get(place)?.size)).collect();
        first_gang(&sizes, bounds, room).into_iter().filter_map(|i| self.take(places[i])).collect()
    }

    fn take(&mut self, place: u64) -> Option<T> {
        let Waiting { item, gang_key, .. } = self.waiting.remove(&place)?;
        self.places.remove(&item);
        if let Some(own) = gang_key
            && let Some(places) = self.compatible.get_mut(&own)
        {
            places.remove(&place);
            if places.is_empty() {
                self.compatible.remove(&own);
            }
        }
        Some(item)
    }
}

/// Cuts all runs into gangs, in the order in which they train: places in the list. `room` says what a run keeps beside what its
/// mask selects.
pub(super) fn gangs<'a>(
    runs: &[&'a QueuedRun],
    bounds: Bounds,
    room: impl Fn(&'a QueuedRun) -> MemberRoom,
) -> impl Iterator<Item = Vec<usize>> {
    let mut queue = Queue::default();
    let anywhere = Destination::default();
    runs.iter().enumerate().for_each(|(i, run)| queue.push(i, run, anywhere.clone()));
    std::iter::from_fn(move || {
        let first = queue.first_at(ANY_PLACE)?.item;
        Some(queue.take_gang(ANY_PLACE, bounds, room(runs[first])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::gangs::member_room;
    use crate::lab::sample::spec;
    use tunemask_engine::Parts;
    use tunemask_shared::family::Family;
    use tunemask_shared::run::RunSpec;
    use tunemask_shared::shape::ModelShape;
    use tunemask_shared::task::Task;

    /// A run that keeps nothing beside what its mask selects.
    const PLAIN: MemberRoom = MemberRoom { head: 0, parts: Parts::One };

    /// So many bytes for scalars.
    fn bounds(memory_bytes: u64) -> Bounds {
        Bounds { memory_bytes, runs: usize::MAX }
    }

    fn gangs(runs: &[QueuedRun], bounds: Bounds, room: MemberRoom) -> Vec<Vec<usize>> {
        super::gangs(&runs.iter().collect::<Vec<_>>(), bounds, |_| room).collect()
    }

    fn queued(spec: &RunSpec) -> QueuedRun {
        QueuedRun { run: spec.id().unwrap(), spec: spec.clone(), trainable: 1, alone: false }
    }

    #[test]
    fn what_was_taken_out_is_in_no_gang_and_what_came_again_is_behind() {
        let specs = [spec(Task::rte(), 1), spec(Task::mrpc(), 1), spec(Task::rte(), 2)];
        let runs = specs.each_ref().map(queued);
        let mut queue = Queue::default();
        let anywhere = Destination::default;
        (0..3).for_each(|i| queue.push(i, &runs[i], anywhere()));
        queue.push(1, &runs[1], anywhere());
        queue.remove(&0);
        assert!(!queue.contains(&0) && queue.contains(&1));
        queue.push(0, &runs[0], anywhere());
        assert_eq!(queue.take_gang(HERE, bounds(1 << 20), PLAIN), [1]);
        assert_eq!(queue.take_gang(HERE, bounds(1 << 20), PLAIN), [2, 0]);
        assert!(queue.take_gang(HERE, bounds(1 << 20), PLAIN).is_empty() && queue.compatible.is_empty());
    }

    /// As many runs as an experiment may have: each gang costs a look at those that it may hold.
    #[test]
    fn the_gangs_of_twenty_thousand_seeds_hold_every_run_once() {
        let runs: Vec<QueuedRun> = (0..20_000).map(|seed| queued(&spec(Task::rte(), seed))).collect();
        let gangs = gangs(&runs, bounds(1 << 20), PLAIN);
        assert_eq!(gangs.len(), 20_000usize.div_ceil(64));
        assert!(gangs.concat().into_iter().eq(0..20_000));
    }

    #[test]
    fn gangs_take_whole_seeds_of_one_task_and_leave_matrices_alone() {
        let (a, b) = (spec(Task::rte(), 1), spec(Task::rte(), 2));
        let other = spec(Task::mrpc(), 1);
        let smaller = RunSpec { batch_size: 2, ..a.clone() };
        let ten = |spec: &RunSpec| QueuedRun { trainable: 10, ..queued(spec) };
        let alone = QueuedRun { alone: true, ..ten(&a) };
        let list = [ten(&a), alone, ten(&b), ten(&other), ten(&a), ten(&smaller)];
        let gangs = |memory_bytes| gangs(&list, bounds(memory_bytes), PLAIN);
        assert_eq!(gangs(1 << 20), [vec![0, 2, 4], vec![1], vec![3], vec![5]]);
        // Room for two: the first seed's runs stay together.
        assert_eq!(gangs(400), [vec![0, 4], vec![1], vec![2], vec![3], vec![5]]);
        // A run that is too large goes all the same.
        assert_eq!(gangs(0).len(), list.len());
    }

    #[test]
    fn gangs_that_train_at_once_share_what_waits() {
        let list: Vec<QueuedRun> = (0..40).map(|i| queued(&spec(Task::rte(), i / 10))).collect();
        let sizes = |runs| {
            let gangs = gangs(&list, Bounds { memory_bytes: 1 << 20, runs }, PLAIN);
            gangs.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(
            (sizes(20), sizes(13), sizes(7)),
            (vec![20, 20], vec![10; 4], vec![7, 3, 7, 3, 7, 3, 7, 3])
        );
        assert_eq!(sizes(0), [1; 40]);
    }

    #[test]
    fn a_seed_that_does_not_fit_whole_waits_for_the_next_gang() {
        let list: Vec<QueuedRun> = (0..100).map(|i| queued(&spec(Task::rte(), i / 40))).collect();
        let sizes =
            |list: &[QueuedRun]| gangs(list, bounds(1 << 20), PLAIN).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(&list), [40, 60]);
        assert_eq!(sizes(&vec![list[0].clone(); 100]), [64, 36]);
    }

    #[test]
    fn dense_heads_and_sums_of_gradients_leave_room_for_fewer() {
        let list: Vec<QueuedRun> = (0..8).map(|_| queued(&spec(Task::rte(), 1))).collect();
        let sizes = |room| gangs(&list, bounds(160), room).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(PLAIN), [8]);
        assert_eq!(sizes(MemberRoom { head: 1, ..PLAIN }), [4, 4]);
        assert_eq!(sizes(MemberRoom { head: 1, parts: Parts::Several }), [3, 3, 2]);
        // What may train together keeps the same: the shape of its model and its task say what.
        let shape = ModelShape { family: Family::DistilBert, ..ModelShape::BERT_BASE_UNCASED };
        let accumulating = RunSpec { gradient_accumulation: 4, ..spec(Task::rte(), 1) };
        let room = member_room(Some(&shape), &accumulating);
        assert_eq!(room, MemberRoom { head: 2 * 769 + 768 * 769, parts: Parts::Several });
        let tags = spec(Task::known(&"tags".parse().unwrap()).unwrap(), 1);
        let outputs = tags.task.kind().outputs();
        assert_eq!(member_room(Some(&shape), &tags), MemberRoom { head: outputs * 769, ..PLAIN });
    }

    #[test]
    fn a_place_takes_what_may_go_there_and_no_gang_has_two_destinations() {
        let specs = [1, 2, 3, 4].map(|seed| spec(Task::rte(), seed));
        let names = ["here", "desk"].map(str::to_owned);
        let mut queue = Queue::default();
        for (i, asked) in ["desk", "", "desk", ""].into_iter().enumerate() {
            let asked: Vec<String> =
                Some(asked.to_owned()).filter(|name| !name.is_empty()).into_iter().collect();
            queue.push(i, &queued(&specs[i]), Destination::of(&asked, &names));
        }
        assert_eq!((queue.len_at("here"), queue.len_at("desk")), (2, 4));
        assert_eq!(queue.first_at("here").map(|first| &first.destination), Some(&Destination::default()));
        assert_eq!(queue.take_gang("here", bounds(1 << 20), PLAIN), [1, 3]);
        assert!(queue.take_gang("here", bounds(1 << 20), PLAIN).is_empty());
        assert_eq!(queue.take_gang("desk", bounds(1 << 20), PLAIN), [0, 2]);
        assert!(queue.waiting.is_empty() && queue.compatible.is_empty());
    }
}

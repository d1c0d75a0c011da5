//! Where runs can train, for those who ask for an experiment.

use super::{Inner, Lab};
use crate::cluster::{Child, SlurmSettings};
use crate::lab::LabError;
use crate::lab::handle::Workers;
use crate::lab::places::{Launch, at_once};
use crate::lab::trainers::Trainers;
use tunemask_engine::{Device, Precision};
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::places::{HERE, SLURM, TrainingPlace};
use tunemask_shared::text::count;

/// The places of a lab that is opened with these workers; none where what they train is for others to say.
pub(super) fn training_places(device: &Device, workers: &Workers) -> Vec<TrainingPlace> {
    if matches!(workers, Workers::Own) {
        return vec![TrainingPlace { name: HERE.into(), workers: 1, says: words(device) }];
    }
    let slurm = workers.launch().map(|Launch { settings, .. }| {
        let workers = at_once(settings) as u32;
        TrainingPlace { name: SLURM.into(), workers, says: of_slurm(settings) }
    });
    of_processes(workers.processes()).into_iter().chain(slurm).collect()
}

/// One for each machine, in the order in which they are first named.
fn of_processes(children: &[Child]) -> Vec<TrainingPlace> {
    let mut places: Vec<(TrainingPlace, Vec<&str>)> = Vec::new();
    for child in children {
        let known = places.iter_mut().find(|(place, _)| place.name == child.place);
        let names = child.name.as_deref();
        match known {
            Some((place, workers)) => {
                place.workers += 1;
                workers.extend(names);
            }
            None => {
                let place = TrainingPlace { name: child.place.clone(), workers: 1, says: String::new() };
                places.push((place, names.into_iter().collect()));
            }
        }
    }
    let said = |(place, names): (TrainingPlace, Vec<&str>)| {
        let processes = place.workers as usize;
        let word = if processes == 1 {
            "worker process".to_owned()
        } else {
            format!("{processes} worker processes")
        };
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        TrainingPlace { says: word + &names, ..place }
    };
    places.into_iter().map(said).collect()
}

fn of_slurm(settings: &SlurmSettings) -> String {
    let partition = settings.partition.iter().map(|partition| format!("partition {partition}"));
    let gres = settings.gres.iter().chain(&settings.gpus).map(|gpus| format!("{gpus} per task"));
    let at_once = settings.at_once.map(|tasks| format!("at most {} at once", count(tasks as usize, "task")));
    let said: Vec<String> = partition.chain(gres).chain(at_once).collect();
    if said.is_empty() { "tasks of Slurm".into() } else { format!("tasks of Slurm, {}", said.join(", ")) }
}

/// What a device is, for people.
pub(super) fn words(device: &Device) -> String {
    if !device.is_cpu() {
        return device.label();
    }
    let threads = format!("CPU, {}", count(rayon::current_num_threads(), "thread"));
    match device.precision() {
        Precision::F32 => threads,
        precision => format!("{threads}, {}", precision.name()),
    }
}

impl Lab {
    /// Where runs can train.
    pub fn places(&self) -> &[TrainingPlace] {
        &self.0.places
    }
}

impl Inner {
    /// What may get the runs of an experiment, at the places that it asks for. Processes are all of the kind that plans.
    pub(super) fn trainers(&self, experiment: &Experiment) -> Trainers {
        let asked =
            |name: &str| experiment.places.is_empty() || experiment.places.iter().any(|own| own == name);
        let slurm = self.slurm.as_ref().filter(|_| asked(SLURM)).map(Trainers::of_slurm);
        let others = self.places.iter().any(|place| place.name != SLURM && asked(&place.name));
        let others = others.then(|| Trainers::of(&self.device));
        slurm.into_iter().chain(others).fold(Trainers::Processors, Trainers::or)
    }

    /// Whether there are the places that an experiment asks for.
    pub(super) fn check_places(&self, experiment: &Experiment) -> Result<(), LabError> {
        if self.places.is_empty() {
            return Ok(());
        }
        let is_there = |name: &String| self.places.iter().any(|place| place.name == *name);
        let missing = experiment.places.iter().enumerate().filter(|(_, name)| !is_there(name));
        let names: Vec<&str> = self.places.iter().map(|place| place.name.as_str()).collect();
        let error = |(i, name): (usize, &String)| FieldError {
            field: format!("places[{i}]"),
            message: format!(
                "`{name}` is not a place that this program has; it has {}. --devices, --machines and --slurm give it others when \
                 it is started",
                names.join(", ")
            ),
        };
        let errors: Vec<FieldError> = missing.map(error).collect();
        if errors.is_empty() { Ok(()) } else { Err(LabError::Invalid(errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_is_a_place_that_says_what_trains_there() {
        let child = |place: &str, name: Option<&str>| Child {
            place: place.into(),
            name: name.map(str::to_owned),
            ..Child::default()
        };
        let children = [child(HERE, Some("cpu-1")), child("desk", None), child(HERE, Some("cpu-2"))];
        let places = of_processes(&children);
        let said: Vec<String> =
            places.iter().map(|p| format!("{} {} {}", p.name, p.workers, p.says)).collect();
        assert_eq!(said, ["here 2 2 worker processes: cpu-1, cpu-2", "desk 1 worker process"]);
    }

    #[test]
    fn slurm_says_what_it_is_asked_for() {
        let settings = SlurmSettings {
            partition: Some("gpu".into()),
            gres: Some("gpu:1".into()),
            at_once: Some(8),
            ..SlurmSettings::default()
        };
        let want = "tasks of Slurm, partition gpu, gpu:1 per task, at most 8 tasks at once";
        assert_eq!(of_slurm(&settings), want);
        assert_eq!(of_slurm(&SlurmSettings::default()), "tasks of Slurm");
    }
}

//! Who trains: this program, worker processes on devices of this machine or of others, or Slurm.

/// Plans that are written for others to submit.
mod dry_run;

pub use dry_run::{DryRun, Written};

use super::arguments::{Compute, Threads, dtype};
use super::interrupt::OnInterrupt;
use crate::cluster::{
    CUDA_VISIBLE_DEVICES, Child, Devices, Machines, SlurmSettings, Variable, VisibleGpus, WorkerDevice,
    worker_names,
};
use crate::lab::{Launch, Workers};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use tunemask_engine::{Device, DeviceError, EngineError, Precision};
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::places::HERE;

/// Who trains.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Many devices and machines")]
pub struct Fleet {
    /// Train with a worker process on each of these devices: all (every GPU), cuda:0,cuda:2 or cpu*2
    #[arg(long, value_name = "LIST", conflicts_with = "device")]
    devices: Option<Devices>,
    /// Train with worker processes on the machines of this file, over ssh; they must see the home folder
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    machines: Option<PathBuf>,
    /// Train with the workers that Slurm starts as this file says; they must see the plan's folder
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    slurm: Option<PathBuf>,
}

/// What is said where all runs go on without this program.
const LEFT: &str = "tunemask: the workers go on without this program; the same command shows them again and trains what is left";

/// The same where processes of this program trained, too.
const PARTLY_LEFT: &str = "tunemask: the tasks of Slurm go on without this program; what its own workers trained is saved, and goes \
                           on with the same command, which shows the tasks again";

/// For which engine a device is opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// The engine.
    pub engine: EngineKind,
    /// The precision of a GPU if none is asked for.
    pub usual: Precision,
}

/// What computes, and who trains with it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What computes.
    pub device: Device,
    /// Who trains.
    pub workers: Workers,
}

impl Fleet {
    /// Opens the device, or the first one of the workers.
    ///
    /// # Errors
    /// As [`Compute::open_for`]; devices that are not there; a file that cannot be used.
    pub fn open(&self, compute: &Compute, threads: Threads, opening: Opening) -> Result<Opened> {
        let Opening { engine, usual } = opening;
        let slurm =
            self.slurm.as_deref().map(|path| slurm(&SlurmSettings::read(path)?, compute, threads, opening));
        let slurm = slurm.transpose()?;
        let mut workers = Vec::new();
        let mut first = None;
        if let Some(devices) = &self.devices {
            let devices = devices.of_workers()?;
            let program = std::env::current_exe().context("cannot find this program's own file")?;
            first = devices.first().copied();
            workers.extend(Worker::here(&devices, &VisibleGpus::of_this_program(), program.into(), threads)?);
            are_there(&devices, Device::gpus)?;
        }
        if let Some(path) = &self.machines {
            for machine in Machines::read(path)?.machine {
                let program = machine.program();
                let devices = machine.devices()?;
                first = first.or_else(|| devices.first().copied());
                let names = worker_names(&devices);
                workers.extend(devices.into_iter().zip(names).map(|(device, name)| Worker {
                    program: program.clone(),
                    device,
                    place: machine.host.clone(),
                    name,
                    environment: Vec::new(),
                    threads: machine.threads,
                }));
            }
        }
        let Some(first) = first else {
            return Ok(match slurm {
                // The processor of this machine plans.
                Some(launch) => Opened { device: Device::cpu(), workers: Workers::Slurm(launch) },
                None => Opened { device: compute.open_for(engine, usual)?, workers: Workers::Own },
            });
        };
        let is_gpu = |device| matches!(device, WorkerDevice::Gpu(_));
        if workers.iter().any(|worker| is_gpu(worker.device) != is_gpu(first)) {
            bail!(
                "GPUs and processors compute in different precisions; name one or the other for all workers"
            );
        }
        let device = self.planning(compute, first, opening)?;
        let precision = device.precision();
        let processes = workers.into_iter().map(|worker| worker.child(precision)).collect();
        let workers = match slurm {
            None => Workers::Processes(processes),
            Some(slurm) if slurm.precision == precision => Workers::Both { processes, slurm },
            Some(slurm) => bail!(
                "the workers of Slurm would compute in {} and the others in {}, whose results differ; ask for one by --dtype, or \
                 for GPUs in both",
                slurm.precision.name(),
                precision.name()
            ),
        };
        Ok(Opened { device, workers })
    }

    /// What plans: the first device of the workers, where it is here.
    fn planning(&self, compute: &Compute, first: WorkerDevice, opening: Opening) -> Result<Device> {
        let Opening { engine, usual } = opening;
        if self.devices.is_some() || first == WorkerDevice::Processor {
            return compute.on(&first.to_string())?.open_for(engine, usual);
        }
        // GPUs of other machines: one of this machine stands for them.
        compute
            .on("cuda:0")?
            .open_for(engine, usual)
            .context("workers on GPUs are planned by a GPU of this machine")
    }

    /// What is said where runs go on when this program was asked to end.
    pub fn left(&self) -> &'static str {
        if self.devices.is_some() || self.machines.is_some() { PARTLY_LEFT } else { LEFT }
    }

    /// What becomes of its runs when this program is asked to end: those that Slurm trains go on.
    pub fn on_interrupt(&self) -> OnInterrupt {
        if self.slurm.is_some() { OnInterrupt::Leave } else { OnInterrupt::Cancel }
    }
}

/// Whether there are the GPUs of a list. Each worker would count its own from 0 again.
fn are_there(
    devices: &[WorkerDevice],
    count: impl FnOnce() -> Result<usize, EngineError>,
) -> Result<(), DeviceError> {
    let gpu = |device: &WorkerDevice| match device {
        WorkerDevice::Gpu(ordinal) => Some(*ordinal),
        WorkerDevice::Processor => None,
    };
    let Some(ordinal) = devices.iter().filter_map(gpu).max() else { return Ok(()) };
    match count() {
        Ok(count) if ordinal >= count => Err(DeviceError::NoSuchGpu { ordinal, count }),
        // What has no driver says so where it is opened.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A worker that is to be started.
#[derive(Debug)]
struct Worker {
    /// The program, and what comes before.
    program: Vec<OsString>,
    /// By the number that the worker knows it by.
    device: WorkerDevice,
    /// The place that it is of.
    place: String,
    /// What it is called among those of its machine.
    name: Option<String>,
    environment: Vec<Variable>,
    /// Its threads, where it is not for the machine to say.
    threads: Option<usize>,
}

impl Worker {
    /// Those on devices of this machine: each sees its own GPU alone, as its first.
    fn here(
        devices: &[WorkerDevice],
        visible: &VisibleGpus,
        program: OsString,
        threads: Threads,
    ) -> Result<Vec<Self>> {
        let each = threads.each_of(devices.len());
        let worker = |(device, name): (&WorkerDevice, Option<String>)| {
            let (device, environment) = match device {
                WorkerDevice::Processor => (WorkerDevice::Processor, Vec::new()),
                WorkerDevice::Gpu(ordinal) => {
                    let value = visible.only(*ordinal)?;
                    (WorkerDevice::Gpu(0), vec![Variable { name: CUDA_VISIBLE_DEVICES, value }])
                }
            };
            let (program, place) = (vec![program.clone()], HERE.to_owned());
            Ok(Self { program, device, place, name, environment, threads: Some(each) })
        };
        devices.iter().zip(worker_names(devices)).map(worker).collect()
    }

    fn child(self, precision: Precision) -> Child {
        let device = self.device.to_string();
        let words = ["--from-stdin", "--device", &device, "--dtype", dtype(precision)].map(OsString::from);
        let threads = self.threads.map(|threads| ["--threads".into(), threads.to_string().into()]);
        Child {
            program: self.program,
            arguments: words.into_iter().chain(threads.into_iter().flatten()).collect(),
            place: self.place,
            name: self.name,
            environment: self.environment,
        }
    }
}

/// Workers of Slurm: on GPUs where it is asked for some.
fn slurm(settings: &SlurmSettings, compute: &Compute, threads: Threads, opening: Opening) -> Result<Launch> {
    let gpus = settings.asks_for_gpus();
    if gpus && opening.engine == EngineKind::Candle {
        bail!("candle computes on the processor; leave gres and gpus out of slurm.toml");
    }
    let precision = match (gpus, compute.precision()) {
        (true, asked) => asked.unwrap_or(opening.usual),
        (false, None | Some(Precision::F32)) => Precision::F32,
        (false, Some(Precision::Bf16)) => Precision::FrozenBf16,
        (false, Some(other)) => {
            bail!("only a GPU computes in {}; ask for one by gres in slurm.toml", other.name())
        }
    };
    let device = if gpus { "cuda:0" } else { "cpu" };
    let mut arguments = ["--device", device, "--dtype", dtype(precision)].map(str::to_owned).to_vec();
    if let Some(threads) = threads.asked() {
        arguments.extend(["--threads".to_owned(), threads.to_string()]);
    }
    Ok(Launch { settings: settings.clone(), precision, arguments })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        threads: Threads,
    }

    /// The workers of a list, where this program inherited `visible`: variables and arguments of each.
    fn started(list: &str, visible: &VisibleGpus) -> Result<Vec<String>> {
        let devices = list.parse::<Devices>()?.of_workers()?;
        let Command { threads } = Command::parse_from(["x", "--threads", "4"]);
        let workers = Worker::here(&devices, visible, "tunemask".into(), threads)?;
        let shown = workers.into_iter().map(|worker| {
            let child = worker.child(Precision::F32);
            let variables = child.environment.iter().map(|v| format!("{}={}", v.name, v.value));
            let words = child.arguments.iter().map(|word| word.to_string_lossy().into_owned());
            variables.chain(words).chain(child.name).collect::<Vec<_>>().join(" ")
        });
        Ok(shown.collect())
    }

    #[test]
    fn each_gpu_has_a_worker_that_sees_no_other() {
        let words = "--from-stdin --device cuda:0 --dtype f32 --threads 2";
        let two = started("cuda:0,cuda:2", &VisibleGpus::All).unwrap();
        assert_eq!(
            two,
            [
                format!("CUDA_VISIBLE_DEVICES=0 {words} cuda:0"),
                format!("CUDA_VISIBLE_DEVICES=2 {words} cuda:2")
            ]
        );
        // What Slurm or the user gave is numbered anew, and kept.
        let inherited = VisibleGpus::read("GPU-aa,GPU-bb,5");
        let two = started("cuda:1,cuda:2", &inherited).unwrap();
        assert_eq!(
            two,
            [
                format!("CUDA_VISIBLE_DEVICES=GPU-bb {words} cuda:1"),
                format!("CUDA_VISIBLE_DEVICES=5 {words} cuda:2")
            ]
        );
        let why = started("cuda:0,cuda:3", &inherited).unwrap_err().to_string();
        assert!(why.contains("cuda:3"), "{why}");
    }

    #[test]
    fn a_gpu_that_is_not_there_is_named_by_the_number_that_was_asked_for() {
        let why = |list: &str, count: usize| {
            let devices = list.parse::<Devices>().unwrap().of_workers().unwrap();
            are_there(&devices, || Ok(count)).err().map(|error| error.to_string())
        };
        assert_eq!(
            why("cuda:0,cuda:5", 2),
            Some("there is no GPU cuda:5 here; there is cuda:0 to cuda:1".into())
        );
        assert_eq!((why("cuda:0,cuda:1", 2), why("cpu*2", 0)), (None, None));
    }

    #[test]
    fn whoever_asks_it_to_end_hears_which_workers_go_on() {
        #[derive(Parser)]
        struct Command {
            #[command(flatten)]
            fleet: Fleet,
            // What the others exclude.
            #[arg(long)]
            device: Option<String>,
        }
        let left = |words: &[&str]| {
            let words = ["x"].iter().chain(words);
            let Command { fleet, device: None } = Command::parse_from(words) else { panic!() };
            fleet.left()
        };
        assert!(left(&["--slurm", "a.toml"]).contains("the workers go on"));
        for processes in [["--devices", "cpu*2"], ["--machines", "b.toml"]] {
            let said = left(&[processes[0], processes[1], "--slurm", "a.toml"]);
            assert!(said.contains("the tasks of Slurm go on") && said.contains("its own workers"), "{said}");
        }
    }

    #[test]
    fn workers_on_the_processor_share_its_threads() {
        let two = started("cpu*2", &VisibleGpus::All).unwrap();
        assert_eq!(two[1], "--from-stdin --device cpu --dtype f32 --threads 2 cpu-2");
    }
}

//! On which devices of this machine workers train: `all`, `cuda:0,cuda:2` or `cpu*2`.

use std::fmt;
use std::str::FromStr;
use tunemask_engine::Device;

/// More workers than any machine has use for.
const MAX_WORKERS: usize = 256;

/// On which devices of this machine workers train, one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Devices {
    /// Every GPU.
    All,
    /// These GPUs, by their numbers.
    Gpus(Vec<usize>),
    /// The processor, its cores shared among so many.
    Processor(Processors),
}

/// How many workers share the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processors(pub usize);

/// Why a list of devices cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DevicesError {
    /// It cannot be read.
    #[error("`{0}` is not a list of devices; use `all`, GPUs such as `cuda:0,cuda:2`, or `cpu*2`")]
    Syntax(String),
    /// GPUs and the processor.
    #[error(
        "`{0}` names GPUs and the processor, which compute in different precisions; name one or the other"
    )]
    Mixed(String),
    /// One is named twice.
    #[error("cuda:{0} is named twice; each GPU has one worker")]
    Twice(usize),
    /// None, or too many.
    #[error("{0} workers are not possible; ask for 1 to {MAX_WORKERS}")]
    Count(usize),
    /// One that this program does not see.
    #[error(
        "cuda:{ordinal} is not there: CUDA_VISIBLE_DEVICES shows this program {}",
        if visible.is_empty() { "no GPU".to_owned() } else { format!("`{visible}` alone, numbered from cuda:0") }
    )]
    NotVisible {
        /// Its number.
        ordinal: usize,
        /// Those that it sees.
        visible: String,
    },
    /// There is no GPU.
    #[error("`all` means every GPU, and there is none: {0}; use `cpu*2` for two workers on the processor")]
    NoGpu(String),
}

impl FromStr for Devices {
    type Err = DevicesError;

    fn from_str(text: &str) -> Result<Self, DevicesError> {
        let syntax = || DevicesError::Syntax(text.to_owned());
        if text.trim() == "all" {
            return Ok(Self::All);
        }
        let (mut gpus, mut processors) = (Vec::new(), 0usize);
        for part in text.split(',').map(str::trim) {
            if let Some(gpu) = part.strip_prefix("cuda:") {
                let gpu = gpu.parse().map_err(|_| syntax())?;
                if gpus.contains(&gpu) {
                    return Err(DevicesError::Twice(gpu));
                }
                gpus.push(gpu);
            } else {
                let times = part.strip_prefix("cpu").ok_or_else(syntax)?;
                let times = times.strip_prefix(['*', '×']).map_or_else(
                    || if times.is_empty() { Ok(1) } else { Err(syntax()) },
                    |number| number.parse().map_err(|_| syntax()),
                )?;
                if times == 0 || times > MAX_WORKERS {
                    return Err(DevicesError::Count(times));
                }
                processors += times;
            }
        }
        match (gpus.is_empty(), processors) {
            (true, 1..=MAX_WORKERS) => Ok(Self::Processor(Processors(processors))),
            (true, count) => Err(DevicesError::Count(count)),
            (false, 0) => Ok(Self::Gpus(gpus)),
            (false, _) => Err(DevicesError::Mixed(text.to_owned())),
        }
    }
}

/// The device of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerDevice {
    /// A part of the processor.
    Processor,
    /// A GPU, by its number.
    Gpu(usize),
}

impl fmt::Display for WorkerDevice {
    /// As `--device` of `worker` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Processor => f.write_str("cpu"),
            Self::Gpu(ordinal) => write!(f, "cuda:{ordinal}"),
        }
    }
}

impl Devices {
    /// The device of each worker.
    ///
    /// # Errors
    /// Every GPU is asked for, and there is none.
    pub fn of_workers(&self) -> Result<Vec<WorkerDevice>, DevicesError> {
        match self {
            Self::Processor(Processors(count)) => Ok(vec![WorkerDevice::Processor; *count]),
            Self::Gpus(gpus) => Ok(gpus.iter().copied().map(WorkerDevice::Gpu).collect()),
            Self::All => match Device::gpus() {
                Ok(0) => Err(DevicesError::NoGpu("the driver finds none".into())),
                Ok(count) => Ok((0..count).map(WorkerDevice::Gpu).collect()),
                Err(error) => Err(DevicesError::NoGpu(error.to_string())),
            },
        }
    }
}

/// What the workers of a machine are called, where it has several or GPUs: `cuda:2`, or `cpu-1`.
pub fn worker_names(devices: &[WorkerDevice]) -> Vec<Option<String>> {
    let name = |(i, device): (usize, &WorkerDevice)| match device {
        WorkerDevice::Gpu(_) => Some(device.to_string()),
        WorkerDevice::Processor if devices.len() > 1 => Some(format!("cpu-{}", i + 1)),
        WorkerDevice::Processor => None,
    };
    devices.iter().enumerate().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_or_refused_with_a_reason() {
        let read = |text: &str| text.parse::<Devices>();
        assert_eq!(read("all"), Ok(Devices::All));
        assert_eq!(read("cuda:0, cuda:2"), Ok(Devices::Gpus(vec![0, 2])));
        for two in ["cpu*2", "cpu×2", "cpu,cpu"] {
            assert_eq!(read(two), Ok(Devices::Processor(Processors(2))), "{two}");
        }
        assert_eq!(read("cpu*2").unwrap().of_workers(), Ok(vec![WorkerDevice::Processor; 2]));
        assert_eq!(read("cuda:1,cuda:1"), Err(DevicesError::Twice(1)));
        assert_eq!(read("cpu,cuda:0"), Err(DevicesError::Mixed("cpu,cuda:0".into())));
        assert_eq!(read("cpu*0"), Err(DevicesError::Count(0)));
        for wrong in ["", "gpu", "cuda:", "cuda:x", "cpu*", "cpu2", "all,cpu", "cpu*99999999999999999999"] {
            assert_eq!(read(wrong), Err(DevicesError::Syntax(wrong.into())), "{wrong}");
        }
        assert_eq!(read("cpu*1000"), Err(DevicesError::Count(1000)));
    }

    #[test]
    fn workers_of_a_machine_are_told_apart_by_their_names() {
        let names = |devices: &[WorkerDevice]| {
            let names = worker_names(devices).into_iter();
            names.map(Option::unwrap_or_default).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&[WorkerDevice::Gpu(0), WorkerDevice::Gpu(2)]), "cuda:0 cuda:2");
        assert_eq!(names(&[WorkerDevice::Processor; 2]), "cpu-1 cpu-2");
        assert_eq!(names(&[WorkerDevice::Processor]), "");
    }
}

//! Arguments that several commands have.

use super::output;
use crate::cluster;
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;
use tunemask_engine::{Device, Precision};
use tunemask_shared::experiment::EngineKind;

/// What is asked to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeviceChoice {
    /// The first GPU if there is one, else the processor.
    Auto,
    /// The processor.
    Cpu,
    /// A GPU by its number.
    Cuda(usize),
}

impl FromStr for DeviceChoice {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("cuda:").map(str::parse)) {
            ("auto", _) => Ok(DeviceChoice::Auto),
            ("cpu", _) => Ok(DeviceChoice::Cpu),
            ("cuda", _) | (_, Some(_)) if !cfg!(feature = "cuda") => {
                Err("this build has no CUDA; use `cpu` or `auto`, or build with `make cuda`".into())
            }
            ("cuda", _) => Ok(DeviceChoice::Cuda(0)),
            (_, Some(Ok(ordinal))) => Ok(DeviceChoice::Cuda(ordinal)),
            _ => Err("no such device; use `auto`, `cpu` or a GPU's number as in `cuda:0`".into()),
        }
    }
}

fn precision(text: &str) -> Result<Precision, String> {
    match text {
        "f32" => Ok(Precision::F32),
        "tf32" => Ok(Precision::Tf32),
        "bf16" => Ok(Precision::Bf16),
        _ => Err("no such type; use `f32`, `bf16`, or on a GPU `tf32`".into()),
    }
}

/// Which engine computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Tunemask's own
    Tunemask,
    /// The reference: candle's autograd, f32 on the processor, each run alone, slow
    Candle,
}

impl From<Engine> for EngineKind {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Tunemask => Self::Tunemask,
            Engine::Candle => Self::Candle,
        }
    }
}

/// What computes, and in what precision.
#[derive(Args, Clone, Debug)]
pub struct Compute {
    /// auto, cpu, or a GPU's number such as cuda:0; auto takes the first GPU if there is one
    #[arg(long, value_name = "D", default_value = "auto")]
    device: DeviceChoice,
    /// f32, or bf16 for frozen matrices; on a GPU also tf32 [default: f32, or bf16 where a GPU trains an experiment]
    #[arg(long, value_name = "TYPE", value_parser = precision)]
    dtype: Option<Precision>,
}

impl Compute {
    /// Opens the device for an engine, as [`Compute::open`] does. The reference engine has the processor alone.
    ///
    /// # Errors
    /// As [`Compute::open`]; a GPU, or another precision than f32, for the reference engine.
    pub fn open_for(&self, engine: EngineKind, usual: Precision) -> Result<Device> {
        match (engine, self.device, self.dtype) {
            (EngineKind::Tunemask, ..) => self.open(usual),
            (EngineKind::Candle, DeviceChoice::Auto | DeviceChoice::Cpu, None | Some(Precision::F32)) => {
                Ok(Device::cpu())
            }
            (EngineKind::Candle, ..) => {
                bail!("candle computes in f32 on the processor; leave --device and --dtype out")
            }
        }
    }

    /// Opens the device; where it could be one or the other, says on the standard error which it is. `usual` is the
    /// precision of a GPU if none is asked for.
    ///
    /// # Errors
    /// There is no such GPU, or no driver for it; a precision that the device does not compute in.
    pub fn open(&self, usual: Precision) -> Result<Device> {
        let gpu = |ordinal| Device::gpu(ordinal, self.dtype.unwrap_or(usual));
        let processor = || {
            let precision = match self.dtype.unwrap_or(Precision::F32) {
                Precision::Bf16 => Precision::FrozenBf16,
                precision => precision,
            };
            Ok(Device::processor(precision)?)
        };
        match self.device {
            DeviceChoice::Cpu => processor(),
            DeviceChoice::Cuda(ordinal) => {
                gpu(ordinal).map_err(|reason| anyhow!("{reason}; use --device cpu, or auto"))
            }
            // Without CUDA there is nothing to choose from.
            DeviceChoice::Auto if !cfg!(feature = "cuda") => processor(),
            DeviceChoice::Auto => match gpu(0) {
                Ok(device) => {
                    output::note(format_args!("tunemask: computing on {}", device.label()));
                    Ok(device)
                }
                Err(reason) => {
                    output::note(format_args!("tunemask: computing on the processor: {reason}"));
                    processor()
                }
            },
        }
    }
}

impl Compute {
    /// The same on another device, named as on the command line.
    ///
    /// # Errors
    /// There is no such.
    pub fn on(&self, device: &str) -> Result<Self> {
        let device = device.parse().map_err(|why: String| anyhow!(why))?;
        Ok(Self { device, ..self.clone() })
    }

    /// The precision that is asked for.
    pub fn precision(&self) -> Option<Precision> {
        self.dtype
    }
}

/// What asks for a precision on the command line.
pub fn dtype(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "f32",
        Precision::Tf32 => "tf32",
        Precision::Bf16 | Precision::FrozenBf16 => "bf16",
    }
}

/// How many threads compute.
#[derive(Args, Clone, Copy, Debug)]
pub struct Threads {
    /// Threads that compute [default: one per processor core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl Threads {
    /// Makes the thread pool of the whole program; call once, before anything computes. Returns its size.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub fn start(self) -> Result<usize> {
        // Beyond its affinity a program under Slurm may see the whole node's processor.
        let given = cluster::slurm_cores().map_or(0, |_| cluster::cores());
        let count = self.threads.map_or(given, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count);
        pool.build_global().context("cannot start the threads that compute; ask for fewer with --threads")?;
        Ok(rayon::current_num_threads())
    }
}

impl Threads {
    /// How many are asked for.
    pub fn asked(self) -> Option<u16> {
        self.threads
    }

    /// Threads of each of so many workers: the processor's cores, or as many as are asked for, shared among them.
    pub fn each_of(self, workers: usize) -> usize {
        (self.threads.map_or_else(cluster::cores, usize::from) / workers.max(1)).max(1)
    }
}

/// Where experiments are kept.
#[derive(Args, Clone, Debug)]
pub struct Home {
    /// Folder that holds the experiments [default: $TUNEMASK_HOME, else the user's data folder]
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
}

impl Home {
    /// The folder, which need not exist yet.
    ///
    /// # Errors
    /// None is named and the system has no data folder.
    pub fn folder(&self) -> Result<PathBuf> {
        match &self.home {
            Some(home) if home.as_os_str().is_empty() => bail!("--home is empty; name a folder"),
            Some(home) => Ok(home.clone()),
            None => Ok(crate::store::default_home()?),
        }
    }
}

/// A learning rate above 0 and at most 1.
///
/// # Errors
/// A sentence for the user.
pub fn learning_rate(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(rate),
        _ => Err("a learning rate is a number above 0 and at most 1, such as 1e-3".into()),
    }
}

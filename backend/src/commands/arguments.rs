//! Arguments that several commands have.

use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::PathBuf;
use std::str::FromStr;

/// What computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// The processor. `auto` means it too: this build has no other device.
    Cpu,
}

impl FromStr for Device {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" | "cpu" => Ok(Device::Cpu),
            _ if text == "cuda" || text.starts_with("cuda:") => {
                Err("this build has no CUDA; use `cpu` or `auto`".into())
            }
            _ => Err("no such device; use `auto` or `cpu`".into()),
        }
    }
}

/// What numbers the matrix products take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit floating point.
    F32,
}

impl FromStr for Dtype {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "f32" => Ok(Dtype::F32),
            "bf16" => Err("bf16 is computed on a GPU only, and this build has no CUDA; use `f32`".into()),
            _ => Err("no such type; use `f32`".into()),
        }
    }
}

/// How many threads compute.
#[derive(Args, Clone, Copy, Debug)]
pub struct Threads {
    /// Threads that compute [default: one a processor core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl Threads {
    /// Makes the thread pool of the whole program; call once, before anything computes. Returns its size.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub fn start(self) -> Result<usize> {
        let count = self.threads.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count);
        pool.build_global().context("cannot start the threads that compute; ask for fewer with --threads")?;
        Ok(rayon::current_num_threads())
    }
}

/// Where experiments are kept.
#[derive(Args, Clone, Debug)]
pub struct Home {
    /// Folder in which experiments are kept [default: $TUNEMASK_HOME, else the user's data folder]
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

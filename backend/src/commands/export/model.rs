//! A run's tuned model as files.

use crate::artifacts::Tuned;
use crate::commands::cell::{CellChoice, Needs};
use crate::commands::output;
use crate::export::{self, Checked, Initial};
use crate::files::Existing;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::text::{count, thousands};

/// How a run's model is written.
#[derive(Args, Debug)]
#[group(id = "model", multiple = true)]
pub struct Arguments {
    /// Where to write it [default: a folder named by the run's id, RUN.delta.safetensors, or RUN.adapter of LoRA, here]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Epoch to write
    #[arg(long, value_enum, default_value_t = Epoch::Best)]
    epoch: Epoch,
    /// Write only the trained scalars and the head, as safetensors; of LoRA a folder that PEFT opens
    #[arg(long)]
    delta: bool,
    #[command(flatten)]
    choice: CellChoice,
}

/// Which run, from where, and what may be replaced.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The run's id or its beginning; of an untrained model also an experiment file.
    pub run: &'a str,
    /// The home folder.
    pub home: &'a Path,
    /// What becomes of files that are there.
    pub existing: Existing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Epoch {
    /// The best one on the development set
    Best,
    /// The last one
    Last,
    /// None: the untrained model with the head that the run starts from
    Initial,
}

/// Writes it.
pub fn export(arguments: &Arguments, wanted: Wanted<'_>) -> Result<ExitCode> {
    let Wanted { home, existing, .. } = wanted;
    let epoch = match arguments.epoch {
        Epoch::Best => ReportedEpoch::Best,
        Epoch::Last => ReportedEpoch::Last,
        Epoch::Initial => return initial(arguments, wanted),
    };
    if arguments.choice.is_made() {
        bail!(
            "--task, --mask, --learning-rate and --seed choose from an experiment file, with --epoch initial"
        );
    }
    let tuned = Tuned::open(home, wanted.run, epoch)
        .with_context(|| format!("nothing to export from {}", home.display()))?;
    let (run, epoch) = (&tuned.run, tuned.product.epoch);
    let named = |ending: &str| PathBuf::from(format!("{run}{ending}"));
    let origin = format!("{} on {}, epoch {epoch}", tuned.spec.mask, tuned.spec.task.title());
    if arguments.delta {
        let ending = if tuned.is_adapter() { ".adapter" } else { ".delta.safetensors" };
        let out = arguments.out.clone().unwrap_or_else(|| named(ending));
        export::delta(&tuned, &out, existing)?;
        let bytes = size(&out);
        let own = if tuned.is_adapter() { tuned.trains.len() } else { tuned.changed().len() };
        let scalars = count(own, "scalar");
        output::line(format_args!(
            "{run} ({origin}): {scalars} and the head, {} bytes, written to {}",
            thousands(bytes),
            out.display()
        ))?;
    } else {
        let out = arguments.out.clone().unwrap_or_else(|| named(""));
        let checked = match export::folder(&tuned, &out, existing)? {
            Checked::Same { examples, of, largest } if examples > 0 => {
                let digits =
                    if largest == 0.0 { "to the last bit".into() } else { format!("within {largest:.0e}") };
                format!(
                    "scored through its files, {examples} of {} have the run's logits {digits}",
                    count(of, "development example")
                )
            }
            Checked::Same { .. } => "not checked: the run has no development examples".into(),
            Checked::Not(why) => format!("not checked against the run's predictions: {why}"),
        };
        output::line(format_args!("{run} ({origin}): written to {}; {checked}", out.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Bytes of a file, or of the files of a folder.
fn size(path: &Path) -> u64 {
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    match std::fs::read_dir(path) {
        Ok(files) => files.flatten().map(|file| bytes(&file.path())).sum(),
        Err(_) => bytes(path),
    }
}

/// Writes what a run starts from.
fn initial(arguments: &Arguments, wanted: Wanted<'_>) -> Result<ExitCode> {
    if arguments.delta {
        bail!("before training nothing differs from the base; leave --delta out");
    }
    let found = arguments.choice.find(wanted.run, wanted.home, Needs::Head)?;
    let (task, seed, model) = (&found.cell.task, found.cell.seed, found.model()?);
    let named = || PathBuf::from(format!("{}-seed-{seed}-initial", task.name().in_file_names()));
    let out = arguments.out.clone().unwrap_or_else(named);
    let of = Initial { source: &found.experiment.model, model: &model, task, seed };
    export::initial(&of, &out, wanted.existing)?;
    let task = task.title();
    output::line(format_args!(
        "{} with the initial head of seed {seed} for {task}: written to {}",
        model.title,
        out.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

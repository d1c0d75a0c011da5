//! `tunemask weights`: how weights are distributed, and what a run changed of them.

use super::arguments::Home;
use super::{fetching, output};
use crate::artifacts::Tuned;
use crate::model::{self, Model};
use crate::results::render::csv;
use crate::results::weights::{self, WeightRow, weight_rows};
use crate::results::{Distribution, digits};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::process::ExitCode;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::mask::MaskSwitches;

/// Bins of a histogram.
const BINS: usize = 60;

/// Print how weights are distributed by module and block, and what a run changed
///
/// For the pretrained weights, and with --run for the tuned ones and their difference: number, moments, quantiles,
/// histogram; γ and β of LayerNorms separately and together.
#[derive(Args, Debug)]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder [default: the run's]
    #[arg(long, required_unless_present = "run")]
    model: Option<String>,
    /// A run that was trained on it: its id, or the beginning of it if no other run's begins alike
    #[arg(long)]
    run: Option<String>,
    #[command(flatten)]
    home: Home,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print one JSON object per line, with histograms
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// List the scalars that outliers:N selects instead, as CSV or JSON
    #[arg(long, value_name = "N", conflicts_with = "format")]
    outliers: Option<usize>,
    /// List γ and β of every LayerNorm that the run trained, after every epoch, as CSV
    #[arg(long, requires = "run", conflicts_with_all = ["outliers", "format", "json"])]
    epochs: bool,
    /// Use the run's last epoch, not its best
    #[arg(long, requires = "run", conflicts_with = "epochs")]
    last: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Moments and some quantiles, aligned
    Text,
    /// Moments and quantiles, one line per module, block and kind of weights
    Csv,
    /// The data of the figure: one line per module, block and bin
    Bins,
    /// Distributions by module and block, or with --run of what it changed
    Svg,
}

/// Prints them.
pub fn weights(arguments: &Arguments) -> Result<ExitCode> {
    let epoch = if arguments.last { ReportedEpoch::Last } else { ReportedEpoch::Best };
    let tuned = match &arguments.run {
        Some(run) => Some(Tuned::open(&arguments.home.folder()?, run, epoch)?),
        None => None,
    };
    let model = open(arguments, tuned.as_ref())?;
    let (shape, pretrained) = (&model.config.shape, model.weights.as_slice());
    if let (Some(tuned), true) = (&tuned, arguments.epochs) {
        if tuned.norms.is_empty() {
            bail!("run {} was trained by a program that did not keep its LayerNorms", tuned.run);
        }
        let csv = csv::epochs(shape, &tuned.norm_scalars(), pretrained, &tuned.norms);
        output::line(csv.trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    let after = tuned.as_ref().map(Tuned::weights);
    if let Some(count) = arguments.outliers {
        let switches = tuned.as_ref().map_or_else(MaskSwitches::default, |t| t.spec.switches);
        let found = weights::outliers(count, shape, switches, pretrained, after.as_deref())?;
        if arguments.json {
            found.iter().try_for_each(output::json)?;
        } else {
            output::line(csv::outliers(&found).trim_end())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let figure = || match (&tuned, &after) {
        (Some(t), Some(after)) => {
            let run = format!("{} on {}, run {}", t.spec.mask, t.spec.task.title(), t.run);
            weights::change_figure(&model.title, &run, shape, pretrained, after)
        }
        _ => weights::distribution_figure(&model.title, shape, pretrained),
    };
    let rows = || weight_rows(shape, pretrained, after.as_deref(), BINS);
    match arguments.format {
        _ if arguments.json => rows().iter().try_for_each(output::json)?,
        Format::Text => output::line(text(&rows()))?,
        Format::Csv => output::line(csv::moments(&rows()).trim_end())?,
        Format::Bins => output::line(figure().csv().trim_end())?,
        Format::Svg => output::line(figure().svg().trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The model that is named, which must be the run's if both are.
fn open(arguments: &Arguments, tuned: Option<&Tuned>) -> Result<Model> {
    if let Some(name) = &arguments.model {
        fetching::model(name)?;
    }
    let Some(tuned) = tuned else {
        return Ok(model::open(arguments.model.as_deref().context("name a model")?)?);
    };
    if let Some(name) = &arguments.model
        && model::open(name)?.fingerprint != tuned.model.fingerprint
    {
        bail!(
            "run {} was trained on another model than {name}, on {}; leave --model out",
            tuned.run,
            tuned.source
        );
    }
    Ok(tuned.model.clone())
}

fn text(rows: &[WeightRow]) -> String {
    let head = ["weights", "n", "mean", "std", "skewness", "kurtosis", "1 %", "median", "99 %"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for row in rows {
        let place = row.block.map_or("all blocks".to_owned(), |block| format!("block {block}"));
        let name = format!("{place}, {}", row.group.title());
        lines.push(line(name, &row.pretrained));
        lines.extend(row.tuned.as_ref().map(|tuned| line("  tuned".into(), tuned)));
        lines.extend(row.difference.as_ref().map(|change| line("  difference".into(), change)));
    }
    output::aligned(&lines)
}

fn line(name: String, of: &Distribution) -> Vec<String> {
    let at = |share: f64| {
        let found = of.quantiles.iter().find(|(known, _)| *known == share);
        found.map_or(f64::NAN, |(_, value)| *value)
    };
    let numbers = [of.mean, of.std, of.skewness, of.excess_kurtosis, at(0.01), at(0.5), at(0.99)];
    // Small changes have digits, too.
    [name, of.n.to_string()].into_iter().chain(numbers.map(digits)).collect()
}

//! The scalars of a mask.

use super::arguments::Format;
use super::subject::Subject;
use crate::commands::output;
use anyhow::{Context, Result};
use tunemask_shared::mask::{Mask, list};

/// Writes the scalars of a mask in canonical order.
pub(super) fn print(subject: &Subject, mask: &Mask) -> Result<()> {
    // Before the weights are read.
    mask.check_selects()?;
    let weights = subject.weights().context("scalars are listed with their values")?;
    let scalars = list(mask, &subject.facts.shape, subject.switches, subject.arguments.seed, weights)?;
    let format = if subject.arguments.json { Format::Jsonl } else { subject.arguments.format };
    output::lines(|out| {
        if format == Format::Csv {
            writeln!(out, "tensor,index,value,sigma")?;
        }
        for scalar in scalars {
            match format {
                Format::Jsonl => writeln!(out, "{}", serde_json::to_string(&scalar)?)?,
                Format::Csv => {
                    let sigma = if scalar.sigma.is_nan() { String::new() } else { scalar.sigma.to_string() };
                    writeln!(out, "{},{},{},{sigma}", scalar.tensor, scalar.index, scalar.value)?;
                }
            }
        }
        Ok(())
    })
}

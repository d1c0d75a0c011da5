//! What is printed: a row for each mask, and every tensor that is beyond the tolerance; or one JSON object per tensor.

use super::heads::HeadKind;
use crate::commands::output;
use anyhow::Result;
use serde::Serialize;
use tunemask_engine::{Difference, Tolerance};
use tunemask_shared::mask::Mask;
use tunemask_shared::text::{count, thousands};

/// Tensors beyond the tolerance that are named; of more there is only the number.
const MAX_NAMED: usize = 20;

/// A tensor of a mask under one head.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) head: HeadKind,
    pub(super) dropout: bool,
    pub(super) difference: Difference,
}

impl Compared {
    fn place(&self) -> String {
        let dropout = if self.dropout { "dropout on" } else { "dropout off" };
        format!("{}, {dropout}", self.head.name())
    }
}

/// All tensors of a mask.
#[derive(Debug)]
pub(super) struct MaskReport {
    pub(super) mask: Mask,
    pub(super) trainable: usize,
    pub(super) tensors: Vec<Compared>,
}

#[derive(Serialize)]
struct Line<'a> {
    mask: String,
    head: HeadKind,
    dropout: bool,
    tensor: &'a str,
    scalars: usize,
    #[serde(with = "tunemask_shared::number")]
    relative: f64,
    tolerance: f64,
    within: bool,
}

impl MaskReport {
    /// The tensor of a kind that differs most; the first of equals.
    fn worst(&self, of: impl Fn(&Difference) -> bool) -> Option<&Compared> {
        let own = self.tensors.iter().filter(|c| of(&c.difference));
        own.reduce(|a, b| if b.difference.relative > a.difference.relative { b } else { a })
    }

    fn beyond(&self, tolerance: Tolerance) -> impl Iterator<Item = &Compared> {
        self.tensors.iter().filter(move |c| !c.difference.is_within(tolerance))
    }

    fn row(&self, tolerance: Tolerance) -> Vec<String> {
        let figure = |worst: Option<&Compared>| {
            worst.map_or_else(String::new, |worst| format!("{:.1e}", worst.difference.relative))
        };
        let gradient = self.worst(Difference::is_gradient);
        let name = gradient.map_or_else(String::new, |worst| {
            let tensor = worst.difference.tensor.trim_start_matches("grad.");
            format!("{tensor} ({})", worst.place())
        });
        vec![
            self.mask.to_string(),
            thousands(self.trainable as u64),
            figure(self.worst(|d| d.tensor == "logits")),
            figure(self.worst(|d| d.tensor == "loss")),
            figure(gradient),
            if self.beyond(tolerance).next().is_some() { "no".into() } else { "yes".into() },
            name,
        ]
    }
}

/// Prints a row for each mask; says whether all tensors are within the tolerance.
pub(super) fn table(reports: &[MaskReport], tolerance: Tolerance) -> Result<bool> {
    let head = ["mask", "trainable", "logits", "loss", "gradients", "agrees", "worst gradient"];
    let mut rows = vec![head.map(String::from).to_vec()];
    rows.extend(reports.iter().map(|report| report.row(tolerance)));
    output::line(output::aligned(&rows))?;
    let beyond: Vec<(&Mask, &Compared)> = reports
        .iter()
        .flat_map(|report| report.beyond(tolerance).map(move |compared| (&report.mask, compared)))
        .collect();
    for (mask, compared) in beyond.iter().take(MAX_NAMED) {
        let Difference { tensor, relative, .. } = &compared.difference;
        output::line(format_args!(
            "beyond: {mask}, {}: {tensor} differs by {relative:.1e}",
            compared.place()
        ))?;
    }
    let tensors: usize = reports.iter().map(|report| report.tensors.len()).sum();
    let limits =
        format!("{:.0e} for logits and loss, {:.0e} for gradients", tolerance.logits, tolerance.gradients);
    let tensors = count(tensors, "tensor");
    output::line(match beyond.len() {
        0 => format!("{tensors} compared, all within the tolerance: {limits}"),
        n => format!("{tensors} compared, {n} beyond the tolerance: {limits}"),
    })?;
    Ok(beyond.is_empty())
}

/// Prints a JSON object a tensor; says whether all are within the tolerance.
pub(super) fn json(reports: &[MaskReport], tolerance: Tolerance) -> Result<bool> {
    let mut all = true;
    for report in reports {
        for Compared { head, dropout, difference } in &report.tensors {
            let within = difference.is_within(tolerance);
            all &= within;
            output::json(&Line {
                mask: report.mask.to_string(),
                head: *head,
                dropout: *dropout,
                tensor: &difference.tensor,
                scalars: difference.scalars,
                relative: difference.relative,
                tolerance: tolerance.limit(difference),
                within,
            })?;
        }
    }
    Ok(all)
}

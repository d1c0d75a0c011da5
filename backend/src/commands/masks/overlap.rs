//! What two masks share.

use super::subject::Subject;
use crate::commands::output;
use anyhow::Result;
use serde::Serialize;
use tunemask_shared::mask::{Mask, Overlap};
use tunemask_shared::text::{count, thousands};

#[derive(Serialize)]
struct Row {
    masks: [String; 2],
    #[serde(flatten)]
    overlap: Overlap,
}

/// Prints how many scalars two masks share.
pub(super) fn print(subject: &Subject, first: &Mask, second: &Mask) -> Result<()> {
    first.check_selects()?;
    second.check_selects()?;
    let overlap = Overlap::of(&subject.resolve(first)?, &subject.resolve(second)?);
    let masks = [first.to_string(), second.to_string()];
    if subject.arguments.json {
        return output::json(&Row { masks, overlap });
    }
    let [first, second] = masks;
    output::line(format_args!("{first}: {}", count(overlap.first, "scalar")))?;
    output::line(format_args!("{second}: {}", count(overlap.second, "scalar")))?;
    output::line(format_args!("shared: {}", thousands(overlap.shared as u64)))?;
    output::line(format_args!("Jaccard: {:.6}", overlap.jaccard))?;
    Ok(())
}

//! `tunemask masks`: what each mask trains in a model.
//!
//! In reading order:

/// What is asked for.
mod arguments;
/// The model.
mod subject;
/// A row for each mask.
mod rows;
/// What two masks share.
mod overlap;
/// The scalars of a mask.
mod listing;

pub use arguments::Arguments;

use crate::commands::fetching;
use crate::model;
use anyhow::Result;
use std::cell::OnceCell;
use std::process::ExitCode;
use subject::Subject;

/// Prints what the arguments ask for.
pub fn masks(arguments: &Arguments) -> Result<ExitCode> {
    fetching::model(&arguments.model)?;
    let facts = model::shape(&arguments.model)?;
    let subject = Subject { arguments, facts, switches: arguments.switches(), opened: OnceCell::new() };
    if let Some(mask) = &arguments.list {
        listing::print(&subject, mask)?;
    } else if let [first, second] = &arguments.overlap[..] {
        overlap::print(&subject, first, second)?;
    } else {
        rows::print(&subject)?;
    }
    Ok(ExitCode::SUCCESS)
}

//! What `tunemask study` is asked for.

use super::changes::Changes;
use crate::commands::arguments::{Compute, Home, Threads};
use clap::Args;
use std::path::PathBuf;
use tunemask_shared::study::Study;

/// Run the paper's studies: tables 1 to 4, figures 1 and 2
///
/// Prints first how many runs it takes, how long and how much memory. Runs that the home folder already holds are not
/// trained again: a study that was stopped continues where it was, and one that is enlarged trains only what is
/// missing. Progress goes to standard error; tables, verdicts and figures to standard output.
#[derive(Args, Debug)]
pub struct Arguments {
    /// table1, table2, table3, table4, figure1, figure2, or all
    #[arg(required = true, value_name = "NAME", value_parser = named)]
    pub(super) studies: Vec<Named>,
    /// Use the built-in model and tasks; takes minutes
    #[arg(long, conflicts_with_all = ["model", "tagging_model", "data"])]
    pub(super) quick: bool,
    /// Full size: a Hugging Face folder; the paper used bert-base-uncased
    #[arg(long, value_name = "DIR")]
    pub(super) model: Option<String>,
    /// Full size: the model of Table 2; the paper used bert-base-cased [default: the same]
    #[arg(long, value_name = "DIR")]
    pub(super) tagging_model: Option<String>,
    /// Full size: the folder with GLUE's folders, conll2003 and ptb
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<String>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) home: Home,
    #[command(flatten)]
    pub(super) compute: Compute,
    #[command(flatten)]
    pub(super) threads: Threads,
    /// Print what it takes, and train nothing
    #[arg(long)]
    pub(super) plan: bool,
    /// Start without asking; without a terminal it never asks
    #[arg(long)]
    pub(super) yes: bool,
    /// Also write tables (Markdown, LaTeX, CSV), verdicts and figures (SVG, CSV) into this folder
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// For verdicts: the largest difference that does not matter, in percentage points
    #[arg(long, default_value_t = crate::results::report::MARGIN, value_parser = crate::commands::table::margin)]
    pub(super) margin: f64,
    /// Print every event as one JSON object per line, and after each study its table and verdicts
    #[arg(long)]
    pub(super) json: bool,
}

/// What a study is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Every one.
    All,
    /// This one.
    One(Study),
}

/// Reads a study's name.
fn named(text: &str) -> Result<Named, String> {
    let known = || Study::ALL.map(Study::name).join(", ");
    match text {
        "all" => Ok(Named::All),
        _ => Study::named(text)
            .map(Named::One)
            .ok_or_else(|| format!("no such study; known are {} and all", known())),
    }
}

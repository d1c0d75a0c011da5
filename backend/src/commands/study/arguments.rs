//! What `tunemask study` is asked for.

use super::changes::Changes;
use super::extension;
use crate::commands::arguments::{Compute, Home, Threads};
use crate::commands::fleet::{DryRun, Fleet};
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
    /// Full size, the figures too, which train `full`: the folder with GLUE's folders, conll2003 and ptb
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<String>,
    #[command(flatten)]
    pub(super) changes: Changes,
    /// Where the best learning rate lies on the edge of its grid, train up to N more beyond it, for that mask and task
    /// alone, until one inside is best; 0 leaves the grid as it is [default: 3 with --quick, else 0; without N: 3]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_PER_SIDE)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=10))]
    extend_edges: Option<u32>,
    #[command(flatten)]
    pub(super) home: Home,
    #[command(flatten)]
    pub(super) compute: Compute,
    #[command(flatten)]
    pub(super) fleet: Fleet,
    #[command(flatten)]
    pub(super) dry_run: DryRun,
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

/// As [`extension::MAX_PER_SIDE`], in words.
const DEFAULT_PER_SIDE: &str = "3";

impl Arguments {
    /// Learning rates that a cell gets at most beyond each edge of the grid.
    pub(super) fn most_per_side(&self) -> u32 {
        let quick = if self.quick { extension::MAX_PER_SIDE } else { 0 };
        self.extend_edges.unwrap_or(quick)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn quick_studies_extend_their_edges_unless_told_otherwise() {
        let most = |words: &[&str]| {
            Line::parse_from([&["study", "table1"], words].concat()).arguments.most_per_side()
        };
        let full = ["--model", "m", "--data", "d"];
        assert_eq!([most(&["--quick"]), most(&full)], [extension::MAX_PER_SIDE, 0]);
        assert_eq!(most(&[&full[..], &["--extend-edges"]].concat()), extension::MAX_PER_SIDE);
        assert_eq!([most(&["--quick", "--extend-edges=0"]), most(&["--quick", "--extend-edges=5"])], [0, 5]);
        assert!(Line::try_parse_from(["study", "table1", "--quick", "--extend-edges=11"]).is_err());
    }
}

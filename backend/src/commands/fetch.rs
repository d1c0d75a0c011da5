//! `tunemask fetch`: models and data of the hub, onto this machine.

use super::{fetching, output};
use crate::hub::{Freshness, Wanted};
use anyhow::{Result, bail};
use clap::Args;
use std::process::ExitCode;
use tunemask_shared::hub::HUB_PREFIX;

/// Download a model or data from the Hugging Face hub, so that they can be used without a network
///
/// They come into the hub's cache, which Python shares; run, study and the page find them there. What is there already is not downloaded
/// again. Prints where each of them lies.
#[derive(Args, Debug)]
pub struct Arguments {
    /// A model: hf:OWNER/NAME, with @REVISION for a branch, a tag or a commit; repeatable
    #[arg(long, value_name = "NAME")]
    model: Vec<String>,
    /// A data set: hf:OWNER/NAME; repeatable
    #[arg(long, value_name = "NAME")]
    data: Vec<String>,
    /// Data of these tasks alone, with commas between
    #[arg(long, value_delimiter = ',', value_name = "TASKS", requires = "data")]
    tasks: Vec<String>,
    /// Ask for what the branch is at now, even if an older state of it is here
    #[arg(long)]
    newest: bool,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Downloads and prints.
pub fn fetch(arguments: &Arguments) -> Result<ExitCode> {
    let models = arguments.model.iter().map(|name| (name, Wanted::Model));
    let data = arguments.data.iter().map(|name| (name, Wanted::Data(arguments.tasks.clone())));
    let asked: Vec<(&String, Wanted)> = models.chain(data).collect();
    if asked.is_empty() {
        bail!("name what to download with --model or --data");
    }
    let freshness = if arguments.newest { Freshness::Newest } else { Freshness::AsItIs };
    for (name, wanted) in asked {
        let Some(fetched) = fetching::fetch(name, &wanted, freshness, arguments.json.into())? else {
            bail!("`{name}` is not on the hub; write it as {HUB_PREFIX}OWNER/NAME");
        };
        let (name, folder) = (&fetched.snapshot.name, &fetched.snapshot.folder);
        if arguments.json {
            output::json(&serde_json::json!({"event": "here", "name": name.to_string(), "folder": folder}))?;
        } else {
            output::line(format_args!("{name}\n  {}", folder.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

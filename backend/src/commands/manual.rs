//! `tunemask manual`: man pages and completions, made from the command line as it is defined.

use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write man pages and shell completions into a folder
///
/// `man/man1` gets a page for the program and one for each command, `completions` a file each for bash, zsh and fish.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The folder; what it has of these files is replaced
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes what belongs to this command line.
pub fn manual(arguments: &Arguments, mut line: Command) -> Result<ExitCode> {
    let pages = arguments.folder.join("man/man1");
    let completions = arguments.folder.join("completions");
    for folder in [&pages, &completions] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    clap_mangen::generate_to(line.clone(), &pages)
        .with_context(|| format!("cannot write man pages into {}", pages.display()))?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut line, "tunemask", &completions)
            .with_context(|| format!("cannot write completions into {}", completions.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

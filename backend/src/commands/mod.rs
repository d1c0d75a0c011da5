//! The command line: one file a command. The only layer, with `main`, whose errors are `anyhow`'s.
//!
//! In reading order:

/// Arguments that several commands have.
mod arguments;
/// Who trains.
mod fleet;
/// The switches of an experiment as words.
mod switches;
/// Ctrl-C.
mod interrupt;
/// What the user reads.
mod output;
/// What is downloaded before a command begins.
mod fetching;
/// Data of one's own, read before anything else.
mod reading;
/// An experiment by its number or name.
mod experiment;
/// One cell of an experiment.
mod cell;

/// `tunemask masks`: what each mask trains.
mod masks;
/// `tunemask run`: trains an experiment file.
mod run;
/// `tunemask watch`: the page on a plan folder.
mod watch;
/// `tunemask worker`: trains tasks of a plan folder.
mod worker;
/// `tunemask table`: the result table of an experiment.
mod table;
/// `tunemask data`: what a folder of one's own data holds.
mod data;
/// `tunemask study`: the paper's tables and figures.
mod study;
/// `tunemask export`: a run's tuned model as files, or an experiment's data.
mod export;
/// `tunemask prune`: drops weights of an experiment that ran.
mod prune;
/// `tunemask predict`: a text of one's own through the runs of an experiment.
mod predict;
/// `tunemask weights`: how weights are distributed, and what a run changed of them.
mod weights;
/// `tunemask serve`: the page.
mod serve;
/// `tunemask models`: models and data on this machine.
mod models;
/// `tunemask fetch`: models and data of the hub, onto this machine.
mod fetch;
/// `tunemask order`: what each step of a run reads.
mod order;
/// `tunemask probe`: one forward and backward, to check against other implementations.
mod probe;
/// `tunemask verify`: both engines on the same batch.
mod verify;
/// `tunemask pretrain`: a BERT from a config and text.
mod pretrain;
/// `tunemask bench`: the speed of the training step.
mod bench;
/// `tunemask manual`: man pages and completions.
mod manual;

use clap::{CommandFactory, Parser, Subcommand};
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Fine-tune transformer encoders by their modules, and see which modules carry a task.
#[derive(Debug, Parser)]
#[command(name = "tunemask", version, about, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    /// Print more on standard error; RUST_LOG gives finer control
    #[arg(long, global = true, display_order = 1000)]
    verbose: bool,
    /// Make no request to the Hugging Face hub, as HF_HUB_OFFLINE=1 does
    #[arg(long, global = true, display_order = 1001)]
    offline: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Run(run::Arguments),
    Study(Box<study::Arguments>),
    Table(table::Arguments),
    Worker(worker::Arguments),
    Watch(watch::Arguments),
    Export(export::Arguments),
    Predict(predict::Arguments),
    Weights(weights::Arguments),
    Prune(prune::Arguments),
    Masks(masks::Arguments),
    Data(data::Arguments),
    Models(models::Arguments),
    Fetch(fetch::Arguments),
    Pretrain(pretrain::Arguments),
    Order(order::Arguments),
    Probe(probe::Arguments),
    Verify(verify::Arguments),
    Bench(bench::Arguments),
    // For packagers, not for users.
    #[command(hide = true)]
    Manual(manual::Arguments),
}

/// Reads the arguments, does what they say and reports the outcome: 0 if all went well, 1 if not, 2 for
/// arguments that cannot be read.
pub fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        // Help and version come this way, too.
        Err(words) => return output::arguments(&words),
    };
    let default = if line.verbose { "tunemask=debug,info" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // It would panic where standard error cannot be written.
        .log_internal_errors(false)
        .init();
    if line.offline {
        crate::hub::forbid_requests("--offline");
    }
    let done = match line.command {
        Command::Serve(arguments) => serve::serve(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Study(arguments) => study::study(&arguments),
        Command::Table(arguments) => table::table(&arguments),
        Command::Watch(arguments) => watch::watch(arguments),
        Command::Worker(arguments) => worker::worker(&arguments),
        Command::Export(arguments) => export::export(&arguments),
        Command::Predict(arguments) => predict::predict(&arguments),
        Command::Weights(arguments) => weights::weights(&arguments),
        Command::Prune(arguments) => prune::prune(&arguments),
        Command::Data(arguments) => data::data(&arguments),
        Command::Masks(arguments) => masks::masks(&arguments),
        Command::Models(arguments) => models::models(&arguments),
        Command::Fetch(arguments) => fetch::fetch(&arguments),
        Command::Pretrain(arguments) => pretrain::pretrain(&arguments),
        Command::Order(arguments) => order::order(&arguments),
        Command::Probe(arguments) => probe::probe(&arguments),
        Command::Verify(arguments) => verify::verify(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
        Command::Manual(arguments) => manual::manual(&arguments, CommandLine::command()),
    };
    done.unwrap_or_else(|error| output::failed(&error))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    /// Causes come through two doors, an error's own text and the chain behind it; a reader sees both.
    #[test]
    fn a_cause_is_said_once() {
        use crate::artifacts::ArtifactError;
        use crate::data::DataError;
        use crate::files::FileError;
        use crate::hub::HubError;
        use crate::lab::LabError;
        use crate::model::ModelError;
        use crate::pretraining::PretrainingError;
        use crate::server::ServerError;
        use crate::store::StoreError;
        use crate::tensors::TensorsError;
        use anyhow::{Context, Error};
        let cause = || std::io::Error::from_raw_os_error(30);
        let file = || FileError::Io { path: "x".into(), cause: cause() };
        let home = || StoreError::Home { path: "x".into(), cause: cause() };
        let write = || ModelError::Write { path: "x".into(), cause: cause() };
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 80));
        let errors: [Error; 17] = [
            file().into(),
            DataError::from(file()).into(),
            ModelError::from(file()).into(),
            TensorsError::from(file()).into(),
            ArtifactError::from(file()).into(),
            PretrainingError::from(file()).into(),
            PretrainingError::from(write()).into(),
            write().into(),
            TensorsError::Io { path: "x".into(), cause: cause() }.into(),
            ArtifactError::Io { path: "x".into(), cause: cause() }.into(),
            PretrainingError::Io { path: "x".into(), cause: cause() }.into(),
            home().into(),
            LabError::from(home()).into(),
            ServerError::from(LabError::from(home())).into(),
            ServerError::Bind { address, cause: cause() }.into(),
            ServerError::from(cause()).into(),
            crate::artifacts::TunedError::from(home()).into(),
        ];
        for error in errors {
            let text = format!("{:#}", Err::<(), _>(error).context("run 3").unwrap_err());
            let said =
                ["os error 30", "this disk cannot be written to"].map(|said| text.matches(said).count());
            assert_eq!(said.iter().sum::<usize>(), 1, "{text}");
        }
        // The hub's has words of its own for it.
        let hub = Error::from(HubError::Write { path: "x".into(), cause: cause() });
        let text = format!("{:#}", Err::<(), _>(hub).context("run 3").unwrap_err());
        assert_eq!(text.matches("this disk cannot be written to").count(), 1, "{text}");
        assert!(!text.contains("os error"), "{text}");
    }

    #[test]
    fn the_command_line_is_consistent() {
        super::CommandLine::command().debug_assert();
    }
}

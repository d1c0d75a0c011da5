//! An experiment's file under its name, and the commands that run it.

use crate::component::download::{file_name, save};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::experiment_file::write;

/// The media type of TOML.
const TOML: &str = "application/toml";

/// Hands an experiment's file to the browser.
pub fn save_as_file(experiment: &Experiment) {
    save(&name_of_file(&experiment.name), TOML, &write(experiment));
}

/// What the file of an experiment of this name is called.
pub fn name_of_file(name: &str) -> String {
    match file_name(&[name], "toml") {
        // A name without a letter or number that every file system takes.
        empty if empty == ".toml" => "experiment.toml".to_owned(),
        named => named,
    }
}

/// The command that runs the file of an experiment of this name.
pub fn command(name: &str) -> String {
    format!("tunemask run {}", name_of_file(name))
}

/// One command that holds the file, for a POSIX shell.
pub fn whole_command(file: &str) -> String {
    let mut end = "END".to_owned();
    while file.lines().any(|line| line == end) {
        end.push('_');
    }
    format!("tunemask run - <<'{end}'\n{file}{end}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_a_file_that_needs_no_quotes() {
        assert_eq!(command("RTE, $(three) masks"), "tunemask run rte-three-masks.toml");
        assert_eq!(command("β"), "tunemask run experiment.toml");
    }

    #[test]
    fn the_end_of_a_file_within_a_command_is_no_line_of_it() {
        assert_eq!(whole_command("seeds = [1]\n"), "tunemask run - <<'END'\nseeds = [1]\nEND\n");
        let text = "name = \"\"\"\nEND\nEND_\"\"\"\n";
        assert_eq!(whole_command(text), format!("tunemask run - <<'END_'\n{text}END_\n"));
    }
}

//! An experiment's file under its name, the commands that run it, and the file within such a command.

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

/// The file within a command that holds one, as [`whole_command`] writes it; nothing of another text. The file's lines stand where
/// they do in the command, so that what is wrong with one is told by its number there.
pub fn file_within(text: &str) -> Option<String> {
    let mut lines = text.lines();
    let above = lines.by_ref().take_while(|line| line.trim().is_empty()).count();
    let command = text.lines().nth(above)?;
    let (program, end) = command.split_once("<<")?;
    let mut words = program.split_whitespace().skip_while(|word| *word == "$");
    let is_run = words.next()?.rsplit(['/', '\\']).next() == Some("tunemask") && words.next() == Some("run");
    // The shell's `<<-` takes tabs off the lines.
    let (end, tabs) = end.strip_prefix('-').map_or((end, &[][..]), |end| (end, &['\t'][..]));
    let end = end_name(end)?;
    let file: Vec<&str> =
        lines.map(|line| line.trim_start_matches(tabs)).take_while(|line| *line != end).collect();
    is_run.then(|| format!("{}{}\n", "\n".repeat(above + 1), file.join("\n")))
}

/// The name of a here-document's end, of what stands behind its `<<`: in quotes, or up to what the shell takes for a sign.
fn end_name(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let name = match text.strip_prefix(['\'', '"']) {
        Some(quoted) => quoted.split(['\'', '"']).next(),
        None => text.split(|c: char| c.is_whitespace() || "|;&<>()".contains(c)).next(),
    };
    name.filter(|name| !name.is_empty())
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

    #[test]
    fn a_command_is_read_as_the_file_that_it_holds() {
        for file in ["seeds = [1]\n", "name = \"\"\"\nEND\n\"\"\"\nseeds = [1, 2]\n"] {
            assert_eq!(file_within(&whole_command(file)), Some(format!("\n{file}")));
        }
        // As it stands in a terminal, with more words, and without its last line.
        let other = "\n$ target/release/tunemask run - --json << \"EOF\"\nseeds = [1]";
        assert_eq!(file_within(other).as_deref(), Some("\n\nseeds = [1]\n"));
        let more = ["<<-'EOF' | tee log", "<<'EOF'| tee log", "<<EOF|tee log", "<<EOF; ls", "<<\"EOF\">log"];
        for words in more {
            let piped = format!("tunemask run - {words}\nseeds = [1]\nEOF\n");
            assert_eq!(file_within(&piped).as_deref(), Some("\nseeds = [1]\n"), "{words}");
        }
        let tabs = "tunemask run - <<-EOF\n\tseeds = [1]\n\tEOF\nls\n";
        assert_eq!(file_within(tabs).as_deref(), Some("\nseeds = [1]\n"));
        for none in
            ["", "seeds = [1]\n", "name = \"tunemask run - <<END\"\n", "tunemask table 3 <<END\nEND\n"]
        {
            assert_eq!(file_within(none), None, "{none}");
        }
    }
}

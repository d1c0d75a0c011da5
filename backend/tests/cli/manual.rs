//! `tunemask manual`: man pages and completions that know every command and option.

use crate::program::tunemask;
use std::fs;

/// The commands that `--help` lists.
fn commands() -> Vec<String> {
    let help = tunemask(&["--help"]).success();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.map_while(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_page_and_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    tunemask(&["manual", folder.path().to_str().unwrap()]).success();
    let read =
        |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let commands = commands();
    assert!(commands.len() >= 10 && commands.contains(&"serve".to_owned()), "{commands:?}");
    let program = read("man/man1/tunemask.1");
    let completions =
        ["tunemask.bash", "_tunemask", "tunemask.fish"].map(|n| read(&format!("completions/{n}")));
    for command in &commands {
        let page = read(&format!("man/man1/tunemask-{command}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
        assert!(program.contains(&format!("tunemask\\-{command}(1)")), "{command}");
        assert!(completions.iter().all(|text| text.contains(command.as_str())), "{command}");
    }
    // An option of one command, and what is not for users.
    let serve = read("man/man1/tunemask-serve.1");
    assert!(serve.contains("\\-\\-port") && serve.contains("\\-\\-page"), "{serve}");
    assert!(completions.iter().all(|text| text.contains("page")));
    assert!(!folder.path().join("man/man1/tunemask-manual.1").exists());
    assert!(!program.contains("manual(1)"), "{program}");
}

//! All tables and figures that one quick study writes, in one LaTeX document.

use crate::program::tunemask;
use std::path::Path;
use std::process::{Command, Stdio};
use tunemask_shared::fixtures::Requirement;

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

#[test]
fn the_tables_and_figures_of_a_study_make_one_document() {
    if let Some(missing) = ["pdflatex", "rsvg-convert"].into_iter().find(|program| !is_there(program)) {
        Requirement::Latex.skip(format_args!("there is no {missing}"));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (home, out) = (folder.path().join("home"), folder.path().join("out"));
    // The widest tables, with deviations, and a figure of each kind.
    let studies = ["study", "table1", "table4", "figure1", "--quick"];
    let tiny = ["--learning-rates", "1e-3", "--seeds", "1,2", "--epochs", "1"];
    let limits = ["--train-limit", "16", "--eval-limit", "24"];
    let at = ["--home", home.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let printed = tunemask(&[&studies[..], &tiny, &limits, &at].concat()).success();
    assert!(printed.contains("### Table 1"), "{printed}");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/study-document.sh");
    let made = Command::new("bash").arg(script).arg(&out).output().unwrap();
    let said = String::from_utf8_lossy(&made.stdout);
    assert!(made.status.success(), "{said}\n{}", String::from_utf8_lossy(&made.stderr));
    let document = std::fs::read_to_string(out.join("document.tex")).unwrap();
    for name in ["table1.tex", "table4.tex", "figure1.tex", "figure1.pdf", "figure1-change-similarity.pdf"] {
        assert!(document.contains(&format!("{{{name}}}")), "{name} is not in the document");
    }
    assert!(std::fs::read(out.join("document.pdf")).unwrap().starts_with(b"%PDF"));
}

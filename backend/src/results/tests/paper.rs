//! The paper's tables in each layout and form.

use super::states::{experiment, middle_wins, table_of};
use crate::results::paper::PaperTable;
use crate::results::reference::{Reference, ReferenceValue};
use crate::results::render::latex;
use std::fs;
use std::process::{Command, Stdio};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::report::Layout;
use tunemask_shared::run::RunStatus;
use tunemask_shared::study::{Size, Study};
use tunemask_shared::task::Task;
use tunemask_shared::validation::GridCell;

fn reference() -> Reference {
    let value = |mask: &str, value, std| ReferenceValue {
        mask: mask.parse().unwrap(),
        task: Task::rte().name().clone(),
        metric: Metric::Accuracy,
        set: 0,
        value,
        std,
        source: "a paper, Table 1 & 2".into(),
    };
    Reference { values: vec![value("layernorms", 0.665, Some(0.012)), value("outliers:4", 0.6, None)] }
}

/// `layernorms` one point better than all others.
fn better(cell: &GridCell) -> Result<f64, RunStatus> {
    middle_wins(cell).map(|v| v + if cell.mask == Mask::LayerNorms { 0.01 } else { 0.0 })
}

fn with(masks: &[&str]) -> Experiment {
    Experiment { masks: masks.iter().map(|&m| m.into()).collect(), ..experiment() }
}

#[test]
fn modules_stand_by_tasks() {
    let t = PaperTable::new(
        &table_of(&with(&["full", "layernorms", "frozen"]), better),
        Layout::Modules,
        Some(&reference()),
    );
    assert_eq!((t.rows.len(), t.columns.len(), &*t.stub), (3, 3, "mask"));
    let cells = |row: usize| t.rows[row].cells[0].as_ref().unwrap();
    assert_eq!([0, 1, 2].map(|r| cells(r).best), [false, true, false]);
    assert_eq!((cells(1).reference, cells(2).reference), (Some((0.665, Some(0.012))), None));
    assert_eq!((cells(1).values.len(), cells(1).runs.len(), cells(1).rates.clone()), (2, 2, vec![1e-3]));
    let text = t.markdown();
    assert!(text.contains("| **71.0 ± 14.1 @ 1e-3 [66.5 ± 1.2]** |"), "{text}");
    assert!(text.contains("- In brackets: a paper, Table 1 & 2.\n"), "{text}");
    assert!(text.contains("sample standard deviation (n − 1)"), "{text}");
    assert!(
        text.contains(&format!("- layernorms on RTE: {} {}\n", cells(1).runs[0], cells(1).runs[1])),
        "{text}"
    );
    let plain = PaperTable::new(&table_of(&experiment(), better), Layout::Modules, None);
    assert!(!plain.has_reference && !plain.markdown().contains('['));
}

#[test]
fn asterisks_of_masks_are_letters_in_markdown() {
    let lora = "lora:8 in layers(*).query + layers(*).value";
    let table = table_of(&with(&[lora, "frozen"]), better);
    let paper = PaperTable::new(&table, Layout::Modules, None).markdown();
    for text in [&paper, &crate::results::render::markdown::table(&table)] {
        assert!(text.contains(&format!("\n| `{lora}` | ")), "{text}");
        let outside: String = text.split('`').step_by(2).collect();
        // What is left are marks of bold figures.
        assert_eq!(outside.replace("**", "").replace("\\*", "").matches('*').count(), 0, "{text}");
    }
    assert!(paper.contains(&format!("\n- `{lora}` on RTE: ")), "{paper}");
}

#[test]
fn layers_stand_in_their_order() {
    let masks = ["single_norm:10", "full", "single_norm:2", "bitfit", "single_norm:1"];
    let t = PaperTable::new(&table_of(&with(&masks), better), Layout::Layers, None);
    let labels: Vec<&str> = t.rows.iter().map(|r| r.label.as_str()).collect();
    assert_eq!((labels, &*t.stub), (vec!["full", "1", "2", "10"], "block"));
}

#[test]
fn outliers_stand_beside_their_control() {
    let masks = ["outliers:16", "outliers_random:4", "outliers:4", "frozen"];
    let t = PaperTable::new(&table_of(&with(&masks), better), Layout::Outliers, Some(&reference()));
    let labels: Vec<&str> = t.rows.iter().map(|r| r.label.as_str()).collect();
    assert_eq!((labels, t.columns.len()), (vec!["frozen", "4", "16"], 6));
    assert_eq!(t.columns[1].title(), "RTE accuracy, random");
    let mask = |row: usize, column: usize| t.rows[row].cells[column].as_ref().map(|c| c.mask.to_string());
    assert_eq!((mask(1, 0), mask(1, 1)), (Some("outliers:4".into()), Some("outliers_random:4".into())));
    assert_eq!((mask(2, 0), mask(2, 1)), (Some("outliers:16".into()), None));
    // What they are compared with stands in both columns, and is one line of the file.
    assert_eq!((mask(0, 0), mask(0, 1)), (Some("frozen".into()), Some("frozen".into())));
    assert_eq!(t.csv().lines().filter(|line| line.starts_with("frozen,")).count(), 3);
    assert_eq!(t.markdown().matches("- frozen on RTE: ").count(), 1);
    assert!(t.legend.contains(&"For comparison in both columns of a task: `frozen`.".to_owned()));
    assert!(t.legend.contains(&"– alone: the experiment has no such mask.".to_owned()));
    assert!(t.markdown().contains("70.0 ± 14.1 @ 1e-3 [60.0]"), "{}", t.markdown());
}

#[test]
fn a_line_a_figure_of_csv() {
    let e = with(&["layers(1,3).ln", "layernorms"]);
    let t = PaperTable::new(&table_of(&e, better), Layout::Modules, Some(&reference()));
    let text = t.csv();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 2 * 3);
    assert!(
        lines[1].starts_with("\"layers(1,3).ln\",\"layers(1,3).ln\",4608,rte,dev,accuracy,1e-3,,0.7,"),
        "{text}"
    );
    assert!(lines[4].ends_with(",true,0.665,0.012"), "{text}");
    let runs = &t.rows[0].cells[0].as_ref().unwrap().runs;
    assert!(lines[1].contains(&format!(",0.8;0.6,{};{},true,", runs[0], runs[1])), "{text}");
}

#[test]
fn an_unfinished_cell_is_marked() {
    let t = table_of(&experiment(), |c| if c.seed == 2 { Err(RunStatus::Queued) } else { Ok(0.5) });
    let text = PaperTable::new(&t, Layout::Modules, None).markdown();
    assert!(text.contains("50.0 ± – (n 1 of 2: 1 to come) @ 1e-4↓ |"), "{text}");
}

#[test]
fn a_whole_cell_that_may_still_change_is_marked() {
    let t =
        table_of(&experiment(), |c| if c.learning_rate == 1e-2 { Err(RunStatus::Queued) } else { Ok(0.5) });
    let text = PaperTable::new(&t, Layout::Modules, None).markdown();
    assert!(text.contains("50.0 ± 0.0 @ 1e-4↓†** "), "{text}");
    assert!(text.contains("\n- †: runs at other learning rates are still to come.\n"), "{text}");
}

#[test]
fn the_study_of_outliers_is_whole_in_its_layout() {
    let study = Study::Outliers.experiment(Size::Full, 12);
    let masks: Vec<&str> = study.masks.iter().map(String::as_str).collect();
    let table = PaperTable::new(&table_of(&with(&masks), better), Layout::Outliers, None);
    let labels: Vec<&str> = table.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["frozen", "layernorms", "4", "16", "64", "256"]);
    assert!(!table.markdown().contains("Not in this layout"), "{}", table.markdown());
    // Masks of another layout alone are none of this one.
    let modules = PaperTable::new(&table_of(&with(&["frozen", "mha"]), better), Layout::Outliers, None);
    assert!(modules.rows.is_empty());
}

#[test]
fn latex_floats_with_caption_label_and_grouped_heads() {
    let masks = ["outliers:4", "outliers_random:4", "frozen"];
    let lowest = |c: &GridCell| Ok(0.5 - c.learning_rate + c.seed as f64 / 100.0);
    let tex = PaperTable::new(&table_of(&with(&masks), lowest), Layout::Outliers, None).latex();
    for part in [
        "\\begin{table}[htbp]\n\\centering\n\\caption{A \\& B\\_1 (experiment 7, builtin:tiny)}\n\\label{tab:experiment-7-outliers}\n\\smallskip\n\\footnotesize\n",
        "\\multicolumn{2}{c}{RTE} & \\multicolumn{4}{c}{MRPC} \\\\\n\\cmidrule(lr){3-4}\\cmidrule(lr){5-8}\n",
        "\\multicolumn{2}{c}{F1} & \\multicolumn{2}{c}{acc.} \\\\\n",
        "n & trainable & outliers & random & outliers & random",
        "{\\scriptsize 1e-4$\\downarrow$}",
        "After a learning rate: $\\downarrow$ the lowest of its grid; a better one may lie beyond.",
        "(below each mean)",
        "\\texttt{frozen}",
    ] {
        assert!(tex.contains(part), "{part}\n{tex}");
    }
    assert!(tex.ends_with("\\end{table}\n"), "{tex}");
}

/// Every form of every layout, through LaTeX itself where it is installed.
#[test]
fn the_latex_compiles() {
    let masks = [
        "full",
        "layernorms - outliers:4 & bitfit",
        "layers(1-2,4-).mha.weight",
        "single_norm:1",
        "outliers:4",
        "outliers_random:4:1",
    ];
    let e = Experiment { name: "A & B_1 # 50 % $x$ {y} ~^\\".into(), ..with(&masks) };
    let tables =
        [table_of(&e, better), table_of(&e, |c| if c.seed == 2 { Err(RunStatus::Failed) } else { Ok(0.5) })];
    let mut body = String::new();
    for table in &tables {
        body.push_str(&latex::table(table));
        for layout in [Layout::Modules, Layout::Layers, Layout::Outliers] {
            body.push_str(&format!("\n\n{}", PaperTable::new(table, layout, Some(&reference())).latex()));
        }
    }
    for (open, close) in [("{", "}"), ("\\begin{", "\\end{")] {
        let plain = body.replace("\\{", "").replace("\\}", "");
        let code: String = plain.lines().filter(|l| !l.starts_with('%')).collect();
        assert_eq!(code.matches(open).count(), code.matches(close).count());
    }
    if Command::new("pdflatex").arg("--version").stdout(Stdio::null()).status().is_err() {
        tunemask_shared::fixtures::Requirement::Latex.skip("there is no pdflatex");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let document = format!(
        "\\documentclass{{article}}\n\\usepackage{{booktabs,graphicx}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    );
    fs::write(folder.join("tables.tex"), document).unwrap();
    let run = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "tables.tex"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    assert!(fs::metadata(folder.join("tables.pdf")).unwrap().len() > 1000);
}

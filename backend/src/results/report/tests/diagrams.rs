//! Diagrams hold what the tables beside them hold.

use super::*;
use tunemask_shared::experiment::FurtherRates;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Choice, HeatCell, HeatMap, Plot};

/// The intervals of a forest plot are the numbers of the tables of evidence; a claim is in the plot or among those of which nothing was
/// compared, with the reason that the table of verdicts gives.
#[test]
fn a_forest_plot_holds_what_the_tables_of_evidence_hold() {
    let (_, state) = lacking();
    let made = made(&state, ReportKind::Verdicts);
    let forest =
        made.blocks.iter().find_map(|b| if let Block::Forest(f) = b { Some(f) } else { None }).unwrap();
    let verdicts = verdict_rows(&made);
    assert_eq!((forest.claims.len() + forest.open.len(), forest.margin), (10, 2.0));
    assert!(!forest.claims.is_empty() && !forest.open.is_empty());
    for claim in &forest.claims {
        let Block::Table(table) = &claim.details[0] else { panic!("no table") };
        let verdict = verdicts.iter().find(|row| row[0].text == claim.sentence).unwrap();
        assert_eq!(claim.finding.title(), verdict[1].text);
        assert_eq!(claim.comparisons.len(), table.rows.len());
        for (row, cells) in claim.comparisons.iter().zip(&table.rows) {
            let shown = |percent: f64| crate::results::format::points(percent / 100.0);
            assert_eq!((&row.name, &row.runs), (&cells[0].text, &cells[1].runs));
            assert_eq!(shown(row.difference), cells[1].text);
            assert_eq!(format!("{} to {}", shown(row.low), shown(row.high)), cells[2].text);
            assert!(row.said.starts_with(&row.name) && verdict[2].text.contains(&row.said));
        }
    }
    for open in &forest.open {
        assert!(verdicts.iter().any(|row| row[0].text == open.sentence && row[2].text == open.reason));
    }
    let rows = forest.claims.iter().map(|claim| claim.comparisons.len()).sum::<usize>();
    assert_eq!(forest.csv.lines().count(), 1 + rows);
    let text = text::report(&made);
    assert!(text.contains("### Every module alone") && text.contains("**undecided**"), "{text}");
}

/// Each point of a plot is a cell of the table beside it.
#[test]
fn a_plot_holds_what_the_table_holds() {
    let masks = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let cases = [
        (masks(&["full", "mha", "layernorms", "frozen"]), Layout::Modules, vec!["frozen"], 3),
        (
            masks(&["full", "frozen", "single_norm:1", "single_norm:2"]),
            Layout::Layers,
            vec!["full", "frozen"],
            2,
        ),
        (
            masks(&["frozen", "outliers:4", "outliers:16", "outliers_random:4", "outliers_random:16"]),
            Layout::Outliers,
            vec!["frozen"],
            4,
        ),
    ];
    for (masks, layout, compared, points) in cases {
        let e = Experiment { masks, seeds: vec![1, 2, 3], ..results::experiment() };
        let mut state = results::state(&e, |cell| {
            Ok(0.5 + cell.mask.to_string().len() as f64 / 100.0 + cell.seed as f64 / 50.0)
        });
        // Only `frozen` trains nothing.
        for run in state.runs.values_mut().filter(|run| run.spec.mask == Mask::Frozen) {
            run.trainable = 0;
        }
        let made = made(&state, ReportKind::Table);
        let plots: Vec<&Plot> =
            made.blocks.iter().flat_map(|b| if let Block::Plots(p) = b { &p[..] } else { &[] }).collect();
        let rows = &tables(&made)[0].rows;
        assert_eq!(plots.iter().map(|plot| &*plot.title).collect::<Vec<_>>(), ["RTE accuracy", "MRPC F1"]);
        for plot in &plots {
            let names: Vec<String> = plot.references.iter().map(|line| line.mask.to_string()).collect();
            assert_eq!(
                (names, plot.series.iter().map(|s| s.points.len()).sum::<usize>()),
                (compared.iter().map(|name| (*name).to_owned()).collect(), points)
            );
            for point in plot.series.iter().flat_map(|series| &series.points).chain(&plot.references) {
                let shown = format!("{:.1} ± {:.1}", point.value, point.high - point.value);
                let mut cells = rows.iter().flatten().filter(|cell| cell.runs == point.runs);
                assert_eq!(cells.next().map(|cell| &cell.text), Some(&shown), "{layout:?} {}", point.said);
                assert!(point.said.starts_with(&format!("{}: {shown}", point.mask)), "{}", point.said);
            }
            assert_eq!(plot.csv.lines().count(), 1 + points + compared.len());
        }
        let series: Vec<(&str, Vec<f64>)> =
            plots[0].series.iter().map(|s| (&*s.name, s.points.iter().map(|p| p.x).collect())).collect();
        match layout {
            Layout::Modules => assert_eq!(series, [("", vec![100.0; 3])]),
            Layout::Layers => assert_eq!(series, [("LayerNorms of one block", vec![1.0, 2.0])]),
            Layout::Outliers => {
                assert_eq!(series, [("outliers", vec![4.0, 16.0]), ("random control", vec![4.0, 16.0])]);
            }
        }
    }
}

fn heat_maps(report: &Report) -> Vec<&HeatMap> {
    report.blocks.iter().flat_map(|b| if let Block::HeatMaps(maps) = b { &maps[..] } else { &[] }).collect()
}

#[test]
fn heat_maps_hold_what_the_table_of_learning_rates_holds() {
    let (_, state) = lacking();
    let made = made(&state, ReportKind::Rates);
    let (map, rows) = (heat_maps(&made)[0], &tables(&made)[0].rows);
    assert_eq!(map.columns, ["1e-4", "1e-3"]);
    let cells = || map.rows.iter().flat_map(|row| row.cells.iter().map(move |cell| (&row.mask, cell)));
    assert_eq!((cells().count(), rows.len()), (10, 10));
    for ((mask, cell), row) in cells().zip(rows) {
        let (mean, picked) = (&row[5], &row[6]);
        let shown = format!("{} {}", cell.text, cell.under);
        let whole = mean.under.is_empty();
        let expected = if whole { mean.text.clone() } else { format!("{} n 2 of 3", &mean.text[..4]) };
        assert_eq!((shown, mask.to_string()), (expected, row[0].text.clone()));
        assert_eq!(cell.choice == Choice::Picked, picked.text == "picked");
        assert_eq!((&cell.warning, &cell.runs), (&picked.warning, &mean.runs));
    }
    let frozen = &map.rows[4].cells[0];
    assert_eq!(frozen.said, "frozen at 1e-4: 85.0 ± 0.0; seed 1 85.0, seed 2 85.0; 1 undefined; picked");
    assert_eq!(map.summary, "5 masks at 2 learning rates. Best: full at 1e-4, 90.0 ± 0.0.");
    let line = map.csv.lines().nth(1).unwrap();
    assert!(line.starts_with("full,1e-4,0.9") && line.ends_with(",3,3,true"), "{line}");
}

#[test]
fn a_cell_of_a_heat_map_says_why_it_has_no_figure() {
    let e = Experiment {
        masks: vec!["layernorms".into(), "frozen".into()],
        tasks: vec!["rte".into()],
        seeds: vec![1, 2, 3],
        further_rates: vec![FurtherRates {
            task: "rte".into(),
            mask: "frozen".into(),
            learning_rates: vec![1e-1],
        }],
        ..results::experiment()
    };
    let state = results::state(&e, |cell| match (cell.learning_rate, cell.seed) {
        (1e-4, 3) => Err(RunStatus::Running),
        (1e-4, _) => Err(RunStatus::Failed),
        (1e-3, _) => Err(RunStatus::Queued),
        (rate, _) => Ok(rate),
    });
    let made = made(&state, ReportKind::Rates);
    let map = heat_maps(&made)[0];
    let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
    let said = |row: usize| -> Vec<(&str, &str, Option<f64>)> {
        map.rows[row].cells.iter().map(|cell| (&*cell.text, &*cell.under, cell.value.map(rounded))).collect()
    };
    let common = [("2 failed", "1 running", None), ("queued", "", None), ("1.0", "± 0.0", Some(0.01))];
    assert_eq!(map.columns, ["1e-4", "1e-3", "1e-2", "1e-1"]);
    assert_eq!(said(0), [&common[..], &[("", "", None)]].concat());
    assert_eq!(said(1), [&common[..], &[("10.0", "± 0.0", Some(0.1))]].concat());
    assert!(map.summary.ends_with("4 cells without a figure."), "{}", map.summary);
}

#[test]
fn maps_of_seeds_hold_what_the_table_of_learning_rates_holds() {
    let (_, state) = lacking();
    let made = made(&state, ReportKind::Rates);
    let of_seeds = || heat_maps(&made).into_iter().filter(|map| map.is_of_seeds());
    let (map, rows) = (of_seeds().next().unwrap(), &tables(&made)[0].rows);
    assert_eq!((of_seeds().count(), &*map.title), (1, "Each seed: Similarity Spearman correlation"));
    // A row of the table is a mask at a rate, one of the map a mask with a seed.
    for row in rows {
        let rate = map.columns.iter().position(|rate| *rate == row[1].text).unwrap();
        let of_mask = map.rows.iter().filter(|seed| seed.mask.to_string() == row[0].text);
        let cells: Vec<&HeatCell> = of_mask.map(|seed| &seed.cells[rate]).collect();
        assert_eq!(cells.len(), 3);
        for (cell, shown) in cells.into_iter().zip(&row[2..5]) {
            let text = if shown.under.is_empty() { &shown.text } else { &shown.under };
            assert_eq!((&cell.text, &cell.runs), (text, &shown.runs));
            assert_eq!(cell.choice == Choice::Picked, shown.strong, "{}", cell.said);
        }
    }
    let first = &map.rows[1];
    assert_eq!((first.seed, &*first.cells[0].said), (Some(2), "full at 1e-4, seed 2: 90.0; picked"));
    let csv: Vec<&str> = map.csv.lines().collect();
    assert_eq!(csv.len(), 1 + 30);
    assert!(
        csv[1].starts_with("similarity,spearman,full,1e-4,1,") && csv[1].ends_with(",true"),
        "{}",
        csv[1]
    );
    assert!(!text::report(&made).contains("Each seed"), "each run is in a table of the text already");
}

#[test]
fn a_map_of_seeds_fills_run_by_run_and_says_what_is_still_to_come() {
    let tasks = vec!["rte".into()];
    let e = Experiment { tasks, learning_rates: vec![1e-4, 1e-3], ..results::experiment() };
    let state = results::state(&e, |cell| match (cell.learning_rate, cell.seed) {
        (1e-4, 1) => Ok(0.5),
        (1e-4, _) => Err(RunStatus::Failed),
        (_, 1) => Err(RunStatus::Running),
        _ => Err(RunStatus::Queued),
    });
    let made_of = |state| heat_maps(&made(state, ReportKind::Rates)).last().map(|map| (*map).clone());
    let map = made_of(&state).unwrap();
    let texts = |row: usize| map.rows[row].cells.iter().map(|cell| &*cell.text).collect::<Vec<_>>();
    assert_eq!((texts(0), texts(1)), (vec!["50.0", "running"], vec!["failed", "queued"]));
    assert!(map.summary.contains("with a figure"), "{}", map.summary);
    assert!(map.rows.iter().flat_map(|row| &row.cells).all(|cell| cell.runs.len() == 1));
    // One seed is its own mean, and has no map besides.
    let alone = Experiment { seeds: vec![1], ..e };
    let state = results::state(&alone, |_| Ok(0.5));
    assert!(made_of(&state).is_some_and(|map| !map.is_of_seeds()));
}

#[test]
fn thousands_of_runs_are_a_sentence_and_no_picture_of_each() {
    let made_of = |seeds: u64| {
        let learning_rates = (1..=10).map(|rate| f64::from(rate) * 1e-4).collect();
        let masks = vec!["full".into(), "frozen".into()];
        let e = Experiment { masks, learning_rates, seeds: (1..=seeds).collect(), ..results::experiment() };
        made(&results::state(&e, |_| Ok(0.5)), ReportKind::Rates)
    };
    let sentence = |made: &Report| {
        let texts = made.blocks.iter().filter_map(|block| match block {
            Block::Paragraph(text) if text.starts_with("Each seed: ") => Some(text.clone()),
            _ => None,
        });
        texts.collect::<Vec<_>>()
    };
    let (fits, over) = (made_of(50), made_of(51));
    assert!(heat_maps(&fits).iter().any(|map| map.is_of_seeds()) && sentence(&fits).is_empty());
    assert!(heat_maps(&over).iter().all(|map| !map.is_of_seeds()));
    let told = sentence(&over);
    assert!(told[0].contains(": 1,020 runs are too many"), "{told:?}");
}

/// The matrix of pairs holds what `table --pairs` prints, with the sign turned below its diagonal.
#[test]
fn the_matrix_of_pairs_holds_every_test_twice() {
    let (_, state) = lacking();
    let table = crate::results::table::table(&state, ID).unwrap();
    let study = stored::study(&nowhere(), &table);
    let tests = crate::results::significance::pair_tests(&study, None);
    let made = made(&state, ReportKind::Verdicts);
    let all = tables(&made);
    let matrix = all.iter().find(|table| table.caption == "Similarity: every pair of masks").unwrap();
    let names: Vec<&str> = matrix.columns[1..].iter().map(|column| column.title.as_str()).collect();
    assert_eq!(names, ["full", "mha", "ffn", "layernorms", "frozen"]);
    let at = |left: &Mask, right: &Mask| {
        let place = |mask: &Mask| names.iter().position(|name| *name == mask.to_string()).unwrap();
        &matrix.rows[place(left)][1 + place(right)]
    };
    // `frozen` lacks a seed: of ten pairs six are tested.
    assert_eq!(tests.len(), 6);
    for test in &tests {
        let (above, below) = (at(&test.left, &test.right), at(&test.right, &test.left));
        let size = format!("{:.1}", test.difference.abs() * 100.0);
        assert!(above.text.ends_with(&size) && below.text.ends_with(&size), "{above:?} {below:?}");
        assert_eq!((&above.runs, &above.under), (&test.runs, &below.under));
    }
    assert_eq!((&*at(&Mask::Full, &Mask::Mha).text, &*at(&Mask::Mha, &Mask::Full).text), ("+10.0", "−10.0"));
    assert_eq!(at(&Mask::Frozen, &Mask::Full).under, "untested");
    assert_eq!(at(&Mask::Full, &Mask::Full).text, "");

    // Its files: each test once as a line, the untested pairs with why, and the matrix as a table of a paper.
    let file = |form| folded_file(&made, "pairs of masks", form);
    let csv = file(FileForm::Csv);
    let lines: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 10);
    for (line, test) in lines.iter().zip(&tests) {
        assert_eq!([line[2], line[3]], [test.left.to_string(), test.right.to_string()]);
        assert_eq!(line[4].parse::<f64>().unwrap(), test.difference);
        assert_eq!(line[8].parse::<f64>().unwrap_or(f64::NAN).to_bits(), test.p_holm.to_bits());
    }
    assert!(lines[6..].iter().all(|line| line[3] == "frozen" && line[4].is_empty() && !line[10].is_empty()));
    let latex = file(FileForm::Latex);
    assert!(
        latex.contains("\\label{tab:experiment-7-pairs-similarity}") && latex.contains("\\texttt{frozen}")
    );
    assert!(file(FileForm::Markdown).contains("### Similarity: every pair of masks"));
}

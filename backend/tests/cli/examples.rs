//! The experiment files in `examples/` are what the program reads.

use std::fs;
use std::path::Path;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::experiment_file::{ExperimentFile, write};
use tunemask_shared::facts::Facts;
use tunemask_shared::study::{Size, Study};
use tunemask_shared::validation::validate;

fn read(file: &Path) -> Experiment {
    let text = fs::read_to_string(file).unwrap();
    ExperimentFile::read(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display())).experiment
}

#[test]
fn every_example_is_a_valid_experiment() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3);
    for file in files {
        let experiment = read(&file);
        assert_eq!(ExperimentFile::read(&write(&experiment)).unwrap().experiment, experiment);
        // Without facts, so that no model or data need be there.
        let valid = validate(&experiment, &Facts::default());
        assert!(valid.is_ok(), "{}: {:?}", file.display(), valid.err());
    }
}

#[test]
fn the_smallest_example_is_what_the_form_holds_at_first() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tiny.toml");
    assert_eq!(read(&file), Experiment::starter());
}

#[test]
fn the_papers_example_is_table_1_on_one_task() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/paper.toml");
    let paper = read(&file);
    let table_1 = Study::Modules.experiment(Size::Full, 12);
    assert!(matches!(&paper.tasks[..], [task] if table_1.tasks.contains(task)), "{:?}", paper.tasks);
    let Experiment { name, model, data, tasks, .. } = paper.clone();
    assert_eq!(paper, Experiment { name, model, data, tasks, ..table_1 });
}

//! What the text of an experiment file, or of a command that holds one, fills the form with.

use super::command::file_within;
use crate::form::draft::Draft;
use tunemask_shared::experiment::FieldError;
use tunemask_shared::experiment_file::{ExperimentFile, FileError};
use tunemask_shared::facts::Facts;
use tunemask_shared::validation::validate;

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filling {
    /// What the form is filled in with; `None` where the form cannot hold what is written.
    pub draft: Option<Draft>,
    /// What is wrong, as far as it is known without model and data.
    pub errors: Vec<FileError>,
}

/// Reads a text. What is wrong with a value that the form can hold is also told at its field there.
pub fn read(text: &str) -> Filling {
    let within = file_within(text);
    let file = match ExperimentFile::read(within.as_deref().unwrap_or(text)) {
        Ok(file) => file,
        Err(error) => return Filling { errors: vec![error], ..Filling::default() },
    };
    let found = validate(&file.experiment, &Facts::default()).err().unwrap_or_default();
    // The form has boxes for tasks and masks: one that cannot be read has no place there.
    let is_lost = |error: &FieldError| error.field.starts_with("tasks[") || error.field.starts_with("masks[");
    Filling {
        draft: (!found.iter().any(is_lost)).then(|| Draft::new(&file.experiment)),
        errors: found.iter().map(|error| file.place(error)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::file::command::whole_command;
    use tunemask_shared::experiment::{Experiment, FurtherRates};
    use tunemask_shared::experiment_file::write;
    use tunemask_shared::study::{QUICK_BLOCKS, Size, Study};

    #[test]
    fn what_the_form_writes_fills_the_form_with_the_same() {
        let studies = Study::ALL.map(|study| study.experiment(Size::Quick, QUICK_BLOCKS));
        for experiment in studies.into_iter().chain([Experiment::default(), Experiment::starter()]) {
            let written = write(&Draft::new(&experiment).parse().experiment);
            let filling = read(&written);
            let again = filling.draft.map(|draft| write(&draft.parse().experiment));
            assert_eq!((again, filling.errors), (Some(written), vec![]));
        }
    }

    #[test]
    fn what_the_form_cannot_hold_leaves_it_as_it_was() {
        let said = |text: &str| -> (bool, Vec<String>) {
            let filling = read(text);
            (filling.draft.is_some(), filling.errors.iter().map(ToString::to_string).collect())
        };
        let (filled, errors) = said("masks = [\"full\",\n\"fulll\"]\nepochs = 0");
        assert!(!filled && errors[0].starts_with("line 2: masks[1]: "), "{errors:?}");
        assert!(errors[1].starts_with("line 3: epochs: "), "{errors:?}");
        let (filled, errors) = said("tasks = [\"rte\"]\nseeds = [1, 1]\n");
        assert!(filled && errors.iter().any(|e| e.starts_with("line 2: seeds[1]: ")), "{errors:?}");
        let (filled, errors) = said("seeds = [1,");
        assert!(!filled && errors[0].starts_with("line 1: "), "{errors:?}");
    }

    #[test]
    fn rates_of_single_cells_are_kept() {
        let further =
            FurtherRates { task: "questions".into(), mask: "full".into(), learning_rates: vec![1e-1] };
        let experiment = Experiment { further_rates: vec![further], ..Experiment::starter() };
        let filling = read(&write(&experiment));
        let again = filling.draft.map(|draft| draft.parse().experiment);
        assert_eq!((again, filling.errors), (Some(experiment), vec![]));
    }

    #[test]
    fn the_command_that_the_form_copies_fills_it_in() {
        let file = write(&Experiment::starter());
        assert_eq!(read(&whole_command(&file)), read(&file));
        let wrong = read(&whole_command("name = \"x\"\nseeds = [1, 1]\n"));
        let errors: Vec<String> = wrong.errors.iter().map(ToString::to_string).collect();
        assert!(errors.iter().any(|e| e.starts_with("line 3: seeds[1]: ")), "{errors:?}");
    }
}

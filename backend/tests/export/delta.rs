//! A delta is applied to an experiment's model, and stays in what its runs leave.

use crate::reading::{bits, text, train};
use crate::support::{open, small};
use std::fs;
use std::path::PathBuf;
use tunemask::artifacts::Tuned;
use tunemask::export::{self, Existing};
use tunemask::lab::LabError;
use tunemask::model;
use tunemask_shared::experiment::{Experiment, ReportedEpoch};

#[test]
fn a_delta_comes_upon_the_model_of_an_experiment_and_stays_in_what_it_leaves() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Experiment { masks: text(&["layernorm_a"]), ..small() };
    let (_, runs) = train(home.path(), &first);
    let file = out.path().join("first.safetensors");
    let earlier = Tuned::open(home.path(), &runs[0], ReportedEpoch::Best).unwrap();
    export::delta(&earlier, &file, Existing::Keep).unwrap();

    let second = Experiment {
        delta: Some(file.to_str().unwrap().into()),
        masks: text(&["layernorm_f", "frozen"]),
        tasks: text(&["acceptability"]),
        ..small()
    };
    let (state, later) = train(home.path(), &second);
    // The model is another one, and so are the runs; where the file lies does not matter.
    let spec = |run: &str| state.runs.iter().find(|(id, _)| id.0 == run).unwrap().1.spec.clone();
    assert_ne!(spec(&later[0]).model, earlier.spec.model);
    let moved = out.path().join("moved.safetensors");
    fs::copy(&file, &moved).unwrap();
    let again = Experiment { delta: Some(moved.to_str().unwrap().into()), ..second.clone() };
    assert_eq!(train(home.path(), &again).1, later);

    let tuned = Tuned::open(home.path(), &later[0], ReportedEpoch::Best).unwrap();
    assert_eq!(bits(&tuned.model.weights), bits(&earlier.weights()));
    assert_eq!(tuned.changed(), earlier.trains.selection.union(&tuned.trains.selection));
    let both = out.path().join("both.safetensors");
    export::delta(&tuned, &both, Existing::Keep).unwrap();
    let together = model::open_with("builtin:tiny", Some(&both)).unwrap();
    assert_eq!(bits(&together.weights), bits(&tuned.weights()));
    assert_eq!(together.title, "builtin:tiny + both");

    // On a model that it does not belong to, or no delta at all, the field is named.
    let refused = |delta: PathBuf, model: &str| {
        let lab = open(tempfile::tempdir().unwrap().path());
        let delta = Some(delta.to_str().unwrap().to_owned());
        let wrong = Experiment { delta, model: model.into(), ..small() };
        let Err(LabError::Invalid(errors)) = lab.submit(&wrong) else { panic!("it is invalid") };
        assert_eq!((errors.len(), &*errors[0].field), (1, "delta"));
        errors[0].message.clone()
    };
    let folder = out.path().join("folder");
    export::folder(&tuned, &folder, Existing::Keep).unwrap();
    let printed = refused(file.clone(), folder.to_str().unwrap());
    assert!(printed.contains("belongs to the base model") && printed.contains("folder is"), "{printed}");
    let printed = refused(folder.join("model.safetensors"), "builtin:tiny");
    assert!(printed.contains("not a delta; `tunemask export RUN --delta` writes one"), "{printed}");
    refused(out.path().join("absent"), "builtin:tiny");
}

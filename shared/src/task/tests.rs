//! Tasks are data: what is known stays, what is not is written out.

use super::*;

fn own(change: impl FnOnce(&mut Definition)) -> Result<Task, Problem> {
    let mut definition = Definition {
        source: Source::Own,
        name: TaskName::own("reviews").unwrap(),
        kind: TaskKind::Classification(vec!["good".into(), "bad".into()]),
        pairs: false,
        metrics: vec![Metric::F1, Metric::Accuracy],
        development_sets: vec!["dev".into()],
        size: TaskSize::Small,
    };
    change(&mut definition);
    Task::new(definition)
}

#[test]
fn names_and_titles_are_read() {
    for task in known_tasks() {
        assert_eq!(task.name().as_str().parse(), Ok(task.name().clone()));
        assert_eq!(task.title().parse(), Ok(task.name().clone()));
        assert_eq!(serde_json::to_string(task).unwrap(), format!("\"{}\"", task.name()));
        assert_eq!(serde_json::from_str::<Task>(&format!("\"{}\"", task.name())).unwrap(), *task);
        assert!(task.is_known() && Task::of_source(task.source()).unwrap() == *task, "{task}");
        assert_eq!(task.0.check(), Ok(()), "{task}");
    }
    assert!(labels::BUILT_IN_TAGS.iter().all(|t| labels::PENN_TAGS.contains(t)));
    assert!(known_tasks().is_sorted());
    let folders: Vec<_> = known_tasks().iter().filter_map(Task::folder).collect();
    assert_eq!(folders[..2], ["CoLA", "SST-2"]);
    assert_eq!(folders[8..], ["conll2003", "ptb"]);
    assert!("wnli".parse::<TaskName>().unwrap_err().to_string().contains("rte"));
    assert_eq!("own:my-reviews".parse::<TaskName>().unwrap().title(), "my-reviews");
    for bad in ["own:", "own:a b", "own:a/b", "own:..", "own:a,b"] {
        assert!(bad.parse::<TaskName>().is_err(), "{bad}");
    }
}

#[test]
fn a_task_of_ones_own_is_written_out_and_read() {
    let task = own(|_| {}).unwrap();
    let text = serde_json::to_string(&task).unwrap();
    assert_eq!(
        text,
        r#"{"source":"own","name":"own:reviews","kind":{"classification":["good","bad"]},"pairs":false,"#
            .to_owned()
            + r#""metrics":["f1","accuracy"],"development_sets":["dev"],"size":"small"}"#
    );
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
    assert!(!task.is_known() && task > Task::entities());
    let swapped = own(|d| d.kind = TaskKind::Classification(vec!["bad".into(), "good".into()])).unwrap();
    assert_ne!(task, swapped);
    let read = |text: &str| serde_json::from_str::<Task>(text).map_err(|error| error.to_string());
    assert!(read("\"own:reviews\"").unwrap_err().contains("needs its definition"));
    assert!(read("\"wnli\"").unwrap_err().contains("is not a task"));
    assert!(read(&text.replace("\"bad\"", "\"good\"")).unwrap_err().contains("is listed twice"));
}

#[test]
fn a_task_may_have_several_labels() {
    let labels = ["toxic", "insult"].map(String::from).to_vec();
    let of = |metrics: &[Metric]| {
        own(|d| (d.kind, d.metrics) = (TaskKind::MultiLabel(labels.clone()), metrics.to_vec()))
    };
    let task = of(&[Metric::MicroF1, Metric::MacroF1, Metric::SubsetAccuracy]).unwrap();
    let text = serde_json::to_string(&task).unwrap();
    assert!(text.contains(r#""kind":{"multi_label":["toxic","insult"]}"#), "{text}");
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
    assert_eq!((task.kind().outputs(), task.kind().targets(), task.kind().labels().len()), (2, 2, 2));
    for metric in [Metric::Accuracy, Metric::F1, Metric::Matthews, Metric::BalancedAccuracy] {
        assert_eq!(of(&[metric]).unwrap_err(), Problem::Metric(metric));
    }
    assert_eq!(
        own(|d| d.metrics = vec![Metric::SubsetAccuracy]).unwrap_err(),
        Problem::Metric(Metric::SubsetAccuracy)
    );
}

#[test]
fn a_known_task_with_other_labels_is_another_and_with_its_own_the_same() {
    let labels = |of: &[&str]| of.iter().map(|&l| l.to_owned()).collect::<Vec<_>>();
    let drugs = Task::ner().with_labels(labels(&["O", "B-DRUG", "I-DRUG"])).unwrap();
    assert!(!drugs.is_known() && drugs != Task::ner() && drugs < Task::pos());
    assert_eq!(
        (drugs.name(), drugs.title(), drugs.metrics()),
        (Task::ner().name(), "NER", Task::ner().metrics())
    );
    let text = serde_json::to_string(&drugs).unwrap();
    assert!(text.starts_with(r#"{"source":{"columns":"ner"},"name":"ner","#), "{text}");
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), drugs);
    assert!(Task::ner().with_labels(labels(&labels::ENTITIES)).unwrap().is_known());
    assert_eq!(Task::ner().with_labels(labels(&["O", "X"])).unwrap_err(), Problem::Metric(Metric::EntityF1));
}

#[test]
fn what_cannot_be_a_task_is_told() {
    let wrong = |change: fn(&mut Definition)| own(change).unwrap_err();
    assert_eq!(wrong(|d| d.name = Task::rte().name().clone()), Problem::Name(Task::rte().name().clone()));
    assert_eq!(wrong(|d| d.source = Task::rte().source()), Problem::Name(TaskName::own("reviews").unwrap()));
    let glue = Task::rte().with_labels(vec!["yes".into(), "no".into()]);
    assert_eq!(glue.unwrap_err(), Problem::Known(Task::rte().name().clone()));
    assert!(matches!(wrong(|d| d.kind = TaskKind::Classification(vec!["a".into()])), Problem::FewLabels(_)));
    assert_eq!(
        wrong(|d| d.kind = TaskKind::Classification(vec!["a".into(), String::new()])),
        Problem::Label(String::new())
    );
    assert!(matches!(
        wrong(|d| d.kind = TaskKind::Regression(Range { low: 1.0, high: f32::NAN })),
        Problem::Range(_)
    ));
    let many = |count: usize| TaskKind::Tagging((0..count).map(|label| label.to_string()).collect());
    assert!(own(|d| (d.kind, d.metrics) = (many(MAX_LABELS), vec![Metric::Accuracy])).is_ok());
    assert_eq!(own(|d| d.kind = many(MAX_LABELS + 1)).unwrap_err(), Problem::ManyLabels(MAX_LABELS + 1));
    assert_eq!(wrong(|d| d.metrics.clear()), Problem::Metrics);
    assert_eq!(wrong(|d| d.metrics.push(Metric::F1)), Problem::Metrics);
    assert_eq!(wrong(|d| d.metrics.push(Metric::Loss)), Problem::Metric(Metric::Loss));
    assert_eq!(
        wrong(|d| d.kind = TaskKind::Classification(["a", "b", "c"].map(String::from).to_vec())),
        Problem::Metric(Metric::F1)
    );
    assert_eq!(wrong(|d| d.development_sets.clear()), Problem::Sets);
    assert_eq!(wrong(|d| d.development_sets = vec!["a".into(), "a".into()]), Problem::Sets);
}

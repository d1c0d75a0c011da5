//! What is read as what: the fields of a `dataset.toml`, filled in with what was found.

use super::choice::{Choice, Options, Room, Text};
use super::says::Says;
use super::state::Own;
use crate::format::parse_finite;
use leptos::prelude::*;
use tunemask_shared::dataset::{DatasetFacts, DatasetKind};
use tunemask_shared::metric::Metric;

/// A list of the settings.
struct Role {
    field: &'static str,
    label: &'static str,
    options: fn(&DatasetFacts) -> Options,
    chosen: fn(&DatasetFacts) -> String,
    says: fn(String) -> Says,
}

static ROLES: [Role; 5] = [
    Role {
        field: "text",
        label: "Text",
        options: |facts| columns("Choose a column", facts),
        chosen: |facts| facts.settings.text.first().cloned().unwrap_or_default(),
        says: Says::Text,
    },
    Role {
        field: "pair",
        label: "Second text",
        options: |facts| columns("None", facts),
        chosen: |facts| facts.settings.text.get(1).cloned().unwrap_or_default(),
        says: Says::Pair,
    },
    Role {
        field: "label",
        label: "Label or score",
        options: |facts| {
            let mut options = columns("Choose a column", facts);
            // Several that a dataset.toml names stay what they are until one is chosen.
            if facts.settings.label.len() > 1 {
                options.push((facts.settings.label.join("\n"), facts.settings.label.join(", ")));
            }
            options
        },
        chosen: |facts| facts.settings.label.join("\n"),
        says: Says::Label,
    },
    Role {
        field: "kind",
        label: "Kind",
        options: |_| {
            let all = DatasetKind::ALL.map(|kind| (kind.name().to_owned(), kind.name().to_owned()));
            with_nothing("Choose", all.into())
        },
        chosen: |facts| facts.settings.kind.map_or("", DatasetKind::name).to_owned(),
        says: |name| Says::Kind(kind_of(&name)),
    },
    Role {
        field: "metric",
        label: "Metric that decides",
        options: metrics,
        chosen: |facts| facts.settings.metric.first().map_or("", |metric| metric.name()).to_owned(),
        says: |name| Says::Metric(metric_of(&name)),
    },
];

static TEXTS: [Text; 4] = [
    Text {
        field: "name",
        label: "Task's name",
        hint: "Letters, digits, - _ .",
        room: Room::Line,
        text: name,
        says: |_, text| Ok(Says::Name(text.trim().to_owned())),
    },
    Text {
        field: "separator",
        label: "Between labels of a cell",
        hint: "Where a text may have several: | in food|travel; blanks count",
        room: Room::Line,
        text: |facts| facts.settings.separator.clone().unwrap_or_default(),
        // Blanks may be all that stands between them.
        says: |_, text| Ok(Says::Separator(text.to_owned())),
    },
    Text {
        field: "labels",
        label: "Labels in order",
        hint: "One a line; a label's place is its number, from 0",
        room: Room::Lines,
        text: |facts| {
            facts.settings.labels.iter().map(|label| in_a_line(label)).collect::<Vec<_>>().join("\n")
        },
        says: |facts, text| Ok(Says::Labels(labels(&facts.settings.labels, text))),
    },
    Text {
        field: "split",
        label: "Share for development",
        hint: "Split off from training where there is no file, always the same examples",
        room: Room::Line,
        text: |facts| facts.settings.split.map_or_else(String::new, |share| share.to_string()),
        says: |_, text| split(text.trim()),
    },
];

/// A label as it stands in one line, whatever is in it.
fn in_a_line(label: &str) -> String {
    label.replace('\r', "\\r").replace('\n', "\\n")
}

/// The labels that lines name. Those that are known are meant by what stands in their line.
fn labels(known: &[String], text: &str) -> Vec<String> {
    let label = |line: &str| known.iter().find(|label| in_a_line(label) == line).cloned();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| label(line).unwrap_or_else(|| line.to_owned())).collect()
}

/// The fields.
pub fn roles(own: Own) -> AnyView {
    let choice = |role: &'static Role| {
        let choice = Choice {
            field: role.field,
            id: format!("own-{}", role.field),
            label: role.label.into(),
            options: Box::new(|own| own.facts.as_ref().map(role.options).unwrap_or_default()),
            chosen: Box::new(|own| own.facts.as_ref().map(role.chosen).unwrap_or_default()),
            choose: Box::new(|own, value| own.say((role.says)(value))),
        };
        choice.show(own)
    };
    let text = |field: &str| TEXTS.iter().find(|text| text.field == field).map(|text| text.show(own));
    let choices = ROLES.iter().map(choice).collect_view();
    view! { <div class="fields">{text("name")} {choices} {text("separator")} {text("labels")} {text("split")}</div> }
        .into_any()
}

/// The columns, and a word for none of them.
fn columns(nothing: &str, facts: &DatasetFacts) -> Options {
    with_nothing(nothing, facts.columns.iter().map(|c| (c.name.clone(), c.name.clone())).collect())
}

/// Options with one for nothing before them.
fn with_nothing(words: &str, mut options: Options) -> Options {
    options.insert(0, (String::new(), words.to_owned()));
    options
}

/// A task's name without what all own tasks' names begin with.
fn name(facts: &DatasetFacts) -> String {
    let said = facts.settings.name.clone();
    said.unwrap_or_else(|| facts.task.split_once(':').map_or("", |(_, name)| name).to_owned())
}

/// The metrics that are reported, and those that could be.
fn metrics(facts: &DatasetFacts) -> Options {
    let usual = &facts.settings.metric;
    let more: &[Metric] = match facts.settings.kind {
        Some(DatasetKind::Classification) if facts.settings.labels.len() == 2 => {
            &[Metric::Accuracy, Metric::F1, Metric::Matthews, Metric::MacroF1, Metric::BalancedAccuracy]
        }
        Some(DatasetKind::Classification) => {
            &[Metric::Accuracy, Metric::MacroF1, Metric::Matthews, Metric::BalancedAccuracy]
        }
        Some(DatasetKind::MultiLabel) => &[Metric::MicroF1, Metric::MacroF1, Metric::SubsetAccuracy],
        Some(DatasetKind::Regression | DatasetKind::Tagging) | None => &[],
    };
    // In an order that does not depend on which one is chosen.
    let all = Metric::ALL.into_iter().filter(|metric| usual.contains(metric) || more.contains(metric));
    all.map(|metric| (metric.name().to_owned(), metric.title().to_owned())).collect()
}

fn kind_of(name: &str) -> Option<DatasetKind> {
    DatasetKind::ALL.into_iter().find(|kind| kind.name() == name)
}

fn metric_of(name: &str) -> Option<Metric> {
    Metric::ALL.into_iter().find(|metric| metric.name() == name)
}

fn split(text: &str) -> Result<Says, String> {
    let wrong = || format!("`{text}` is not a number; write 0.1 for a tenth");
    let share = if text.is_empty() { None } else { Some(parse_finite(text).ok_or_else(wrong)?) };
    Ok(Says::Split(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::dataset::DatasetSettings;
    use tunemask_shared::task::TaskKind;

    #[test]
    fn metrics_that_suit_are_offered_whichever_is_chosen() {
        let facts = |labels: usize, metric: Vec<Metric>| DatasetFacts {
            settings: DatasetSettings {
                kind: Some(DatasetKind::Classification),
                labels: (0..labels).map(|n| n.to_string()).collect(),
                metric,
                ..DatasetSettings::default()
            },
            task: "own:reviews".into(),
            ..DatasetFacts::default()
        };
        let names = |facts| metrics(&facts).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let two = names(facts(2, vec![Metric::F1, Metric::Accuracy]));
        assert_eq!(two, ["accuracy", "matthews", "f1", "macro_f1", "balanced_accuracy"]);
        assert_eq!(two, names(facts(2, vec![Metric::Accuracy, Metric::F1])));
        assert!(!names(facts(3, vec![Metric::Accuracy])).contains(&"f1".to_owned()));
        assert!(metrics(&DatasetFacts::default()).is_empty());
        assert_eq!(name(&facts(2, Vec::new())), "reviews");
        for kind in DatasetKind::ALL {
            assert_eq!(kind_of(kind.name()), Some(kind));
        }
        assert_eq!((kind_of(""), metric_of("f1")), (None, Some(Metric::F1)));
    }

    /// A metric that suits what a folder's task predicts can be chosen for it.
    #[test]
    fn every_metric_that_suits_is_offered_and_no_other() {
        let offered = |kind: DatasetKind, labels: &[String]| {
            let settings =
                DatasetSettings { kind: Some(kind), labels: labels.into(), ..DatasetSettings::default() };
            let facts = DatasetFacts { settings, ..DatasetFacts::default() };
            metrics(&facts).into_iter().filter_map(|(name, _)| metric_of(&name)).collect::<Vec<_>>()
        };
        let suits = |kind: TaskKind| Metric::ALL.into_iter().filter(move |metric| metric.suits(&kind));
        for labels in [2, 3] {
            let labels: Vec<String> = (0..labels).map(|n| n.to_string()).collect();
            // Where each text has one label, the micro F1 is the accuracy.
            let of_classes = suits(TaskKind::Classification(labels.clone()))
                .filter(|metric| *metric != Metric::MicroF1)
                .collect::<Vec<_>>();
            assert_eq!(offered(DatasetKind::Classification, &labels), of_classes);
            let of_sets = suits(TaskKind::MultiLabel(labels.clone())).collect::<Vec<_>>();
            assert_eq!(offered(DatasetKind::MultiLabel, &labels), of_sets);
        }
    }

    #[test]
    fn any_label_can_be_put_in_order() {
        let known = ["a; b", "two\nlines", " c "].map(str::to_owned);
        let text = known.iter().rev().map(|label| in_a_line(label)).collect::<Vec<_>>().join("\n");
        assert_eq!(text, " c \ntwo\\nlines\na; b");
        assert_eq!(labels(&known, &format!("{text}\n\n")), [" c ", "two\nlines", "a; b"]);
        // Others are told where the folder is read.
        assert_eq!(labels(&known, "d\n a; b"), ["d", " a; b"]);
        let says = |field: &str, text: &str| {
            let field = TEXTS.iter().find(|known| known.field == field).unwrap();
            (field.says)(&DatasetFacts::default(), text)
        };
        assert_eq!(says("separator", " "), Ok(Says::Separator(" ".into())));
        assert_eq!(says("name", " x "), Ok(Says::Name("x".into())));
        assert_eq!(says("split", " 0.5 "), Ok(Says::Split(Some(0.5))));
        assert!(says("split", "x").unwrap_err().contains("not a number"));
    }
}

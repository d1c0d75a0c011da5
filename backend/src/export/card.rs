//! What a person reads beside the model.

use crate::artifacts::Tuned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tunemask_shared::run::RunSpec;
use tunemask_shared::task::{Task, TaskKind};
use tunemask_shared::text::thousands;

/// What is to be said of a tuned model.
pub(super) struct Facts<'a> {
    tuned: &'a Tuned,
}

impl<'a> Facts<'a> {
    pub(super) fn from_tuned(tuned: &'a Tuned) -> Self {
        Self { tuned }
    }

    fn spec(&self) -> &RunSpec {
        &self.tuned.spec
    }

    fn labels(&self) -> &[String] {
        self.spec().task.kind().labels()
    }

    /// Scores by set and metric, in the metric's own unit.
    fn scores(&self) -> Map<String, Value> {
        let sets = self.spec().task.development_sets();
        let scores = self.tuned.evaluation.scores.iter();
        let name = |set: u8| sets.get(usize::from(set)).map_or("dev", String::as_str);
        scores.map(|s| (format!("{} {}", name(s.set), s.metric.name()), json!(s.value))).collect()
    }

    /// For the header of a file.
    pub(super) fn pairs(&self) -> BTreeMap<String, String> {
        let spec = self.spec();
        let pairs = [
            ("base_model", self.tuned.model.title.clone()),
            ("run", self.tuned.run.to_string()),
            ("task", spec.task.to_string()),
            ("mask", spec.mask.to_string()),
            ("trained_scalars", self.tuned.trains.len().to_string()),
            ("learning_rate", format!("{:e}", spec.learning_rate)),
            ("seed", spec.seed.to_string()),
            ("epoch", self.tuned.product.epoch.to_string()),
            ("labels", json!(self.labels()).to_string()),
            ("scores", Value::Object(self.scores()).to_string()),
        ];
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// The class of transformers that has such a head.
    fn class(&self) -> &'static str {
        match self.spec().task.kind() {
            TaskKind::Tagging(_) => "AutoModelForTokenClassification",
            TaskKind::Classification(_) | TaskKind::Regression(..) | TaskKind::MultiLabel(_) => {
                "AutoModelForSequenceClassification"
            }
        }
    }

    /// The text of a model card.
    pub(super) fn card(&self) -> String {
        let (class, spec) = (self.class(), self.spec());
        // A byte-level tokenizer must be told that words are given one by one.
        let spaced = self.tuned.model.tokenizer.spaces_words() && spec.task.kind().is_tagging();
        let spaced = if spaced { ", add_prefix_space=True" } else { "" };
        self.with_python(&format!(
            "from transformers import AutoTokenizer, {class}\n\n\
             tokenizer = AutoTokenizer.from_pretrained(\"FOLDER\"{spaced})\n\
             model = {class}.from_pretrained(\"FOLDER\")\n"
        ))
    }

    /// The text of an adapter's card.
    pub(super) fn adapter_card(&self) -> String {
        let (class, outputs) = (self.class(), self.spec().task.kind().outputs());
        self.with_python(&format!(
            "from peft import PeftModel\n\
             from transformers import {class}\n\n\
             base = {class}.from_pretrained(\"BASE\", num_labels={outputs})\n\
             model = PeftModel.from_pretrained(base, \"FOLDER\")\n"
        ))
    }

    /// A card that ends in a few lines of Python.
    fn with_python(&self, python: &str) -> String {
        let spec = self.spec();
        let (task, model) = (spec.task.title(), plain(&self.tuned.model.title));
        let scores = self.tuned.evaluation.scores.iter().map(|s| {
            let sets = spec.task.development_sets();
            let set = sets.get(usize::from(s.set)).map_or("dev", String::as_str);
            format!("| {set} | {} | {:.4} |\n", s.metric.title(), s.value)
        });
        let scores: String = scores.collect();
        let rows = [
            ("base model", model.clone()),
            ("its fingerprint", self.tuned.base.clone()),
            ("run", self.tuned.run.to_string()),
            ("task", task.to_owned()),
            ("mask", format!("`{}`", spec.mask)),
            ("trained scalars, without the head", thousands(self.tuned.trains.len() as u64)),
            ("learning rate", format!("{:e}", spec.learning_rate)),
            ("seed", spec.seed.to_string()),
            ("epoch", format!("{} of {}", self.tuned.product.epoch, spec.epochs)),
            ("labels", self.labels().join(", ")),
        ];
        let rows: String =
            rows.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("| {k} | {v} |\n")).collect();
        let what = if self.tuned.is_adapter() {
            format!(
                "{model} is as it was; what `{}` adds to it, and the head, were trained by Tunemask.",
                spec.mask
            )
        } else {
            format!("Of {model} only the mask `{}` and the head were trained, by Tunemask.", spec.mask)
        };
        format!(
            "# {model}, fine-tuned on {task}\n\n\
             {what}\n\n\
             | | |\n| --- | --- |\n{rows}\n\
             Scores on the development set (metrics as shares, not per cent):\n\n\
             | set | metric | value |\n| --- | --- | ---: |\n{scores}\n\
             ```python\n{python}```\n",
        )
    }
}

/// The text of a model card of what a run starts from.
pub(super) fn initial(model: &str, task: &Task, seed: u64) -> String {
    let (model, task) = (plain(model), task.title());
    format!(
        "# {model}, before it is fine-tuned on {task}\n\n\
         The weights of {model} as they are, with the initial head that Tunemask draws from seed {seed}.\n"
    )
}

/// A name as Markdown shows it letter by letter: a folder may be called anything.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', letter]),
            _ if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_are_shown_and_do_nothing() {
        assert_eq!(plain("minilm-l6-h384"), "minilm-l6-h384");
        assert_eq!(plain("<img src=x onerror=alert(1)>&"), "&lt;img src=x onerror=alert(1)&gt;&amp;");
        assert_eq!(plain("a|b\n# [c](d) `e` __f__"), r"a\|b # \[c\](d) \`e\` \_\_f\_\_");
        assert!(!plain("a\r\u{1b}\u{7}\u{2028}b").contains(char::is_control));
    }
}

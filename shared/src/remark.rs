//! What a reader should know of an experiment that is not wrong.

use crate::facts::ModelFacts;
use crate::task::Task;

/// That words are to be tagged by a model that does not see their capitals; `None` where they are not.
pub fn uncased_tagging(tasks: &[Task], model: &ModelFacts) -> Option<String> {
    let tagging = tasks.iter().filter(|task| task.kind().is_tagging());
    let titles: Vec<&str> = tagging.map(|task| task.title()).collect();
    (!titles.is_empty() && !model.cased).then(|| {
        format!(
            "{} is uncased: {} will lack capital letters, which mark names. The paper uses a cased model \
             for tagging.",
            model.title,
            titles.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::ModelShape;

    #[test]
    fn only_tagging_without_capitals_is_remarked() {
        let model = |cased| ModelFacts {
            title: "m".into(),
            shape: ModelShape::BERT_BASE_UNCASED,
            cased,
            dropout: 0.1,
        };
        let remark = uncased_tagging(&[Task::rte(), Task::ner(), Task::tags()], &model(false)).unwrap();
        assert!(remark.starts_with("m is uncased: NER and Tags will lack capital letters"), "{remark}");
        assert_eq!(uncased_tagging(&[Task::rte(), Task::ner()], &model(true)), None);
        assert_eq!(uncased_tagging(&[Task::rte(), Task::sentiment()], &model(false)), None);
    }
}

//! Texts of the reader's own, with every kind of answer.

use super::lab::spec;
use super::reviews;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::mask::Mask;
use tunemask_shared::prediction::{
    Answer, LeftOut, MaskPrediction, Prediction, PredictionQuestion, RateChoice, ReadText, ReadWord,
    SeedPrediction, TaggedAs, TextExample,
};
use tunemask_shared::protocol::{FromPage, FromServer};
use tunemask_shared::task::Task;

/// What a page asks of a text.
pub fn asked() -> Vec<FromPage> {
    let question = PredictionQuestion {
        task: Some(reviews().name().clone()),
        masks: vec![Mask::Full, Mask::SingleNorm(3)],
        seeds: vec![1, 1 << 53],
        rates: RateChoice::All,
        text: "β is \"good\"".into(),
        pair: Some("so\tso".into()),
    };
    let experiment_id = ExperimentId(3);
    vec![
        FromPage::Predict { request: 24, experiment_id, question: Box::default() },
        FromPage::Predict { request: 25, experiment_id, question: Box::new(question) },
        FromPage::StopPredicting,
        FromPage::Examples { request: 26, experiment_id, task: None },
        FromPage::Examples { request: 27, experiment_id, task: Some(Task::rte().name().clone()) },
    ]
}

/// What the server says of it.
pub fn answered() -> Vec<FromServer> {
    let example =
        TextExample { text: "It rains.".into(), pair: Some("It is wet.".into()), gold: vec!["yes".into()] };
    vec![
        FromServer::Predicted { request: 25, prediction: Box::new(prediction()) },
        FromServer::Examples { request: 27, examples: vec![example] },
    ]
}

fn prediction() -> Prediction {
    let tag = TaggedAs { label: 3, probability: 0.5 };
    let answers = [
        Answer::Classes(vec![0.25, 0.75]),
        Answer::Labels(vec![0.5, 0.125]),
        Answer::Number(-1.5),
        Answer::Tags(vec![tag]),
        Answer::Undefined,
    ];
    let run = spec().id().unwrap();
    let seed = |answer: &Answer| SeedPrediction {
        run: run.clone(),
        seed: 7,
        learning_rate: 5e-4,
        epoch: 2,
        answer: answer.clone(),
    };
    let row = |answer: Answer| MaskPrediction {
        mask: Mask::LayerNorms,
        learning_rate: Some(5e-4).filter(|_| answer != Answer::Undefined),
        seeds: vec![seed(&answer)],
        mean: answer,
    };
    let word = |text: &str, read| ReadWord { text: text.into(), read };
    Prediction {
        task: reviews(),
        read: ReadText { tokens: 9, truncated: true, words: vec![word("a", true), word("β", false)] },
        rows: answers.into_iter().map(row).collect(),
        left_out: vec![LeftOut { run, mask: Mask::Full, reason: "its file is gone".into() }],
        notes: vec!["The text was cut.".into()],
        shared: 0.625,
    }
}

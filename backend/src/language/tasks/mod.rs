//! The tasks: each draws an input that has a given label.
//!
//! In reading order:

/// Does the sentence follow the grammar?
mod acceptability;
/// Is the sentence positive?
mod sentiment;
/// Do two sentences say the same?
mod paraphrase;
/// How much of what one says does the other say?
mod similarity;
/// Do two questions ask the same?
mod questions;
/// What follows from a text?
mod inference;
/// Does a sentence answer a question?
mod answerability;
/// Parts of speech, entities.
mod tagging;

#[cfg(test)]
pub(super) use acceptability::WEIGHTS;
pub(super) use inference::{discourse, linked};

use super::dice::Dice;
use super::{Input, Labelled};
use tunemask_shared::task::{BuiltInTask, Task, TaskKind};

/// Grades of similarity: halves from 0 to 5.
const GRADES: usize = 11;

/// How many labels are drawn in turn.
pub(super) fn labels(task: BuiltInTask) -> usize {
    match Task::from(task).kind() {
        TaskKind::Classification(labels) => labels.len(),
        TaskKind::Regression(..) => GRADES,
        TaskKind::Tagging(_) | TaskKind::MultiLabel(_) => 1,
    }
}

/// An input with this label (of a regression, the grade in halves; of tagging, any), and its targets.
pub(super) fn draw(task: BuiltInTask, dice: &mut Dice<'_>, label: usize) -> Labelled {
    let pair = |(first, second)| Input::Pair(first, second);
    let input = match task {
        BuiltInTask::Acceptability => Input::Text(acceptability::sentence(dice, label == 1)),
        BuiltInTask::Sentiment => Input::Text(sentiment::sentence(dice, label == 1)),
        BuiltInTask::Paraphrase => pair(paraphrase::sentences(dice, label == 1)),
        BuiltInTask::Similarity => {
            let input = pair(similarity::sentences(dice, label));
            return Labelled { input, targets: vec![label as f32 / 2.0] };
        }
        BuiltInTask::Questions => pair(questions::pair(dice, label == 1)),
        BuiltInTask::Inference => pair(inference::three_way(dice, label)),
        BuiltInTask::Answerability => pair(answerability::pair(dice, label == 0)),
        BuiltInTask::Entailment => pair(inference::two_way(dice, label == 0)),
        BuiltInTask::Tags => return tagging::parts_of_speech(dice),
        BuiltInTask::Entities => return tagging::entities(dice),
    };
    Labelled { input, targets: vec![label as f32] }
}

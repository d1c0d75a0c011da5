use crate::data::TaskData;
use crate::engine::{EngineError, Gang, Sequence};
use tunemask_shared::metric::{Score, score};
use tunemask_shared::task::Task;

/// Sequences that are predicted at once.
const CHUNK: usize = 64;

/// Predicts every development set with every member: scores by member, or `None` where `go_on` said no.
///
/// # Errors
/// A sequence that the model cannot read.
pub(super) fn evaluate(
    gang: &mut Gang,
    members: usize,
    task: Task,
    data: &TaskData,
    mut go_on: impl FnMut() -> bool,
) -> Result<Option<Vec<Vec<Score>>>, EngineError> {
    let mut scores = vec![Vec::new(); members];
    for (set, examples) in data.development.iter().enumerate() {
        if examples.is_empty() {
            // A second set without a file has no scores.
            continue;
        }
        let mut logits = vec![Vec::new(); members];
        for chunk in examples.chunks(CHUNK) {
            if !go_on() {
                return Ok(None);
            }
            let sequences: Vec<Sequence<'_>> = chunk.iter().map(|example| example.sequence()).collect();
            for (all, new) in logits.iter_mut().zip(gang.predict(&sequences)?) {
                all.extend(new);
            }
        }
        let targets: Vec<f32> = examples.iter().flat_map(|e| e.reads.iter().map(|r| r.target)).collect();
        let reads: Vec<usize> = examples.iter().map(|example| example.reads.len()).collect();
        for (scores, logits) in scores.iter_mut().zip(&logits) {
            let set = set as u8;
            scores.extend(score(task, logits, &targets, &reads).into_iter().map(|(metric, value)| Score {
                metric,
                set,
                value,
            }));
        }
    }
    Ok(Some(scores))
}

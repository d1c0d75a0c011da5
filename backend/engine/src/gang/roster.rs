//! Who is in a gang, and who may join one.

use crate::error::ShapeError;
use crate::parameters::{HeadInit, Member, MemberOptimizer, Parameters};
use crate::pass::Draw;
use crate::plan::level::Level;
use crate::plan::slots::slots;
use crate::{EncoderConfig, EngineError, MemberSpec, Objective, cpu};
use std::sync::Arc;
use tunemask_shared::shape::ModelShape;

/// What keys a member's dropout, and where it branches from the trunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Seed of its dropout.
    pub seed: u64,
    /// The lowest level at which it has rows of its own.
    pub level: Level,
    /// Scalars that it trains, head included.
    pub scalars: usize,
}

impl Entry {
    /// What keys its dropout after so many steps.
    pub(super) fn draw(&self, step: u32) -> Draw {
        Draw { seed: self.seed, step }
    }
}

/// Members as they join, and an entry for each.
///
/// # Errors
/// Weights or a head that are not the shape's; several members of which one trains matrices; no member.
pub(super) fn join(
    config: &EncoderConfig,
    weights: &Arc<Vec<f32>>,
    objective: Objective,
    specs: Vec<MemberSpec>,
) -> Result<(Vec<Entry>, Vec<Member>), EngineError> {
    let shape = config.shape;
    let mismatch = |got, want| if got == want { Ok(()) } else { Err(EngineError::Weights { got, want }) };
    mismatch(weights.len(), shape.scalars())?;
    if specs.is_empty() {
        return Err(EngineError::Batches { got: 0, want: 1 });
    }
    if shape.layers == 0 || shape.heads == 0 || !shape.hidden.is_multiple_of(shape.heads) {
        let ModelShape { layers, heads, hidden, .. } = shape;
        return Err(EngineError::Shape(ShapeError::Heads { layers, heads, hidden }));
    }
    if shape.hidden / shape.heads > cpu::MAX_HEAD_WIDTH {
        return Err(EngineError::Shape(ShapeError::HeadWidth(cpu::MAX_HEAD_WIDTH)));
    }
    let (mut entries, mut members) = (Vec::new(), Vec::new());
    for MemberSpec { trains, seed, adam, head } in specs {
        if let Some(head) = &head {
            mismatch(head.len(), objective.head_scalars(&shape))?;
        }
        let init = HeadInit { seed, range: config.initializer_range };
        let optimizer = MemberOptimizer::new(adam, &shape, &trains, objective);
        let parameters = Parameters::new(&shape, weights.clone(), &trains, objective, head.as_deref(), init);
        entries.push(Entry {
            seed,
            level: parameters.trained().level(),
            scalars: parameters.compact().len(),
        });
        members.push(Member { parameters, optimizer });
    }
    let slots = slots(&shape);
    let owns = |member: &Member| slots.iter().any(|(slot, _)| member.parameters.trained().owns_matrix(*slot));
    if members.len() > 1 && members.iter().any(owns) {
        return Err(EngineError::Matrices(members.len()));
    }
    Ok((entries, members))
}

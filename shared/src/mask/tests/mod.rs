//! In reading order:

/// The paper's masks.
mod named;
/// Expressions: errors, meaning, canonical form.
mod expression;
/// Switches, counts, listing and overlap.
mod scalars;
/// Masks painted tensor by tensor.
mod painting;
/// LoRA where a mask may stand.
mod lora;

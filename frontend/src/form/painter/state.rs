//! What is painted, with what, and what was before. Copies are the same painter.

use super::layout::{GridPlace, Layout, Part};
use crate::form::state::Form;
use leptos::prelude::*;
use std::collections::HashMap;
use tunemask_shared::mask::{Brush, Count, Coverage, Mask, MaskError, Tensor};
use tunemask_shared::shape::ModelShape;

/// How many masks can be had back.
const UNDONE: usize = 100;

/// The painter.
#[derive(Clone, Copy)]
pub struct Painter {
    form: Form,
    /// The mask.
    pub mask: RwSignal<Mask>,
    /// What stands in its text field, as far as that is not the mask's own text.
    written: RwSignal<Option<String>>,
    /// Which tensors of a place the brush paints.
    pub part: RwSignal<Part>,
    /// The place that has the keyboard's focus.
    pub cursor: RwSignal<GridPlace>,
    /// The model's shape, as long as there is a model.
    pub shape: Memo<Option<ModelShape>>,
    /// How much of each tensor of the model the mask holds: of all at once, because what a mask holds is worked out as a whole.
    covered: Memo<HashMap<Tensor, Coverage>>,
    stroke: StoredValue<Stroke>,
    /// The masks before, the oldest first.
    before: RwSignal<Vec<Mask>>,
}

/// Whether a change is a step of its own, which can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    New,
    Same,
}

/// A stroke over the picture.
#[derive(Clone, Copy, Debug)]
struct Stroke {
    brush: Brush,
    /// Whether it has changed anything: it is taken back as a whole.
    has_changed: bool,
}

impl Painter {
    /// A painter with nothing painted.
    pub fn new(form: Form) -> Painter {
        let (mask, shape) = (RwSignal::new(Mask::Frozen), Memo::new(move |_| form.model().map(|m| m.shape)));
        let tensors = Memo::new(move |_| {
            let whole = GridPlace { row: 0, column: 0 };
            let of = |shape: ModelShape| Layout { shape }.tensors(whole, Part::Both);
            shape.get().map(of).unwrap_or_default()
        });
        let covered = Memo::new(move |_| {
            tensors.with(|tensors| {
                let coverage = mask.with(|mask| mask.coverage(tensors));
                tensors.iter().copied().zip(coverage).collect()
            })
        });
        Painter {
            form,
            mask,
            written: RwSignal::new(None),
            part: RwSignal::new(Part::Both),
            cursor: RwSignal::new(GridPlace { row: 1, column: 2 }),
            shape,
            covered,
            stroke: StoredValue::new(Stroke { brush: Brush::Paint, has_changed: false }),
            before: RwSignal::new(Vec::new()),
        }
    }

    /// How much of what the brush would paint at a place trains.
    pub fn coverage(self, layout: Layout, place: GridPlace) -> Coverage {
        let tensors = layout.tensors(place, self.part.get());
        self.covered.with(|covered| {
            Coverage::of(
                tensors.iter().map(|tensor| covered.get(tensor).copied().unwrap_or(Coverage::Nothing)),
            )
        })
    }

    /// How much of a tensor trains.
    pub fn coverage_of(self, tensor: Tensor) -> Coverage {
        self.covered.with(|covered| covered.get(&tensor).copied().unwrap_or(Coverage::Nothing))
    }

    /// Begins a stroke at a place: it wipes where all is painted, else it paints.
    pub fn begin(self, layout: Layout, place: GridPlace) {
        let covered = untrack(|| self.coverage(layout, place));
        let brush = if covered == Coverage::Whole { Brush::Wipe } else { Brush::Paint };
        self.stroke.set_value(Stroke { brush, has_changed: false });
        self.stroke_over(layout, place);
    }

    /// Goes on with the stroke.
    pub fn stroke_over(self, layout: Layout, place: GridPlace) {
        let Some(shape) = self.shape.get_untracked() else { return };
        let Stroke { brush, has_changed } = self.stroke.get_value();
        let tensors = layout.tensors(place, self.part.get_untracked());
        let painted = self.mask.with_untracked(|mask| mask.painted(&tensors, brush, &shape));
        if self.mask.with_untracked(|mask| *mask != painted) {
            self.stroke.set_value(Stroke { brush, has_changed: true });
            self.replace(painted, if has_changed { Step::Same } else { Step::New });
        }
    }

    /// Takes another mask in place of this one.
    pub fn take(self, mask: Mask) {
        if self.mask.with_untracked(|now| *now != mask) {
            self.replace(mask, Step::New);
        }
    }

    /// Takes a mask to paint on, and shows itself.
    pub fn open(self, mask: Mask) {
        self.take(mask);
        if let Some(element) = document().get_element_by_id("painter-title") {
            element.scroll_into_view();
        }
    }

    fn replace(self, mask: Mask, step: Step) {
        if step == Step::New {
            self.before.update(|before| {
                before.push(self.mask.get_untracked());
                let excess = before.len().saturating_sub(UNDONE);
                before.drain(..excess);
            });
        }
        self.written.set(None);
        self.mask.set(mask);
    }

    /// Whether there is a mask before.
    pub fn has_before(self) -> bool {
        self.before.with(|before| !before.is_empty())
    }

    /// Takes the mask before.
    pub fn undo(self) {
        let last = self.before.try_update(Vec::pop).flatten();
        if let Some(mask) = last {
            self.replace(mask, Step::Same);
        }
    }

    /// What stands in the text field: the mask, or what is being written.
    pub fn text(self) -> String {
        self.written.get().unwrap_or_else(|| self.mask.with(Mask::to_string))
    }

    /// Writes into the text field; the picture follows as soon as it is a mask.
    pub fn write(self, text: String) {
        if let Ok(mask) = text.trim().parse() {
            self.take(mask);
        }
        self.written.set(Some(text));
    }

    /// Leaves the text field: what is a mask stands in its canonical form.
    pub fn written_out(self) {
        if self.error().is_none() {
            self.written.set(None);
        }
    }

    /// Why what is written, or painted, is no mask of the model.
    pub fn error(self) -> Option<String> {
        if let Some(text) = self.written.get()
            && let Err(error) = text.trim().parse::<Mask>()
        {
            return Some(error.to_string());
        }
        let shape = self.shape.get()?;
        self.mask.with(|mask| mask.check(&shape, self.form.switches()).err()).map(|e| e.to_string())
    }

    /// How many scalars the mask trains on the model.
    ///
    /// # Errors
    /// What the model has not.
    pub fn size(self) -> Option<Result<Count, MaskError>> {
        let shape = self.shape.get()?;
        Some(self.mask.with(|mask| mask.size(&shape, self.form.switches(), None, None)))
    }

    /// Whether the experiment has the mask.
    pub fn is_chosen(self) -> bool {
        self.mask.with(|mask| self.form.masks().contains(mask))
    }

    /// Gives the mask to the experiment.
    pub fn choose(self) {
        let mask = self.mask.get_untracked();
        self.form.draft.update(|draft| draft.add_mask(&mask));
    }
}

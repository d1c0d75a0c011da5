//! The paper's studies, which fill in the form.

use super::fold::Fold;
use crate::root::href;
use crate::route::{Page, Prefill};
use leptos::prelude::*;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::study::{QUICK_BLOCKS, Size, Study};

/// Blocks of the model that a study of this size is made for; another model's are written into the form.
pub fn blocks_of(size: Size) -> usize {
    match size {
        Size::Full => ModelShape::BERT_BASE_UNCASED.layers,
        Size::Quick => QUICK_BLOCKS,
    }
}

/// Links that fill in the form with one of the paper's studies.
#[component]
pub fn Studies(prefill: Prefill) -> impl IntoView {
    let row = move |study: Study| {
        let link = move |size: Size, word: &'static str| {
            let filled = Prefill::Study(study, size);
            let label = format!("{}, {word}", study.title());
            view! {
                <a href=href(&Page::New(filled).url()) aria-label=label aria-current=(filled == prefill).then_some("true")>
                    {word}
                </a>
            }
        };
        let links = (link(Size::Quick, "quick"), link(Size::Full, "full size"));
        view! { <li><span>{study.title()}</span> <span class="choices">{links}</span></li> }
    };
    let open = matches!(prefill, Prefill::Study(..));
    let summary = view! {
        <h2>"The paper's studies"</h2>
        <span class="count">"fill in this form with one"</span>
    };
    let summary = summary.into_any();
    view! {
        <Fold class="panel" open=open summary=summary>
            <ul class="studies">{Study::ALL.map(row)}</ul>
            <p class="hint">
                "Quick studies run on the built-in model and tasks in minutes; full-size studies need a \
                 model and its data. A run that belongs to two studies is trained once."
            </p>
        </Fold>
    }
}

//! What stands above, to keep.

use crate::component::download::save;
use crate::component::part::{FileButtons, FileFormat};
use leptos::prelude::*;
use tunemask_shared::report::File;

/// A button for each form.
#[component]
pub fn ReportFiles(
    /// What the files hold.
    what: String,
    /// The files.
    files: Vec<File>,
) -> impl IntoView {
    let format = |File { form, name, text }: File| FileFormat {
        name: form.title(),
        save: Box::new(move || save(&name, form.media(), &text)),
    };
    view! { <FileButtons what=what formats=files.into_iter().map(format).collect() /> }
}

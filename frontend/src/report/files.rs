//! What stands above, to keep.

use crate::component::download::{save, save_png};
use crate::component::part::{FileButtons, FileFormat};
use leptos::prelude::*;
use tunemask_shared::report::{File, FileForm};

/// A button for each form.
#[component]
pub fn ReportFiles(
    /// What the files hold.
    what: String,
    /// The files.
    files: Vec<File>,
) -> impl IntoView {
    // What the server draws becomes pixels here.
    let pixels = |file: &File| (file.form == FileForm::Svg).then(|| as_png(file));
    let format = |file: File| {
        let pixels = pixels(&file);
        let File { form, name, text } = file;
        let own = FileFormat { name: form.title(), save: Box::new(move || save(&name, form.media(), &text)) };
        std::iter::once(own).chain(pixels)
    };
    view! { <FileButtons what=what formats=files.into_iter().flat_map(format).collect() /> }
}

fn as_png(file: &File) -> FileFormat {
    let (name, svg) = (file.name.clone(), file.text.clone());
    let name = name.strip_suffix(".svg").map_or_else(|| name.clone(), |name| format!("{name}.png"));
    FileFormat { name: "PNG", save: Box::new(move || save_png(name.clone(), &svg)) }
}

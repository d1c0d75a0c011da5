//! Which file is of which set, and which of several folders is looked at.

use super::choice::{Choice, question};
use super::says::Says;
use super::state::Own;
use crate::format::counted;
use leptos::prelude::*;
use tunemask_shared::dataset::{FileFacts, OwnData};

/// The sets of a file, and how they are called.
const SETS: [(&str, &str); 3] = [("train", "training"), ("dev", "development"), ("", "not read")];

/// The folders, where there are several.
pub fn folders(own: Own) -> AnyView {
    let several = Memo::new(move |_| own.read(|own| own.folders.len() > 1));
    let choice = move || Choice {
        field: "",
        id: "own-folder".into(),
        label: "Folder".into(),
        options: Box::new(|own| own.folders.iter().map(|folder| (folder.clone(), folder.clone())).collect()),
        chosen: Box::new(|own| own.folder.clone()),
        choose: Box::new(|own, folder| own.choose(folder)),
    };
    view! { <div class="fields">{move || several.get().then(|| choice().show(own))}</div> }.into_any()
}

/// The files with their sets. Where there is one alone it can be of no other.
pub fn files(own: Own) -> AnyView {
    // By their paths alone, so that a choice keeps its place and the focus when it is made.
    let paths = Memo::new(move |_| {
        let mut paths: Vec<(String, String)> =
            own.read(|own| files_of(own).iter().map(|file| (file.path.clone(), size(file))).collect());
        paths.sort();
        paths
    });
    let error = Memo::new(move |_| own.question_at(&["train", "development"]));
    let choice = move |(path, size): (String, String)| {
        let (shown, chosen) = (path.clone(), path.clone());
        let set = move |own: &OwnData| {
            let file = files_of(own).iter().find(|file| file.path == chosen);
            file.map(|file| file.set.clone()).unwrap_or_default()
        };
        let choice = Choice {
            field: "",
            id: format!("own-file-{path}"),
            label: format!("{shown}, {size}"),
            options: Box::new(|_| SETS.map(|(value, words)| (value.to_owned(), words.to_owned())).into()),
            chosen: Box::new(set),
            choose: Box::new(move |own, set| own.say(Says::File { path: path.clone(), set })),
        };
        choice.show(own)
    };
    let shown = move || {
        let paths = paths.get();
        let several = paths.len() > 1;
        paths.into_iter().filter(|_| several).map(choice).collect_view()
    };
    view! {
        <div class="fields">{shown}</div>
        {question("own-files-error".into(), error)}
    }
    .into_any()
}

fn files_of(own: &OwnData) -> &[FileFacts] {
    own.facts.as_ref().map(|facts| &facts.files[..]).unwrap_or_default()
}

/// A file's size.
fn size(file: &FileFacts) -> String {
    match file.bytes {
        bytes @ 0..1024 => counted(bytes as usize, "byte"),
        bytes @ 1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        bytes => crate::format::bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let file = |bytes| FileFacts { set: String::new(), path: "a".into(), bytes };
        assert_eq!([1, 2000, 3 << 20].map(|n| size(&file(n))), ["1 byte", "2 KiB", "3 MiB"]);
    }
}

//! What the names of files of data say: their format, their task and their set.

use tunemask_shared::task::{TaskName, known_tasks};

/// Files of data, in the order in which they are looked for.
pub(super) const FORMATS: [&[&str]; 2] = [&[".parquet"], &[".csv", ".tsv", ".jsonl", ".json"]];
/// Files that have a format of data and say something else.
const OTHERS: [&str; 3] = ["dataset_infos.json", "dataset_info.json", "state.json"];
/// Folders of tasks that are not named as the task is.
const FOLDERS: [(&str, &str); 2] = [("ner", "conll2003"), ("pos", "ptb")];

/// Whether a file is one of data.
pub(super) fn is_data(path: &str) -> bool {
    FORMATS.iter().any(|formats| has_format(path, formats))
}

pub(super) fn has_format(path: &str, formats: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.starts_with('.') && !OTHERS.contains(&name) && formats.iter().any(|end| name.ends_with(end))
}

/// Whether a file lies in the folder of a task: of its name in any case, without `-` and `_`.
pub(super) fn is_of_task(path: &str, task: &str) -> bool {
    let plain = |name: &str| name.to_lowercase().replace(['-', '_'], "");
    let Some((folder, _)) = path.split_once('/') else { return false };
    let other = FOLDERS.into_iter().find(|(name, _)| *name == task).map(|(_, folder)| folder);
    plain(folder) == plain(task) || other.is_some_and(|other| plain(folder) == other)
}

/// The names of the known tasks of files that have a folder of their own among these.
pub(super) fn known_of(paths: &[&str]) -> Vec<&'static str> {
    let of_files = known_tasks().iter().filter(|task| task.source().needs_data());
    let names = of_files.map(|task| task.name().as_str());
    names.filter(|name| paths.iter().any(|path| is_of_task(path, name))).collect()
}

/// The files of a task: those in its folder; of a task of the user's own that has none, those of the whole data set.
pub(super) fn of_task<'p>(paths: &[&'p str], task: &str) -> Vec<&'p str> {
    let of =
        |fits: &dyn Fn(&str) -> bool| paths.iter().copied().filter(|path| fits(path)).collect::<Vec<_>>();
    let Some(own) = own_name(task) else { return of(&|path| is_of_task(path, task)) };
    let inside = of(&|path| path.split_once('/').is_some_and(|(folder, _)| folder == own));
    if inside.is_empty() { of(&is_of_whole) } else { inside }
}

/// The name of a task of the user's own, without what all such begin with.
pub(super) fn own_name(task: &str) -> Option<String> {
    Some(task.parse::<TaskName>().ok()?.as_own()?.to_owned())
}

/// Whether a file is one of the whole data set, and not of a part that has a folder and a name.
pub(super) fn is_of_whole(path: &str) -> bool {
    path.split_once('/').is_none_or(|(folder, _)| {
        matches!(folder, "data" | DEFAULT) || is_training(folder) || is_development(folder) || is_test(folder)
    })
}

/// The folder that the hub's conversion makes of a data set of one part.
pub(crate) const DEFAULT: &str = "default";

/// Whether a file is of a training set, by its name or its folder's.
pub(super) fn is_training(path: &str) -> bool {
    is_of_split(path, &["train", "training"])
}

/// Whether a file is of a development set.
pub(super) fn is_development(path: &str) -> bool {
    is_of_split(path, &["validation", "valid", "dev", "val", "development"])
}

pub(super) fn is_test(path: &str) -> bool {
    is_of_split(path, &["test", "testing", "eval", "evaluation"])
}

/// Names of sets stand between dots, dashes, underscores, spaces and digits, as `datasets` finds them.
fn is_of_split(path: &str, names: &[&str]) -> bool {
    let end = |c: char| matches!(c, '.' | '-' | '_' | ' ') || c.is_ascii_digit();
    path.split('/').any(|part| part.split(end).any(|word| names.contains(&word)))
}

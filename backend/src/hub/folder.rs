//! What a folder holds.

use super::data_names::is_data;
use std::path::{Component, Path, PathBuf};

/// Whether a path of a listing stays in its folder.
pub(super) fn is_inside(path: &str) -> bool {
    let normal = |part: Component| matches!(part, Component::Normal(_));
    !path.is_empty() && !path.contains('\\') && Path::new(path).components().all(normal)
}

/// What a folder holds, by name; nothing where it cannot be listed.
pub(super) fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Whether a snapshot holds data that can be read.
pub(super) fn has_data(folder: &Path) -> bool {
    !data_files(folder).is_empty()
}

/// The files of data below a folder, with `/` between parts of their paths. Links that lead nowhere are not there.
pub(super) fn data_files(folder: &Path) -> Vec<String> {
    const DEEPEST: usize = 4;
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, above, depth)) = open.pop() {
        for entry in listed(&folder) {
            let Some(name) = entry.file_name().and_then(|name| name.to_str()) else { continue };
            let path = format!("{above}{name}");
            if entry.is_dir() && depth < DEEPEST {
                open.push((entry.clone(), format!("{path}/"), depth + 1));
            } else if is_data(&path) && entry.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

//! Names of files and of the task.

use std::path::Path;

/// Bytes of a file's name, at most; file systems take 255.
const LONGEST: usize = 120;

/// Digits of a folder's name.
const DIGITS: usize = 64;

/// The plain part of a name that a browser claims: what stands behind the last slash, without what begins a hidden file,
/// with `_` for what has a meaning to some program; too long a name is cut before its ending.
pub(super) fn plain(claimed: &str) -> String {
    let last = claimed.rsplit(['/', '\\']).next().unwrap_or_default();
    let fits = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') { c } else { '_' };
    let name: String = last.chars().map(fits).collect();
    let name = name.trim_start_matches(['.', ' ', '-']).trim_end_matches(['.', ' ']);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() < LONGEST / 2 => (stem, format!(".{ending}")),
        Some(_) | None => (name, String::new()),
    };
    let mut end = stem.len().min(LONGEST - ending.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = &stem[..end];
    if stem.is_empty() { format!("data{ending}") } else { format!("{stem}{ending}") }
}

/// What the task of uploaded files is called: as the first of them, without the words that tell splits apart.
pub(super) fn task(file: &str) -> String {
    const SPLITS: [&str; 11] = [
        "train",
        "training",
        "validation",
        "valid",
        "dev",
        "development",
        "val",
        "test",
        "eval",
        "data",
        "of",
    ];
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let words = stem.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> =
        words.filter(|word| !word.is_empty() && !SPLITS.contains(&word.to_lowercase().as_str())).collect();
    if words.iter().all(|word| word.bytes().all(|b| b.is_ascii_digit())) {
        "uploaded".to_owned()
    } else {
        words.join("-").chars().take(tunemask_shared::task::MAX_OWN_CHARS).collect()
    }
}

/// Whether a folder is called as uploads are.
pub(crate) fn is_kept(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == DIGITS && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

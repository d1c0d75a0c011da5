//! What the repository's texts say of the repository: paths that are there, and lists that are whole.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tunemask_shared::mask::Mask;

/// Texts that tell a reader where things are.
const MAPS: [&str; 4] =
    ["ARCHITECTURE.md", "backend/engine/ARCHITECTURE.md", "backend/engine/BENCHMARKS.md", "CONTRIBUTING.md"];

/// What is built or installed, and so in no fresh clone.
const BUILT: [&str; 2] = ["static/pkg", "e2e/screenshots"];

/// Files of users, of which maps speak too.
const OF_USERS: [&str; 2] = ["config.json", "dataset.toml"];

const EXTENSIONS: [&str; 14] =
    ["rs", "cu", "cuh", "cpp", "hpp", "ts", "css", "html", "md", "toml", "json", "py", "sh", "proto"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Every file and folder, by its path from the root.
fn tree() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![root()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let left_out = ["target", "node_modules", ".git", ".tools", "test-results"];
            if left_out.contains(&name.as_str()) {
                continue;
            }
            let path = entry.path();
            found.insert(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            if entry.file_type().unwrap().is_dir() {
                waiting.push(path);
            }
        }
    }
    found
}

/// What stands between backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The path that a quoted word means, if it looks like one; of a pattern the folder.
fn as_path(word: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./*".contains(c);
    if word.starts_with(['/', '-', '.']) || !word.chars().all(plain) {
        return None;
    }
    let extension = word.rsplit_once('.').map(|(_, extension)| extension);
    if !word.contains('/') && !extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
        return None;
    }
    let pattern = word.find(['*']).or_else(|| word.find("NAME"));
    let path = match pattern {
        Some(at) => word[..at].rsplit_once('/')?.0,
        None => word.trim_end_matches('/'),
    };
    (!path.is_empty()).then_some(path)
}

#[test]
fn every_path_of_the_maps_is_there() {
    let tree = tree();
    let roots: BTreeSet<&str> = tree.iter().filter_map(|path| path.split_once('/')).map(|(r, _)| r).collect();
    let mut wrong = Vec::new();
    let mut read = 0;
    for map in MAPS {
        let map_text = text(map);
        for (number, line) in map_text.lines().enumerate() {
            for path in quoted(line).filter_map(as_path) {
                if BUILT.contains(&path) || OF_USERS.contains(&path) {
                    continue;
                }
                read += 1;
                let begins = path.split('/').next().unwrap_or_default();
                // Paths in the maps are from the root, or continue what their section or sentence is about.
                let below = || tree.iter().any(|known| known.ends_with(&format!("/{path}")));
                let whole = path.contains('/') && roots.contains(begins);
                if !tree.contains(path) && (whole || !below()) {
                    wrong.push(format!("{map}:{}: there is no {path}", number + 1));
                }
            }
        }
    }
    assert!(read > 200, "{read} paths");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_quoted_word_is_a_path_or_none() {
    assert_eq!(as_path("shared/src/mask/mod.rs"), Some("shared/src/mask/mod.rs"));
    assert_eq!(as_path("src/files/"), Some("src/files"));
    assert_eq!(as_path("cuda/kernels/*.cu"), Some("cuda/kernels"));
    assert_eq!(as_path("backend/src/scoring/NAME.rs"), Some("backend/src/scoring"));
    for word in
        ["/ws", "layernorms", "cargo test -p tunemask", "hf:OWNER/NAME", "Mask::plain", "--page", "NAME.rs"]
    {
        assert_eq!(as_path(word), None, "{word}");
    }
}

/// The README's table and the browser tests' list name every mask that has a box of its own.
#[test]
fn lists_of_the_plain_masks_are_whole() {
    let readme = text("README.md");
    let table = readme.split("## Masks").nth(1).and_then(|rest| rest.split("\n\n").nth(1)).unwrap();
    let in_table: BTreeSet<String> = table
        .lines()
        .flat_map(|row| quoted(row.split('|').nth(1).unwrap_or_default()))
        .filter_map(|name| name.parse::<Mask>().ok())
        .map(|mask| mask.to_string())
        .collect();
    let lab = text("e2e/src/lab.ts");
    let list = lab.split("const MASKS = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let in_tests: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let plain: BTreeSet<String> = Mask::plain().iter().map(Mask::to_string).collect();
    assert_eq!(in_table, plain, "README.md");
    assert_eq!(in_tests, plain, "e2e/src/lab.ts");
}

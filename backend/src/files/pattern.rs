//! Paths with `*` for what is not said.

/// Whether a path is of a pattern, in whose last part `*` stands for any characters.
pub(crate) fn is_of_pattern(pattern: &str, path: &str) -> bool {
    fn parts(path: &str) -> (&str, &str) {
        path.rsplit_once('/').unwrap_or(("", path))
    }
    let ((folder, name), (wanted_folder, wanted_name)) = (parts(path), parts(pattern));
    folder == wanted_folder && matches(wanted_name, name)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            (0..=name.len()).filter(|&at| name.is_char_boundary(at)).any(|at| matches(rest, &name[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_pattern;

    #[test]
    fn a_star_stands_for_any_characters_of_the_last_part() {
        for (pattern, path) in [
            ("train.csv", "train.csv"),
            ("train-*.parquet", "train-00000-of-00001.parquet"),
            ("a/b/*.parquet", "a/b/0000.parquet"),
            ("*", "ä"),
            ("a*b*c", "abbc"),
        ] {
            assert!(is_of_pattern(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in
            [("*.parquet", "a/0.parquet"), ("a/*.csv", "b/x.csv"), ("a*b", "abc"), ("x", "xx"), ("a/x", "x")]
        {
            assert!(!is_of_pattern(pattern, path), "{pattern} {path}");
        }
    }
}

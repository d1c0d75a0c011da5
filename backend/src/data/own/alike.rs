//! Labels that differ only in case, spaces or signs: mostly one label, spelled twice.

/// What to say of labels that are easily confused.
pub(super) fn alike(labels: &[String]) -> Option<String> {
    let plain = |label: &String| -> String {
        label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let keys: Vec<String> = labels.iter().map(plain).collect();
    let pair = |second: usize| {
        let first = keys[..second].iter().position(|key| *key == keys[second] && !key.is_empty())?;
        Some((&labels[first], &labels[second]))
    };
    let (first, second) = (0..labels.len()).find_map(pair)?;
    Some(format!(
        "the labels `{first}` and `{second}` differ only in case, spaces or signs, and are two labels; if they are \
         one, make them equal in the files"
    ))
}

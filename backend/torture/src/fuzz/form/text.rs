//! Texts of lines: tables of cells, and settings with an equals sign.

use crate::fuzz::Chance;

/// What a cell may have that none of the others has.
const CELLS: [&str; 8] = ["", " ", "\"", "\"a\"\"b\"", "é東\u{301}", "\u{feff}", "1.5", "|"];

/// A table with other values in some cells: its separators are those of the input.
pub(super) fn cells(chance: &mut Chance, input: &[u8], separators: &str) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(input) else {
        return chance.mutated(&[input.to_vec()], &["\n"]);
    };
    let is_between = |c: char| c == '\n' || separators.contains(c);
    // Each with what stands behind it.
    let mut cells: Vec<String> = text.split_inclusive(is_between).map(str::to_owned).collect();
    for _ in 0..=chance.below(4) {
        let at = chance.below(cells.len().max(1));
        let other = chance.pick(&cells).cloned().unwrap_or_default();
        let Some(cell) = cells.get_mut(at) else { break };
        let behind = cell.strip_prefix(cell.trim_end_matches(is_between)).unwrap_or_default().to_owned();
        match chance.below(16) {
            0 => _ = cells.remove(at),
            1 => cells.insert(at, other),
            2 | 3 => *cell = format!("{}{behind}", chance.pick(&CELLS).copied().unwrap_or_default()),
            4..8 => *cell = format!("{}{behind}", chance.number()),
            _ => *cell = format!("{}{behind}", other.trim_end_matches(is_between)),
        }
    }
    cells.concat().into_bytes()
}

/// An expression with other words and numbers in some places, or two of them joined.
pub(super) fn expression(chance: &mut Chance, input: &[u8], corpus: &[Vec<u8>]) -> Vec<u8> {
    let is_between = |c: char| " :+-&().,".contains(c);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let other = text(chance.pick(corpus).map_or(&[][..], Vec::as_slice));
    let mut own = text(input);
    if chance.below(3) == 0 {
        let join = chance.pick(&["+", "-", "&", "in", "+ layers(1) &"]).copied().unwrap_or_default();
        own = format!("({own}) {join} {other}");
    }
    let words: Vec<String> = other.split_inclusive(is_between).map(str::to_owned).collect();
    let mut parts: Vec<String> = own.split_inclusive(is_between).map(str::to_owned).collect();
    for _ in 0..chance.below(3) {
        let at = chance.below(parts.len().max(1));
        let word = chance.pick(&words).cloned().unwrap_or_default();
        let Some(part) = parts.get_mut(at) else { break };
        let word_of = part.trim_end_matches(is_between);
        let behind = part.strip_prefix(word_of).unwrap_or_default();
        *part = if word_of.parse::<u64>().is_ok() {
            format!("{}{behind}", chance.below(6))
        } else {
            format!("{}{behind}", word.trim_end_matches(is_between))
        };
    }
    parts.concat().into_bytes()
}

/// Settings with other values, and with lines that went, came twice, or are another file's.
pub(super) fn settings(chance: &mut Chance, input: &[u8], corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let lines_of = |text: &[u8]| String::from_utf8_lossy(text).lines().map(str::to_owned).collect::<Vec<_>>();
    let mut lines = lines_of(input);
    let others: Vec<String> = corpus.iter().flat_map(|other| lines_of(other)).collect();
    for _ in 0..=chance.below(3) {
        let at = chance.below(lines.len().max(1));
        let other = chance.pick(&others).cloned().unwrap_or_default();
        let word = chance.pick(words).copied().unwrap_or_default().to_owned();
        let number = chance.number().to_owned();
        let kind = chance.below(16);
        let key_of = |line: &str| line.split_once('=').map(|(key, _)| key.trim().to_owned());
        let is_new =
            key_of(&other).is_some_and(|key| lines.iter().all(|line| key_of(line) != Some(key.clone())));
        let Some(line) = lines.get_mut(at) else { break };
        match (kind, key_of(line)) {
            (0, _) => _ = lines.remove(at),
            (1 | 2, _) if is_new => lines.push(other),
            (3, _) => lines.push(other),
            (4, Some(key)) => *line = format!("{key} = {word}"),
            (5 | 6, Some(key)) => *line = format!("{key} = {number}"),
            (7, Some(key)) => *line = format!("{key} = [{number}, {number}]"),
            // What begins a list that others end stays as it is.
            (_, Some(key)) if !line.trim_end().ends_with('[') => {
                let value =
                    other.split_once('=').map(|(_, value)| value.trim()).filter(|value| *value != "[");
                *line = format!("{key} = {}", value.unwrap_or("\"\""));
            }
            _ => {}
        }
    }
    lines.join("\n").into_bytes()
}

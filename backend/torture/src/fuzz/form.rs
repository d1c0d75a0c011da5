//! Changes that leave an input its form, so that what stands behind the first parser is reached: a value of a JSON document, a
//! cell of a table, a line of TOML, bytes of an archive without moving any.

/// JSON.
mod document;
/// Lines and cells.
mod text;

use super::{Chance, Target};

/// Bytes of the length with which a safetensors file begins.
const PREFIX: usize = 8;

/// Bytes behind a parquet file's description: its length, and `PAR1`.
const SUFFIX: usize = 8;

/// An input of the corpus, changed as its form allows.
pub(super) fn changed(target: Target, chance: &mut Chance, corpus: &[Vec<u8>]) -> Vec<u8> {
    let input = chance.pick(corpus).cloned().unwrap_or_default();
    match target {
        Target::Message | Target::TokenizerJson | Target::ConfigJson | Target::PlanJson => {
            document::changed(chance, &input, corpus)
        }
        Target::JsonLines | Target::Segment => lines(chance, &input, corpus),
        Target::ExperimentFile | Target::DatasetToml => {
            text::settings(chance, &input, corpus, target.words())
        }
        Target::Tsv => text::cells(chance, &input, "\t"),
        Target::Csv => text::cells(chance, &input, ","),
        Target::Conll => text::cells(chance, &input, " \t"),
        Target::Mask => text::expression(chance, &input, corpus),
        Target::Safetensors => header(chance, &input, corpus),
        Target::Parquet => {
            let length = input.len();
            let last = length.saturating_sub(SUFFIX);
            let described = input.get(last..last + 4).and_then(|bytes| bytes.try_into().ok());
            let described = described.map_or(0, u32::from_le_bytes) as usize;
            // What describes the columns, or their values.
            let begin = if chance.below(2) == 0 { last.saturating_sub(described) } else { 4 };
            overwritten(chance, input, begin..last)
        }
        Target::Pickle => {
            let length = input.len();
            overwritten(chance, input, 4..length.saturating_sub(4))
        }
    }
}

/// Lines of JSON: some are changed, one may come twice, go, or be another's.
fn lines(chance: &mut Chance, input: &[u8], corpus: &[Vec<u8>]) -> Vec<u8> {
    let split = |text: &[u8]| text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut lines = split(input);
    let others: Vec<Vec<u8>> = corpus.iter().flat_map(|other| split(other)).collect();
    for _ in 0..=chance.below(3) {
        let at = chance.below(lines.len().max(1));
        match chance.below(8) {
            0 if !lines.is_empty() => _ = lines.remove(at),
            1 => lines.extend(lines.get(at).cloned()),
            2 => lines.insert(at, chance.pick(&others).cloned().unwrap_or_default()),
            _ => {
                if let Some(line) = lines.get_mut(at) {
                    *line = document::changed(chance, line, &others);
                }
            }
        }
    }
    lines.join(&b'\n')
}

/// The description of a file of tensors, with the length that it has then; or its values.
fn header(chance: &mut Chance, input: &[u8], corpus: &[Vec<u8>]) -> Vec<u8> {
    let described = |file: &[u8]| {
        let (length, rest) = file.split_first_chunk::<PREFIX>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        rest.split_at_checked(length).map(|(header, _)| header.to_vec())
    };
    let own = described(input).unwrap_or_default();
    let begin = PREFIX + own.len();
    if own.is_empty() || chance.below(2) == 0 {
        return overwritten(chance, input.to_vec(), begin..input.len());
    }
    let others: Vec<Vec<u8>> = corpus.iter().filter_map(|other| described(other)).collect();
    let header = document::changed(chance, &own, &others);
    let values = &input[begin..];
    [&(header.len() as u64).to_le_bytes()[..], &header, values].concat()
}

/// A few bytes of a range get other values; none moves.
fn overwritten(chance: &mut Chance, mut input: Vec<u8>, range: std::ops::Range<usize>) -> Vec<u8> {
    let few = 1 + chance.below(3);
    for _ in 0..few {
        let at = range.start + chance.below(range.len().max(1));
        let bit = 1 << chance.below(8);
        let value = *chance.pick(&[0, 1, 0x7f, 0x80, 0xff, b'.', b'(']).unwrap_or(&0);
        let flips = chance.below(2) == 0;
        if let Some(byte) = input.get_mut(at).filter(|_| range.contains(&at)) {
            *byte = if flips { *byte ^ bit } else { value };
        }
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some of so many inputs are as wanted.
    fn some(target: Target, corpus: &[&str], wanted: impl Fn(&str) -> bool) {
        let corpus: Vec<Vec<u8>> = corpus.iter().map(|text| text.as_bytes().to_vec()).collect();
        let mut chance = Chance::new(5);
        let made: Vec<Vec<u8>> = (0..500).map(|_| changed(target, &mut chance, &corpus)).collect();
        assert!(made.iter().any(|input| std::str::from_utf8(input).is_ok_and(&wanted)), "{}", target.name());
        assert!(made.iter().filter(|input| !corpus.contains(input)).count() > 250, "{}", target.name());
    }

    #[test]
    fn what_has_a_form_keeps_it() {
        let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
        let documents =
            [r#"{"a": [1, "two", null]}"#, r#"[{"b": 3.5}]"#].map(|text| text.as_bytes().to_vec());
        let mut chance = Chance::new(1);
        for _ in 0..500 {
            let input = changed(Target::ConfigJson, &mut chance, &documents);
            assert!(is_json(std::str::from_utf8(&input).unwrap()));
            let rows = changed(Target::Tsv, &mut chance, &[b"a\tb\nc\td\n".to_vec()]);
            assert!(std::str::from_utf8(&rows).is_ok());
        }
        some(Target::Segment, &["{\"a\":1}\n{\"b\":2}\n"], |text| text.lines().count() == 3);
        some(Target::DatasetToml, &["a = 1\nb = 2\n"], |text| text.contains("a = 2"));
        some(Target::Csv, &["a,b\nc,d\n"], |text| text.starts_with("a,d") || text.starts_with("a,c"));
    }

    #[test]
    fn archives_keep_their_places() {
        let archive: Vec<u8> = (0..200).map(|i| i as u8).collect();
        let mut chance = Chance::new(1);
        for _ in 0..200 {
            let made = changed(Target::Pickle, &mut chance, std::slice::from_ref(&archive));
            assert_eq!((made.len(), &made[..4], &made[196..]), (200, &archive[..4], &archive[196..]));
        }
        let tensors = super::super::models::weights(safetensors::Dtype::F32).unwrap();
        let read = |input: &[u8]| safetensors::SafeTensors::read_metadata(input).is_ok();
        let made =
            (0..200).map(|_| changed(Target::Safetensors, &mut chance, std::slice::from_ref(&tensors)));
        assert!(made.filter(|input| read(input)).count() > 20);
        // What has no form is changed all the same.
        for target in Target::ALL {
            changed(target, &mut chance, &[Vec::new()]);
            changed(target, &mut chance, &[]);
            changed(target, &mut chance, &[b"\xff\0".to_vec()]);
        }
    }
}

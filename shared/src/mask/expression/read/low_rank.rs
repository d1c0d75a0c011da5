//! Pairs of low rank.

use super::{Read, Reader};
use crate::mask::MaskError;
use crate::mask::cells::Cells;
use crate::mask::expression::Expression;
use crate::mask::lora::{FORM, Lora};

/// What stands on either side of a sign between targets.
struct Target {
    at: usize,
    text: String,
    layers: Cells,
}

impl Lora {
    /// Reads `lora:R[:ALPHA] in MASK`.
    ///
    /// # Errors
    /// [`MaskError::Syntax`] with the column.
    pub(in crate::mask) fn read(text: &str) -> Read<Self> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        reader.letters();
        let rank = reader.size("rank")?.ok_or_else(|| reader.missing("the rank"))?;
        let alpha = reader.size("alpha")?.unwrap_or(rank);
        if !reader.at_word("in") {
            return Err(reader.missing("`in`"));
        }
        reader.at += 2;
        let targets = reader.targets()?;
        match reader.peek() {
            None => Ok(Lora::new(rank, alpha, targets)),
            Some(c) => {
                Err(reader
                    .problem(format!("what is adapted cannot continue with `{c}`; write `+` or `-` first")))
            }
        }
    }
}

impl Reader<'_> {
    fn missing(&self, what: &str) -> MaskError {
        self.problem(format!("{what} is missing; write it as `{FORM}`"))
    }

    /// The number behind a colon, if there is a colon.
    fn size(&mut self, what: &str) -> Read<Option<u32>> {
        if !self.rest().starts_with(':') {
            return Ok(None);
        }
        self.at += 1;
        let (at, rest) = (self.at, self.rest());
        let end = rest.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(rest.len());
        self.at += end;
        let word = &rest[..end];
        let number = word.parse().ok().filter(|n| *n > 0 && word.bytes().all(|b| b.is_ascii_digit()));
        let wrong = || format!("the {what} is `{word}`; write a whole number from 1, as in `{FORM}`");
        number.map(Some).ok_or_else(|| self.problem_at(at, wrong()))
    }

    /// The linear layers that are adapted. A term of which the others name every layer is a slip, and refused.
    fn targets(&mut self) -> Read<Cells> {
        let first = self.target()?;
        let (mut added, mut left_out) = (vec![first], Cells::NONE);
        loop {
            match self.peek() {
                Some('+') => {
                    self.at += 1;
                    added.push(self.target()?);
                }
                Some('-') => {
                    self.at += 1;
                    left_out = left_out.or(self.target()?.layers);
                }
                _ => break,
            }
        }
        for (i, Target { at, text, layers }) in added.iter().enumerate() {
            let others = added.iter().enumerate().filter(|(j, _)| *j != i);
            if others.fold(Cells::NONE, |all, (_, other)| all.or(other.layers)).contain(*layers) {
                return Err(self.problem_at(
                    *at,
                    format!("`{text}` names layers that the others name, too; leave it out"),
                ));
            }
        }
        let all = added.iter().fold(Cells::NONE, |all, target| all.or(target.layers)).minus(left_out);
        if all.is_empty() { Err(self.problem("no matrix is left to adapt")) } else { Ok(all) }
    }

    /// A term that holds nothing but linear layers of blocks, or their weights.
    fn target(&mut self) -> Read<Target> {
        self.peek();
        let at = self.at;
        let found: Expression = self.product()?;
        let text = self.text[at..self.at].trim().to_owned();
        let wrong = |why: &str| {
            let layers = "query, key, value, attention_output, intermediate, output";
            self.problem_at(at, format!("`{text}` {why}; LoRA adapts whole matrices of blocks: {layers}"))
        };
        let [cells] = found.table[..] else { return Err(wrong("picks single scalars")) };
        let layers = cells.linear_layers();
        if cells.places != 0 {
            return Err(wrong("holds embeddings or the pooler"));
        }
        if layers.is_empty() || !layers.contain(cells) {
            return Err(wrong(if cells.is_empty() {
                "holds nothing"
            } else {
                "holds a LayerNorm or a bias"
            }));
        }
        Ok(Target { at, text, layers })
    }
}

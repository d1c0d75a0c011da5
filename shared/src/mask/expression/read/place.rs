//! Grids of blocks, embeddings and pooler.

use super::{Read, Reader};
use crate::mask::MaskError;
use crate::mask::cells::{Blocks, Cells, MAX_BLOCKS, kinds, places};
use crate::mask::expression::grid::{self, LINEAR, MODULES, PARTS, PLACES, module, part, place};

impl<'a> Reader<'a> {
    pub(super) fn grid(&mut self) -> Read<Cells> {
        self.expect('(', "after `layers`, as in `layers(1-3,6)` or `layers(*)`")?;
        let blocks = self.blocks()?;
        let Some((at, first)) = self.step()? else { return Ok(Cells::grid(u16::MAX, blocks)) };
        let (name, module, second) = match module(first) {
            Some(kinds) => (first, kinds, self.step()?),
            None if part(first).is_some() => ("*", u16::MAX, Some((at, first))),
            None => {
                let known = [&MODULES[..], &PARTS].concat().join(", ");
                return Err(self.problem_at(
                    at,
                    format!("`{first}` is not a module or part of a block; known are {known}"),
                ));
            }
        };
        // A linear layer may be named with the module that it is of, as `mha.query`.
        let inner = second.filter(|(_, word)| matches!(name, "mha" | "ffn") && LINEAR.contains(word));
        let inner = inner.and_then(|(_, word)| Some((word, grid::module(word)?)));
        let (name, module, second) = match inner {
            Some((word, kinds)) if kinds & module == kinds => (word, kinds, self.step()?),
            _ => (name, module, second),
        };
        let Some((at, second)) = second else { return Ok(Cells::grid(module, blocks)) };
        let selected = part(second).map_or(0, kinds) & module;
        if selected == 0 {
            return Err(self.no_part(at, second, name));
        }
        Ok(Cells::grid(selected, blocks))
    }

    pub(super) fn place(&mut self, at: usize, word: &str) -> Read<Cells> {
        let mut name = word.to_owned();
        let mut step = self.step()?;
        if let Some((_, next)) = step {
            let longer = format!("{word}.{next}");
            if PLACES.contains(&longer.as_str()) {
                name = longer;
                step = self.step()?;
            }
        }
        let all = place(&name)
            .ok_or_else(|| self.problem_at(at, format!("`{name}` is not a part of the model")))?;
        let Some((at, last)) = step else { return Ok(Cells::places(all)) };
        let selected = part(last).map_or(0, places) & all;
        if selected == 0 { Err(self.no_part(at, last, &name)) } else { Ok(Cells::places(selected)) }
    }

    fn no_part(&self, at: usize, part: &str, whole: &str) -> MaskError {
        let parts = PARTS.join(", ");
        let only = "only LayerNorms have gamma and beta";
        self.problem_at(at, format!("`{whole}` has no `{part}`; parts are {parts}, and {only}"))
    }

    /// The word behind a dot, if there is a dot, and where it starts.
    fn step(&mut self) -> Read<Option<(usize, &'a str)>> {
        if !self.rest().starts_with('.') {
            return Ok(None);
        }
        self.at += 1;
        let at = self.at;
        let word = if self.rest().starts_with('*') {
            self.at += 1;
            "*"
        } else {
            self.letters()
        };
        if word.is_empty() {
            Err(self.problem_at(at, "a module or part is missing after the dot"))
        } else {
            Ok(Some((at, word)))
        }
    }

    /// The blocks of a grid up to the closing parenthesis.
    fn blocks(&mut self) -> Read<Blocks> {
        let mut all = 0;
        loop {
            all |= if self.take('*') { Blocks::MAX } else { self.span()? };
            if self.take(')') {
                return Ok(all);
            }
            self.expect(',', "between blocks, or `)` after them")?;
        }
    }

    fn span(&mut self) -> Read<Blocks> {
        let (at, first) = self.number()?;
        let dash = self.take('-');
        if dash && !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            // All but those that have a number is a set, too.
            self.block(at, first.saturating_sub(1).max(1))?;
            return if first == 0 { Err(self.block_error(at)) } else { Ok(Blocks::MAX << (first - 1)) };
        }
        self.block(at, first)?;
        if !dash {
            return Ok(1 << (first - 1));
        }
        let (at, last) = self.number()?;
        self.block(at, last)?;
        if last < first {
            return Err(self.problem_at(at, format!("{first}-{last} runs backwards; write {last}-{first}")));
        }
        Ok(Blocks::MAX << (first - 1) & !(Blocks::MAX << last))
    }

    fn number(&mut self) -> Read<(usize, usize)> {
        self.peek();
        let at = self.at;
        let digits = self.letters();
        match digits.parse() {
            Ok(number) if digits.bytes().all(|b| b.is_ascii_digit()) => Ok((at, number)),
            _ => Err(self.problem_at(at, "a block's number is missing; write `3`, `1-3`, `4-` or `*`")),
        }
    }

    pub(super) fn block(&self, at: usize, block: usize) -> Read<()> {
        if (1..=MAX_BLOCKS).contains(&block) { Ok(()) } else { Err(self.block_error(at)) }
    }

    fn block_error(&self, at: usize) -> MaskError {
        self.problem_at(at, format!("blocks are numbered from 1 (the lowest) to {MAX_BLOCKS}"))
    }
}

//! The paper's masks and element rules.

use super::{Read, Reader};
use crate::mask::cells::Cells;
use crate::mask::expression::Expression;
use crate::mask::name::named;
use crate::mask::rule::{Criterion, Pool, Rule};
use crate::mask::{Mask, MaskError};

impl Reader<'_> {
    /// A mask of the paper, or an element rule.
    pub(super) fn named(&mut self, at: usize, word: &str) -> Read<Expression> {
        let mut numbers = Vec::new();
        while self.rest().starts_with(':') {
            self.at += 1;
            let start = self.at;
            let digits = self.letters();
            let number = digits.parse::<u64>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
            numbers.push((start, number));
        }
        let end = self.at;
        let criterion = match word {
            "largest" => Some(Criterion::Largest),
            "smallest" => Some(Criterion::Smallest),
            "farthest" => Some(Criterion::Farthest),
            "random" if self.at_word("in") || self.at_word("per") => Some(Criterion::Random),
            _ => None,
        };
        if let Some(criterion) = criterion {
            return self.element(at, word, criterion, &numbers);
        }
        let mask = named(&self.text[at..end]).map_err(|error| match error {
            MaskError::Unknown(word) => {
                self.problem_at(at, format!("`{word}` is not a mask, module or rule"))
            }
            MaskError::Form { form, .. } => {
                let wrong = numbers.iter().find(|(_, n)| n.is_none()).map_or(end, |(start, _)| *start);
                let at = if form.contains(':') { wrong } else { at };
                self.problem_at(at, format!("write it as `{form}`"))
            }
            error @ (MaskError::Long(_) | MaskError::Syntax { .. } | MaskError::Layer { .. }) => error,
            error @ (MaskError::Count { .. } | MaskError::Rank { .. }) => error,
            error @ (MaskError::AddsOnly(_) | MaskError::NeedsWeights(_) | MaskError::CountDepends(_)) => {
                error
            }
        })?;
        if let Mask::SingleNorm(block) = mask {
            self.block(numbers.first().map_or(at, |n| n.0), block)?;
        }
        Ok(mask.expression())
    }

    /// Whether a word stands next; it is not taken.
    pub(super) fn at_word(&mut self, word: &str) -> bool {
        self.peek();
        let rest = self.rest().strip_prefix(word);
        rest.is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    }

    fn element(
        &mut self,
        at: usize,
        word: &str,
        criterion: Criterion,
        numbers: &[(usize, Option<u64>)],
    ) -> Read<Expression> {
        let form = if criterion == Criterion::Random { "random:N[:SEED] in …" } else { "RULE:N in …" };
        let form = form.replace("RULE", word);
        let most = if criterion == Criterion::Random { 2 } else { 1 };
        if let Some((start, _)) = numbers.iter().find(|(_, n)| n.is_none()) {
            return Err(self.problem_at(*start, format!("a whole number is missing; write it as `{form}`")));
        }
        if let Some((start, _)) = numbers.get(most) {
            return Err(self.problem_at(*start, format!("one number too many; write it as `{form}`")));
        }
        let number = |i: usize| numbers.get(i).and_then(|(_, n)| *n);
        let count = number(0).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
        let count = count.ok_or_else(|| {
            self.problem_at(
                numbers.first().map_or(at, |n| n.0),
                format!("say how many; write it as `{form}`"),
            )
        })?;
        let pool = self.pool()?;
        if !self.at_word("in") {
            return Err(self.problem(format!("`in` is missing; write it as `{form}`")));
        }
        self.at += 2;
        self.peek();
        let start = self.at;
        let region = self.term()?;
        match &region.table[..] {
            [Cells::NONE] => Err(self.problem_at(start, "there is nothing to pick from")),
            [region] => Ok(Expression::rule(Rule::new(criterion, count, number(1), pool, *region))),
            _ => {
                Err(self
                    .problem_at(start, "a rule picks from whole tensors, not from what another rule picked"))
            }
        }
    }

    fn pool(&mut self) -> Read<Pool> {
        if !self.at_word("per") {
            return Ok(Pool::Region);
        }
        self.at += 3;
        self.peek();
        let at = self.at;
        match self.letters() {
            "tensor" => Ok(Pool::Tensor),
            "module" => Ok(Pool::Module),
            _ => Err(self.problem_at(at, "write `per tensor` or `per module`")),
        }
    }
}

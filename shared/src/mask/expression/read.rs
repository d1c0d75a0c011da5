use super::Expression;
use super::grid::{MODULES, PARTS, PLACES, module, part, place};
use crate::mask::cells::{Blocks, Cells, MOST_BLOCKS, kinds, places};
use crate::mask::name::named;
use crate::mask::rule::{Choice, Pool, Rule};
use crate::mask::{Mask, MaskError};

/// Deepest nesting of parentheses.
const DEEPEST: usize = 32;

type Read<T> = Result<T, MaskError>;

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`MaskError::Syntax`] with the column.
    pub(in crate::mask) fn read(text: &str) -> Read<Self> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let found = reader.mask()?;
        match reader.peek() {
            None => Ok(found),
            Some(c) => {
                Err(reader.problem(format!("`{c}` does not go on a mask; write `+`, `-` or `&` first")))
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    /// The byte to be read next.
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn problem(&self, problem: impl Into<String>) -> MaskError {
        self.problem_at(self.at, problem)
    }
    fn problem_at(&self, at: usize, problem: impl Into<String>) -> MaskError {
        let column = 1 + self.text[..at].chars().count();
        MaskError::Syntax { text: self.text.to_owned(), column, problem: problem.into() }
    }
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }
    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }
    fn expect(&mut self, wanted: char, why: &str) -> Read<()> {
        if self.take(wanted) { Ok(()) } else { Err(self.problem(format!("`{wanted}` is missing {why}"))) }
    }
    /// Letters, digits and `_` from here on; without spaces before them.
    fn letters(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn mask(&mut self) -> Read<Expression> {
        let mut found = self.product()?;
        loop {
            let at = self.at;
            let operation = match self.peek() {
                Some('+') => Cells::or,
                Some('-') => Cells::minus,
                _ => return Ok(found),
            };
            self.at += 1;
            found = self.join(at, found, operation, Self::product)?;
        }
    }

    fn product(&mut self) -> Read<Expression> {
        let mut found = self.term()?;
        loop {
            let at = self.at;
            if !self.take('&') {
                return Ok(found);
            }
            found = self.join(at, found, Cells::and, Self::term)?;
        }
    }

    fn join(
        &mut self,
        at: usize,
        left: Expression,
        operation: fn(Cells, Cells) -> Cells,
        next: fn(&mut Self) -> Read<Expression>,
    ) -> Read<Expression> {
        let right = next(self)?;
        let most = super::MOST_RULES;
        left.join(&right, operation)
            .ok_or_else(|| self.problem_at(at, format!("a mask has at most {most} different element rules")))
    }

    fn term(&mut self) -> Read<Expression> {
        match self.peek() {
            Some('(') => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(self.problem(format!("parentheses go at most {DEEPEST} deep")));
                }
                self.at += 1;
                let inner = self.mask()?;
                self.expect(')', "to close the parenthesis")?;
                self.depth -= 1;
                Ok(inner)
            }
            Some(c) if c.is_alphanumeric() || c == '_' => self.word(),
            Some(c) => Err(self.problem(format!("`{c}` stands where a mask is expected"))),
            None => Err(self.problem("the text ends where a mask is expected")),
        }
    }

    fn word(&mut self) -> Read<Expression> {
        let at = self.at;
        match self.letters() {
            "layers" => self.grid().map(Expression::cells),
            word @ ("embeddings" | "pooler") => self.place(at, word).map(Expression::cells),
            word => self.named(at, word),
        }
    }

    /// A mask of the paper, or an element rule.
    fn named(&mut self, at: usize, word: &str) -> Read<Expression> {
        let mut numbers = Vec::new();
        while self.rest().starts_with(':') {
            self.at += 1;
            let start = self.at;
            let digits = self.letters();
            let number = digits.parse::<u64>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
            numbers.push((start, number));
        }
        let end = self.at;
        let choice = match word {
            "largest" => Some(Choice::Largest),
            "smallest" => Some(Choice::Smallest),
            "farthest" => Some(Choice::Farthest),
            "random" if self.at_word("in") || self.at_word("per") => Some(Choice::Random),
            _ => None,
        };
        if let Some(choice) = choice {
            return self.element(at, word, choice, &numbers);
        }
        let mask = named(&self.text[at..end]).map_err(|error| match error {
            MaskError::Unknown(word) => self.problem_at(at, format!("`{word}` is no mask, module or rule")),
            MaskError::Form { form, .. } => {
                let wrong = numbers.iter().find(|(_, n)| n.is_none()).map_or(end, |(start, _)| *start);
                let at = if form.contains(':') { wrong } else { at };
                self.problem_at(at, format!("write it as `{form}`"))
            }
            other => other,
        })?;
        if let Mask::SingleNorm(block) = mask {
            self.block(numbers.first().map_or(at, |n| n.0), block)?;
        }
        Ok(mask.expression())
    }

    /// Whether a word stands next; it is not taken.
    fn at_word(&mut self, word: &str) -> bool {
        self.peek();
        let rest = self.rest().strip_prefix(word);
        rest.is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    }

    fn element(
        &mut self,
        at: usize,
        word: &str,
        choice: Choice,
        numbers: &[(usize, Option<u64>)],
    ) -> Read<Expression> {
        let form = if choice == Choice::Random { "random:N[:SEED] in …" } else { "RULE:N in …" };
        let form = form.replace("RULE", word);
        let most = if choice == Choice::Random { 2 } else { 1 };
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
            [region] => Ok(Expression::rule(Rule::new(choice, count, number(1), pool, *region))),
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

    fn grid(&mut self) -> Read<Cells> {
        self.expect('(', "behind `layers`, as in `layers(1-3,6)` or `layers(*)`")?;
        let blocks = self.blocks()?;
        let Some((at, first)) = self.step()? else { return Ok(Cells::grid(u16::MAX, blocks)) };
        let (name, module, second) = match module(first) {
            Some(kinds) => (first, kinds, self.step()?),
            None if part(first).is_some() => ("*", u16::MAX, Some((at, first))),
            None => {
                let known = [&MODULES[..], &PARTS].concat().join(", ");
                return Err(self.problem_at(
                    at,
                    format!("`{first}` is no module or part of a block; known are {known}"),
                ));
            }
        };
        let Some((at, second)) = second else { return Ok(Cells::grid(module, blocks)) };
        let of = part(second).map_or(0, kinds) & module;
        if of == 0 { Err(self.no_part(at, second, name)) } else { Ok(Cells::grid(of, blocks)) }
    }

    fn place(&mut self, at: usize, word: &str) -> Read<Cells> {
        let mut name = word.to_owned();
        let mut step = self.step()?;
        if let Some((_, next)) = step {
            let longer = format!("{word}.{next}");
            if PLACES.contains(&longer.as_str()) {
                name = longer;
                step = self.step()?;
            }
        }
        let all =
            place(&name).ok_or_else(|| self.problem_at(at, format!("`{name}` is no part of the model")))?;
        let Some((at, last)) = step else { return Ok(Cells::places(all)) };
        let of = part(last).map_or(0, places) & all;
        if of == 0 { Err(self.no_part(at, last, &name)) } else { Ok(Cells::places(of)) }
    }

    fn no_part(&self, at: usize, part: &str, of: &str) -> MaskError {
        let parts = PARTS.join(", ");
        let only = "gamma and beta are parts of LayerNorms alone";
        self.problem_at(at, format!("`{of}` has no `{part}`; parts are {parts}, and {only}"))
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
            Err(self.problem_at(at, "a module or part is missing behind the dot"))
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
            self.expect(',', "between blocks, or `)` behind them")?;
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

    fn block(&self, at: usize, block: usize) -> Read<()> {
        if (1..=MOST_BLOCKS).contains(&block) { Ok(()) } else { Err(self.block_error(at)) }
    }

    fn block_error(&self, at: usize) -> MaskError {
        self.problem_at(at, format!("blocks have the numbers 1 (the lowest) to {MOST_BLOCKS}"))
    }
}

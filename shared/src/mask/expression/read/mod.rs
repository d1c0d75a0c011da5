//! From text to normal form. In reading order:

/// The paper's masks and element rules.
mod element;
/// Grids of blocks, embeddings and pooler.
mod place;
/// Pairs of low rank.
mod low_rank;

use super::Expression;
use crate::mask::MaskError;
use crate::mask::cells::Cells;

/// Deepest nesting of terms, so that no text overflows the stack.
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
                Err(reader.problem(format!("a mask cannot continue with `{c}`; write `+`, `-` or `&` first")))
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
        let most = super::MAX_RULES;
        left.join(&right, operation)
            .ok_or_else(|| self.problem_at(at, format!("a mask has at most {most} different element rules")))
    }

    fn term(&mut self) -> Read<Expression> {
        // What stands in parentheses or behind `in` is a term within a term.
        if self.depth > DEEPEST {
            return Err(self.problem(format!("a mask can be nested at most {DEEPEST} deep")));
        }
        self.depth += 1;
        let found = match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.mask()?;
                self.expect(')', "to close the parenthesis")?;
                Ok(inner)
            }
            Some(c) if c.is_alphanumeric() || c == '_' => self.word(),
            Some(c) => Err(self.problem(format!("`{c}` is where a mask is expected"))),
            None => Err(self.problem("the text ends where a mask is expected")),
        };
        self.depth -= 1;
        found
    }

    fn word(&mut self) -> Read<Expression> {
        let at = self.at;
        match self.letters() {
            "layers" => self.grid().map(Expression::cells),
            word @ ("embeddings" | "pooler") => self.place(at, word).map(Expression::cells),
            "lora" => Err(self.problem_at(at, super::super::lora::ALONE)),
            word => self.named(at, word),
        }
    }
}

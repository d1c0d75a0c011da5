//! From normal form to the canonical text.

use super::grid::{PLACES, module, part, place};
use super::{Expression, named_cells, named_rule};
use crate::mask::cells::{Blocks, Cells, MAX_BLOCKS, kinds, places};
use crate::mask::rule::{Criterion, Pool, Rule};
use std::fmt;

/// What whole tensors of blocks are written as, the first that fits first.
const TERMS: [(&str, &str); 36] = [
    ("*", ""),
    ("mha", ""),
    ("ffn", ""),
    ("ln", ""),
    ("*", "bias"),
    ("*", "weight"),
    ("ln_a", ""),
    ("ln_f", ""),
    ("mha", "weight"),
    ("mha", "bias"),
    ("ffn", "weight"),
    ("ffn", "bias"),
    ("ln", "gamma"),
    ("ln", "beta"),
    ("query", ""),
    ("key", ""),
    ("value", ""),
    ("attention_output", ""),
    ("intermediate", ""),
    ("output", ""),
    ("query", "weight"),
    ("query", "bias"),
    ("key", "weight"),
    ("key", "bias"),
    ("value", "weight"),
    ("value", "bias"),
    ("attention_output", "weight"),
    ("attention_output", "bias"),
    ("intermediate", "weight"),
    ("intermediate", "bias"),
    ("output", "weight"),
    ("output", "bias"),
    ("ln_a", "gamma"),
    ("ln_a", "beta"),
    ("ln_f", "gamma"),
    ("ln_f", "beta"),
];

impl fmt::Display for Expression {
    /// The canonical form: what it reads as is this expression again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Expression {
    /// Unfolds the last rule: what the mask holds where it does not pick, less or more what it holds where it
    /// does.
    fn text(&self) -> String {
        let Some((rule, rules)) = self.rules.split_last() else { return terms(self.table[0]).join(" + ") };
        let half = self.table.len() / 2;
        let part = |row: &dyn Fn(usize) -> Cells| {
            Expression { rules: rules.to_vec(), table: (0..half).map(row).collect() }.normal()
        };
        let (without, with) = self.table.split_at(half);
        let less = part(&|row| without[row].and(self.reach(row | half)).minus(with[row]));
        let more = part(&|row| with[row].minus(without[row]));
        let (is_less, is_more) = (!less.is_empty(), !more.is_empty());
        let base = part(&|row| without[row]);
        let mut out = if base.is_empty() { String::new() } else { base.text() };
        let picked = rule_text(rule);
        if is_less {
            // Where a rule takes away all that it meets, there is no need to say what.
            let all = !is_more && with.iter().all(Cells::is_empty);
            let less = if all { picked.clone() } else { format!("{picked} & {}", less.factor()) };
            out.push_str(&format!(" - {less}"));
        }
        if is_more {
            let all = !is_less && (0..half).all(|row| with[row] == self.reach(row | half));
            let more = if all { picked } else { format!("{picked} & {}", more.factor()) };
            out.push_str(if out.is_empty() { "" } else { " + " });
            out.push_str(&more);
        }
        out
    }

    fn is_empty(&self) -> bool {
        self.table.iter().all(Cells::is_empty)
    }

    /// The text as a factor of `&`.
    fn factor(&self) -> String {
        let text = self.text();
        let single = match &self.rules[..] {
            [] => terms(self.table[0]).len() == 1,
            [rule] => self.table[0].is_empty() && self.table[1] == rule.region,
            _ => false,
        };
        if single { text } else { format!("({text})") }
    }
}

fn rule_text(rule: &Rule) -> String {
    if let Some(mask) = named_rule(rule) {
        return mask.to_string();
    }
    let name = match rule.criterion {
        Criterion::Largest => "largest",
        Criterion::Smallest => "smallest",
        Criterion::Farthest | Criterion::Outliers => "farthest",
        Criterion::Random | Criterion::OutliersRandom => "random",
    };
    let seed = rule.seed.map(|s| format!(":{s}")).unwrap_or_default();
    let pool = match rule.pool {
        Pool::Region => "",
        Pool::Tensor => "per tensor ",
        Pool::Module => "per module ",
    };
    let region = Expression::cells(rule.region).factor();
    format!("{name}:{}{seed} {pool}in {region}", rule.count.unwrap_or_default())
}

/// Whole tensors as the fewest terms that [`TERMS`] and [`PLACES`] lead to; overlaps are kept where they are
/// shorter, terms that the others cover are not.
fn terms(cells: Cells) -> Vec<String> {
    if let Some(mask) = named_cells(cells) {
        return vec![mask.to_string()];
    }
    let mut rest = cells;
    let mut found: Vec<(Cells, String)> = Vec::new();
    let mut offer = |term: Cells, text: &dyn Fn() -> String| {
        if cells.contain(term) && !term.and(rest).is_empty() {
            rest = rest.minus(term);
            found.push((term, named_cells(term).map_or_else(text, |mask| mask.to_string())));
        }
    };
    for (name, suffix) in TERMS {
        let kinds = module(name).unwrap_or(0) & part(suffix).map_or(u16::MAX, kinds);
        let blocks = cells.blocks_of(kinds);
        offer(Cells::grid(kinds, blocks), &|| grid_text(name, suffix, blocks));
    }
    for name in PLACES {
        offer(Cells::places(place(name).unwrap_or(0)), &|| name.to_owned());
    }
    for (name, suffix) in
        [("embeddings.ln", "gamma"), ("embeddings.ln", "beta"), ("pooler", "weight"), ("pooler", "bias")]
    {
        let selected = place(name).unwrap_or(0) & part(suffix).map_or(0, places);
        offer(Cells::places(selected), &|| format!("{name}.{suffix}"));
    }
    let mut i = 0;
    while i < found.len() {
        let others = found.iter().enumerate().filter(|(j, _)| *j != i);
        let others = others.fold(Cells::NONE, |all, (_, (term, _))| all.or(*term));
        if others.contain(found[i].0) {
            found.remove(i);
        } else {
            i += 1;
        }
    }
    found.into_iter().map(|(_, text)| text).collect()
}

fn grid_text(module: &str, part: &str, blocks: Blocks) -> String {
    let mut out = format!("layers({})", blocks_text(blocks));
    // All modules need no name: `layers(3)`, `layers(3).bias`.
    for step in [module, part].into_iter().filter(|s| !s.is_empty() && *s != "*") {
        out.push('.');
        out.push_str(step);
    }
    out
}

/// Blocks as spans, ascending: `1-3,6`, `4-`, `*`.
fn blocks_text(blocks: Blocks) -> String {
    if blocks == Blocks::MAX {
        return "*".to_owned();
    }
    let mut spans = Vec::new();
    let mut at = 0;
    while at <= MAX_BLOCKS {
        let run = (blocks >> at).trailing_ones() as usize;
        let (first, last) = (at + 1, at + run);
        match run {
            0 => {}
            _ if last > MAX_BLOCKS => spans.push(format!("{first}-")),
            1 => spans.push(first.to_string()),
            _ => spans.push(format!("{first}-{last}")),
        }
        at += run.max(1);
    }
    spans.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_spans() {
        let text =
            [1 << 2, 0b100111, Blocks::MAX << 3, !(1 << 2), 0b11 | Blocks::MAX << 126].map(blocks_text);
        assert_eq!(text, ["3", "1-3,6", "4-", "1-2,4-", "1-2,127-"]);
    }
}

//! A table as LaTeX floats it: caption, label, heads in groups, what the signs mean below.
//!
//! What has no room on a page's width in small letters becomes several floats, cut between tasks, as a paper would: a table
//! that is shrunk until it fits cannot be read. Sentences are set in lines, as in a paragraph.

use super::cell::Cell;
use super::width::{Columns, Width, parts};
use super::{escaped, words};
use std::fmt::Write;
use std::ops::Range;

/// A table for the packages booktabs and graphicx.
pub(super) struct Float<'a> {
    /// What stands above it as comments.
    pub comments: Vec<String>,
    pub caption: &'a str,
    /// Without `tab:`.
    pub label: &'a str,
    /// Heads of the columns that stand alone, such as the mask's.
    pub stubs: Vec<String>,
    /// Heads of the other columns, from the group down to the column; all have as many levels.
    pub heads: Vec<Vec<String>>,
    /// Heads of what follows them.
    pub last: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// What its signs mean, below.
    pub legend: &'a [String],
}

/// The columns of one float: those of `heads` from `first` up to `end`, and whether the last ones follow.
struct Part {
    number: usize,
    of: usize,
    first: usize,
    end: usize,
    has_last: bool,
}

impl Float<'_> {
    /// All of it.
    pub fn latex(&self) -> String {
        let mut out = String::new();
        for line in &self.comments {
            _ = writeln!(out, "% {}", line.replace(['\n', '\r'], " "));
        }
        let columns = self.columns();
        let cuts = self.cuts(&columns);
        for (i, ends) in cuts.windows(2).enumerate() {
            let (number, of) = (i + 1, cuts.len() - 1);
            let part = Part { number, of, first: ends[0], end: ends[1], has_last: number == of };
            self.part(&part, &columns, &mut out);
        }
        out
    }

    /// How wide each column is.
    fn columns(&self) -> Columns {
        let own = |heads: &Vec<String>| heads.last().cloned().unwrap_or_default();
        let heads =
            self.stubs.iter().cloned().chain(self.heads.iter().map(own)).chain(self.last.iter().cloned());
        let width = |(at, head): (usize, String)| {
            let mut width = Width::of_column(&head);
            self.rows.iter().filter_map(|row| row.get(at)).for_each(|cell| width.hold(cell));
            width
        };
        Columns::new(heads.enumerate().map(width).collect())
    }

    /// Where a float ends and the next begins: places in `heads`.
    fn cuts(&self, all: &Columns) -> Vec<usize> {
        let stubs = self.stubs.len();
        let points = |range: Range<usize>| range.map(|at| all.points(at)).sum::<f64>();
        let behind = stubs + self.heads.len();
        // A task stays in one piece.
        let mut groups: Vec<(usize, f64)> = Vec::new();
        let mut at = 0;
        while at < self.heads.len() {
            let same = self.heads[at..].iter().take_while(|head| head[0] == self.heads[at][0]).count();
            let columns = points(stubs + at..stubs + at + same);
            // A group's head stands over all of its columns; a column's own is in its width already.
            let head =
                if self.heads[at].len() > 1 { Width::of_column(&self.heads[at][0]).points() } else { 0.0 };
            groups.push((same, columns.max(head)));
            at += same;
        }
        let widths: Vec<f64> = groups.iter().map(|(_, width)| *width).collect();
        let mut cuts = vec![0];
        let mut groups = groups.into_iter().map(|(columns, _)| columns);
        for count in parts(&widths, points(0..stubs), points(behind..behind + self.last.len())) {
            let columns: usize = groups.by_ref().take(count).sum();
            cuts.push(cuts.last().copied().unwrap_or(0) + columns);
        }
        cuts
    }

    fn part(&self, part: &Part, columns: &Columns, out: &mut String) {
        let caption = words(&numbered_by_latex(self.caption));
        let (of, label) = match (part.number, part.of) {
            (_, 1) => (String::new(), self.label.to_owned()),
            (1, of) => (format!(", part 1 of {of}"), self.label.to_owned()),
            (n, of) => (format!(", part {n} of {of}"), format!("{}-{n}", self.label)),
        };
        _ = write!(
            out,
            "\\begin{{table}}[htbp]\n\\centering\n\\caption{{{caption}{of}}}\n\\label{{tab:{label}}}\n\
             \\smallskip\n\\footnotesize\n\\setlength{{\\tabcolsep}}{{3pt}}\n% Never wider than the page.\n\
             \\resizebox{{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}}{{!}}{{%\n\
             \\begin{{tabular}}{{{}}}\n\\toprule\n",
            self.places(part)
                .map(|at| if at == 0 || columns.line(at).is_some() { 'l' } else { 'r' })
                .collect::<String>()
        );
        out.push_str(&self.header(part));
        out.push_str("\\midrule\n");
        for row in &self.rows {
            self.row(row, part, columns, out);
        }
        out.push_str("\\bottomrule\n\\end{tabular}%\n}\n");
        self.below(part, out);
        out.push_str("\\end{table}\n");
    }

    /// The places of a part's columns in a row.
    fn places(&self, part: &Part) -> impl Iterator<Item = usize> + use<> {
        let stubs = self.stubs.len();
        let behind = stubs + self.heads.len();
        let last = if part.has_last { self.last.len() } else { 0 };
        (0..stubs).chain(stubs + part.first..stubs + part.end).chain(behind..behind + last)
    }

    /// The cells of a row, and below them in smaller letters what stands under them.
    fn row(&self, row: &[Cell], part: &Part, columns: &Columns, out: &mut String) {
        let set = |at: usize, text: &str| match columns.line(at) {
            Some(line) if !text.is_empty() => {
                format!("\\parbox[t]{{{line:.0}pt}}{{\\raggedright\\strut {text}\\strut}}")
            }
            _ => text.to_owned(),
        };
        let cells: Vec<(usize, &Cell)> =
            self.places(part).filter_map(|at| Some((at, row.get(at)?))).collect();
        let texts: Vec<String> = cells.iter().map(|(at, cell)| set(*at, &cell.text)).collect();
        if cells.iter().all(|(_, cell)| cell.under.is_empty()) {
            _ = writeln!(out, "{} \\\\", texts.join(" & "));
            return;
        }
        let under = |&(at, cell): &(usize, &Cell)| match cell.under.as_str() {
            "" => String::new(),
            under => format!("{{{}}}", set(at, &format!("\\scriptsize {under}"))),
        };
        let under: Vec<String> = cells.iter().map(under).collect();
        _ = writeln!(out, "{} \\\\[-2pt]\n{} \\\\", texts.join(" & "), under.join(" & "));
    }

    /// What the signs mean, below the last part.
    fn below(&self, part: &Part, out: &mut String) {
        let legend: Vec<String> = self
            .legend
            .iter()
            .map(|text| words(&text.replace(" (after the @)", " (below each mean)")))
            .collect();
        if legend.is_empty() {
            return;
        }
        let text = if part.number == part.of {
            legend.join(" ")
        } else {
            "The signs are explained below the last part.".to_owned()
        };
        _ = write!(out, "\\par\\smallskip\n{{\\raggedright {text}\\par}}\n");
    }

    /// A line for each level: columns of one group side by side have one head over a rule. The last level stands at its columns.
    fn header(&self, part: &Part) -> String {
        let heads = &self.heads[part.first..part.end];
        let last: &[String] = if part.has_last { &self.last } else { &[] };
        let levels = heads.first().map_or(1, Vec::len);
        let mut out = String::new();
        for level in 0..levels {
            let is_last = level + 1 == levels;
            let plain = |heads: &[String]| -> Vec<String> {
                heads.iter().map(|head| if is_last { escaped(head) } else { String::new() }).collect()
            };
            let mut line = plain(&self.stubs);
            let mut rules = String::new();
            let mut at = 0;
            while at < heads.len() {
                let group = &heads[at][..=level];
                let same = heads[at..].iter().take_while(|head| head[..=level] == *group).count();
                let span = if is_last { 1 } else { same };
                let head = escaped(&heads[at][level]);
                if is_last {
                    line.push(head);
                } else {
                    line.push(format!("\\multicolumn{{{span}}}{{c}}{{{head}}}"));
                    let first = self.stubs.len() + at + 1;
                    _ = write!(rules, "\\cmidrule(lr){{{first}-{}}}", first + span - 1);
                }
                at += span;
            }
            line.extend(plain(last));
            _ = writeln!(out, "{} \\\\", line.join(" & "));
            if !rules.is_empty() {
                _ = writeln!(out, "{rules}");
            }
        }
        out
    }
}

/// A caption without the number of the paper's table or figure, which would stand beside LaTeX's own: `Table 1: modules …`.
fn numbered_by_latex(caption: &str) -> String {
    let rest = ["Table ", "Figure "].into_iter().find_map(|word| caption.strip_prefix(word));
    let rest = rest.and_then(|rest| rest.split_once(": "));
    match rest {
        Some((number, rest)) if number.chars().all(|c| c.is_ascii_digit()) => {
            let mut letters = rest.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
        }
        _ => caption.to_owned(),
    }
}

//! A table as LaTeX floats it: caption, label, heads in groups, what the signs mean below.
//!
//! What has no room on a page's width in small letters becomes several floats, cut between tasks, as a paper would: a table
//! that is shrunk until it fits cannot be read.

use super::cell::Cell;
use super::width::{Width, parts};
use super::{escaped, words};
use std::fmt::Write;

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
        let cuts = self.cuts();
        for (i, ends) in cuts.windows(2).enumerate() {
            let (number, of) = (i + 1, cuts.len() - 1);
            let part = Part { number, of, first: ends[0], end: ends[1], has_last: number == of };
            self.part(&part, &mut out);
        }
        out
    }

    /// Where a float ends and the next begins: places in `heads`.
    fn cuts(&self) -> Vec<usize> {
        let stubs = self.stubs.len();
        let column = |at: usize, heads: &[String]| {
            let mut width = Width::of_column(heads.last().map_or("", String::as_str));
            self.rows.iter().filter_map(|row| row.get(at)).for_each(|cell| width.hold(cell));
            width.points()
        };
        let fixed = self.stubs.iter().enumerate().map(|(i, head)| column(i, std::slice::from_ref(head)));
        let behind = self.last.iter().enumerate();
        let behind = behind.map(|(i, head)| column(stubs + self.heads.len() + i, std::slice::from_ref(head)));
        // A task stays in one piece.
        let mut groups: Vec<(usize, f64)> = Vec::new();
        let mut at = 0;
        while at < self.heads.len() {
            let same = self.heads[at..].iter().take_while(|head| head[0] == self.heads[at][0]).count();
            let columns = (at..at + same).map(|i| column(stubs + i, &self.heads[i])).sum::<f64>();
            groups.push((same, columns.max(Width::of_column(&self.heads[at][0]).points())));
            at += same;
        }
        let widths: Vec<f64> = groups.iter().map(|(_, width)| *width).collect();
        let mut cuts = vec![0];
        let mut groups = groups.into_iter().map(|(columns, _)| columns);
        for count in parts(&widths, fixed.sum(), behind.sum()) {
            let columns: usize = groups.by_ref().take(count).sum();
            cuts.push(cuts.last().copied().unwrap_or(0) + columns);
        }
        cuts
    }

    fn part(&self, part: &Part, out: &mut String) {
        let columns = part.end - part.first + if part.has_last { self.last.len() } else { 0 };
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
             \\begin{{tabular}}{{{}{}}}\n\\toprule\n",
            "l".repeat(self.stubs.len().min(1)),
            "r".repeat(self.stubs.len().saturating_sub(1) + columns)
        );
        out.push_str(&self.header(part));
        out.push_str("\\midrule\n");
        for row in &self.rows {
            self.row(row, part, out);
        }
        out.push_str("\\bottomrule\n\\end{tabular}%\n}\n");
        self.below(part, out);
        out.push_str("\\end{table}\n");
    }

    /// The cells of a row, and below them in smaller letters what stands under them.
    fn row(&self, row: &[Cell], part: &Part, out: &mut String) {
        let cells = row.iter().enumerate().filter(|(at, _)| {
            let Some(column) = at.checked_sub(self.stubs.len()) else { return true };
            (part.first..part.end).contains(&column) || part.has_last && column >= self.heads.len()
        });
        let cells: Vec<&Cell> = cells.map(|(_, cell)| cell).collect();
        let texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
        if cells.iter().all(|cell| cell.under.is_empty()) {
            _ = writeln!(out, "{} \\\\", texts.join(" & "));
            return;
        }
        let under = cells.iter().map(|cell| match cell.under.as_str() {
            "" => String::new(),
            under => format!("{{\\scriptsize {under}}}"),
        });
        let under: Vec<String> = under.collect();
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

//! A table as LaTeX floats it: caption, label, heads in groups, what the signs mean below.

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
    /// Cells in LaTeX.
    pub rows: Vec<Vec<String>>,
    /// What its signs mean, below.
    pub legend: &'a [String],
}

impl Float<'_> {
    /// All of it.
    pub fn latex(&self) -> String {
        let mut out = String::new();
        for line in &self.comments {
            _ = writeln!(out, "% {}", line.replace(['\n', '\r'], " "));
        }
        let columns = self.stubs.len() + self.heads.len() + self.last.len();
        let (caption, label) = (words(self.caption), self.label);
        _ = write!(
            out,
            "\\begin{{table}}[htbp]\n\\centering\n\\caption{{{caption}}}\n\\label{{tab:{label}}}\n\
             % As wide as the page at most.\n\
             \\resizebox{{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}}{{!}}{{%\n\
             \\begin{{tabular}}{{l{}}}\n\\toprule\n",
            "r".repeat(columns - 1)
        );
        out.push_str(&self.header());
        out.push_str("\\midrule\n");
        for row in &self.rows {
            _ = writeln!(out, "{} \\\\", row.join(" & "));
        }
        out.push_str("\\bottomrule\n\\end{tabular}%\n}\n");
        let legend: Vec<String> = self
            .legend
            .iter()
            .map(|text| words(&text.replace(" (after the @)", " (in parentheses)")))
            .collect();
        if !legend.is_empty() {
            _ = write!(out, "\\par\\smallskip\n{{\\footnotesize\\raggedright {}\\par}}\n", legend.join(" "));
        }
        out.push_str("\\end{table}\n");
        out
    }

    /// A line a level: columns of one group side by side have one head over a rule. The last level stands at its columns.
    fn header(&self) -> String {
        let levels = self.heads.first().map_or(1, Vec::len);
        let mut out = String::new();
        for level in 0..levels {
            let is_last = level + 1 == levels;
            let plain = |heads: &[String]| -> Vec<String> {
                heads.iter().map(|head| if is_last { escaped(head) } else { String::new() }).collect()
            };
            let mut line = plain(&self.stubs);
            let mut rules = String::new();
            let mut at = 0;
            while at < self.heads.len() {
                let group = &self.heads[at][..=level];
                let same = self.heads[at..].iter().take_while(|head| head[..=level] == *group).count();
                let span = if is_last { 1 } else { same };
                let head = escaped(&self.heads[at][level]);
                if is_last {
                    line.push(head);
                } else {
                    line.push(format!("\\multicolumn{{{span}}}{{c}}{{{head}}}"));
                    let first = self.stubs.len() + at + 1;
                    _ = write!(rules, "\\cmidrule(lr){{{first}-{}}}", first + span - 1);
                }
                at += span;
            }
            line.extend(plain(&self.last));
            _ = writeln!(out, "{} \\\\", line.join(" & "));
            if !rules.is_empty() {
                _ = writeln!(out, "{rules}");
            }
        }
        out
    }
}

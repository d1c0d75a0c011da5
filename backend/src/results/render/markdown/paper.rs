//! The paper's tables as Markdown.

use super::{cell_named, list, named, pipes, plain};
use crate::results::paper::PaperTable;
use crate::results::render::text::paper::{cell, trainable};

impl PaperTable {
    /// As Markdown: a title, a pipe table in percent with the best of each column bold, what its signs mean, notes, and the runs.
    pub fn markdown(&self) -> String {
        let mut lines = vec![self.header().iter().map(|title| cell_named(title)).collect::<Vec<_>>()];
        for row in &self.rows {
            let mut line = vec![cell_named(&row.label), trainable(row.trainable)];
            for (column, c) in self.columns.iter().zip(&row.cells) {
                let text = cell(column, c.as_ref());
                line.push(if c.as_ref().is_some_and(|c| c.best) { format!("**{text}**") } else { text });
            }
            lines.push(line);
        }
        let mut out = format!("### {}\n\n{}\n", plain(&self.title), pipes(&lines));
        out.push_str(&list(self.legend.iter().chain(&self.notes)));
        let runs = self.run_lines(|mask| named(&mask.to_string()));
        if !runs.is_empty() {
            out.push_str(&format!("\nRuns, a seed each:\n\n{}", list(&runs)));
        }
        out
    }
}

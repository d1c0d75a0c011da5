//! The paper's tables as Markdown.

use super::{pipes, without_tags};
use crate::results::paper::PaperTable;
use crate::results::render::text::paper::{cell, trainable};

impl PaperTable {
    /// As Markdown: a title, a pipe table in percent with the best of each column bold, what its signs mean, notes, and the runs.
    pub fn markdown(&self) -> String {
        let mut lines = vec![self.header()];
        for row in &self.rows {
            let mut line = vec![row.label.replace('|', "\\|"), trainable(row.trainable)];
            for (column, c) in self.columns.iter().zip(&row.cells) {
                let text = cell(column, c.as_ref());
                line.push(if c.as_ref().is_some_and(|c| c.best) { format!("**{text}**") } else { text });
            }
            lines.push(line);
        }
        let mut out = format!("### {}\n\n{}\n", self.title, pipes(&lines));
        for note in self.legend.iter().chain(&self.notes) {
            out.push_str(&format!("- {note}\n"));
        }
        let runs = self.run_lines();
        if !runs.is_empty() {
            out.push_str(&format!("\nRuns, a seed each:\n\n- {}\n", runs.join("\n- ")));
        }
        without_tags(&out)
    }
}

//! Weights before and after fine-tuning as CSV.

use crate::results::weights::Comparison;
use std::fmt::Write;

impl Comparison {
    /// A line for each module, weights and bin, with the bin's ends and how many weights lie there.
    pub fn csv(&self) -> String {
        let mut out = String::from("group,weights,low,high,count\n");
        for panel in &self.panels {
            for (bins, name) in panel.histograms.iter().zip(&self.names) {
                for (i, count) in bins.counts.iter().enumerate() {
                    let (group, low, high) = (panel.group.name(), bins.edge(i), bins.edge(i + 1));
                    _ = writeln!(out, "{group},{name},{low},{high},{count}");
                }
            }
        }
        out
    }
}

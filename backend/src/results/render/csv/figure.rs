//! The figures of weights as CSV.

use crate::results::weights::Figure;
use std::fmt::Write;

impl Figure {
    /// A line for each panel, block and bin, with the bin's ends, how many weights lie there and their density. `block` is
    /// `all` or counted from 1.
    pub fn csv(&self) -> String {
        let mut out = String::from("group,block,low,high,count,density\n");
        for panel in &self.panels {
            for curve in std::iter::once(&panel.all).chain(&panel.blocks) {
                let block = curve.block.map_or("all".to_owned(), |block| block.to_string());
                for (i, (count, density)) in curve.bins.counts.iter().zip(curve.densities()).enumerate() {
                    let (name, low, high) = (panel.group.name(), curve.bins.edge(i), curve.bins.edge(i + 1));
                    _ = writeln!(out, "{name},{block},{low},{high},{count},{density}");
                }
            }
        }
        out
    }
}

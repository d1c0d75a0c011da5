//! Distributions of weights by module and block as CSV.

use crate::results::Distribution;
use crate::results::weights::WeightRow;
use std::fmt::Write;

/// A line for each group, block and kind of weights (`pretrained`, `tuned`, `difference`): number, moments, ends and
/// quantiles. `block` is `all` or counted from 1. What is undefined is left empty.
pub fn moments(rows: &[WeightRow]) -> String {
    let shares: Vec<f64> = rows
        .iter()
        .find(|row| !row.pretrained.quantiles.is_empty())
        .map(|row| row.pretrained.quantiles.iter().map(|(share, _)| *share).collect())
        .unwrap_or_default();
    let mut out = String::from("group,block,weights,n,mean,std,skewness,excess_kurtosis,min,max");
    for share in &shares {
        _ = write!(out, ",q{share}");
    }
    out.push('\n');
    for row in rows {
        let block = row.block.map_or("all".to_owned(), |block| block.to_string());
        let kinds = [
            ("pretrained", Some(&row.pretrained)),
            ("tuned", row.tuned.as_ref()),
            ("difference", row.difference.as_ref()),
        ];
        for (kind, of) in kinds.into_iter().filter_map(|(kind, of)| Some((kind, of?))) {
            _ = write!(out, "{},{block},{kind},{}", row.group.name(), of.n);
            line(&mut out, of);
            out.push('\n');
        }
    }
    out
}

fn line(out: &mut String, of: &Distribution) {
    let numbers = [of.mean, of.std, of.skewness, of.excess_kurtosis, of.min, of.max];
    for number in numbers.into_iter().chain(of.quantiles.iter().map(|(_, value)| *value)) {
        out.push(',');
        if number.is_finite() {
            _ = write!(out, "{number}");
        }
    }
}

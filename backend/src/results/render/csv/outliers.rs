//! Outliers as CSV.

use crate::results::weights::Outlier;
use std::fmt::Write;

/// A line for each scalar.
pub fn outliers(outliers: &[Outlier]) -> String {
    let mut out = String::from("tensor,index,value,sigma,tuned\n");
    for Outlier { scalar, tuned } in outliers {
        let sigma = if scalar.sigma.is_nan() { String::new() } else { scalar.sigma.to_string() };
        let tuned = tuned.map_or_else(String::new, |value| value.to_string());
        _ = writeln!(out, "{},{},{},{sigma},{tuned}", scalar.tensor, scalar.index, scalar.value);
    }
    out
}

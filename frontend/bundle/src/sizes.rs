//! The size table and the budget.

use crate::asset::Asset;
use anyhow::{Result, bail};
use serde_json::{Value, json};

/// What the page's wasm may weigh as it travels, in bytes.
pub const WASM_BUDGET: usize = 250_000;

/// The table as text: a row for each file, its size as it is and as it travels.
pub fn table(assets: &[&Asset]) -> String {
    let width = assets.iter().map(|asset| asset.name.len()).max().unwrap_or(0);
    let mut out = format!("{:width$}  {:>9}  {:>9}  {:>9}\n", "", "raw", "gzip", "brotli");
    for asset in assets {
        let [raw, gzip, brotli] = [&asset.raw, &asset.gzip, &asset.brotli].map(|form| form.len());
        out += &format!("{:width$}  {raw:>9}  {gzip:>9}  {brotli:>9}\n", asset.name);
    }
    out
}

/// The table for the next build, with what the files were made from.
pub fn record(assets: &[&Asset], inputs: &str) -> Value {
    let files: Vec<Value> = assets
        .iter()
        .map(|a| json!({"file": a.name, "raw": a.raw.len(), "gzip": a.gzip.len(), "brotli": a.brotli.len()}))
        .collect();
    json!({"inputs": inputs, "wasm_budget": WASM_BUDGET, "files": files})
}

/// An error if the wasm is over its budget.
pub fn check(wasm_brotli: usize) -> Result<()> {
    if wasm_brotli > WASM_BUDGET {
        bail!(
            "the wasm is {:.1} kB with brotli and may be {:.0} kB: take out a dependency or a web-sys feature",
            wasm_brotli as f64 / 1e3,
            WASM_BUDGET as f64 / 1e3,
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_exact() {
        assert!(check(WASM_BUDGET).is_ok());
        let error = check(251_234).unwrap_err().to_string();
        assert!(error.starts_with("the wasm is 251.2 kB with brotli and may be 250 kB"), "{error}");
    }

    #[test]
    fn the_table_has_a_row_for_each_file() {
        let (a, b) =
            (Asset::named("a.js", vec![b'a'; 1000]).unwrap(), Asset::named("b.css", vec![]).unwrap());
        let text = table(&[&a, &b]);
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!((rows[0][0], rows[1][..2].to_vec(), rows.len()), ("raw", vec!["a.js", "1000"], 3));
        assert_eq!(record(&[&a, &b], "x")["files"][0]["brotli"], a.brotli.len());
    }
}

//! The size table, and the budget that continuous integration holds the page to.

use crate::asset::Asset;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// What the page's wasm may weigh as it travels, in bytes. More fails `make size`, and no build.
const WASM_BUDGET: u64 = 900_000;

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
    json!({"inputs": inputs, "files": files})
}

/// Holds the table of the last build to the budget and returns its wasm's size in words.
///
/// # Errors
/// It is over the budget; the table has no wasm.
pub fn check(record: &Value) -> Result<String> {
    let files = record["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let wasm = files.iter().find(|file| file["file"].as_str().is_some_and(|name| name.ends_with(".wasm")));
    let bytes =
        wasm.and_then(|file| file["brotli"].as_u64()).context("static/pkg/sizes.json names no wasm")?;
    let words = format!("{:.1} kB with brotli, of {:.0} kB", bytes as f64 / 1e3, WASM_BUDGET as f64 / 1e3);
    if bytes > WASM_BUDGET {
        bail!("the wasm is {words} that it may be: take out a dependency or a web-sys feature");
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_exact() {
        let record = |bytes: u64| json!({"files": [{"file": "a.js", "brotli": 1}, {"file": "b.wasm", "brotli": bytes}]});
        assert_eq!(check(&record(WASM_BUDGET)).unwrap(), "900.0 kB with brotli, of 900 kB");
        let error = check(&record(901_234)).unwrap_err().to_string();
        assert!(error.starts_with("the wasm is 901.2 kB with brotli, of 900 kB that it may be"), "{error}");
        assert!(check(&json!({"files": []})).is_err());
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

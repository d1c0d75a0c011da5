//! Decimal numbers that people write.
//!
//! Read by the browser, whose reader is as exact as Rust's and already there: Rust's own brings tables that would be
//! a twentieth of the page.

/// Reads a decimal number, such as `0.001`, `-2` or `1e-3`.
pub fn read(text: &str) -> Option<f64> {
    // The browser takes more for a number: nothing at all, `0x10`, `Infinity`.
    let plain = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
    let decimal = !text.is_empty() && text.bytes().all(plain);
    decimal.then(|| number(text)).filter(|x| x.is_finite())
}

#[cfg(target_arch = "wasm32")]
fn number(text: &str) -> f64 {
    wasm_bindgen::JsValue::from_str(text).unchecked_into_f64()
}

#[cfg(not(target_arch = "wasm32"))]
fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn only_finite_decimals_are_numbers() {
        assert_eq!(
            ["0.001", "-2", "1e-3", "5E+2", ".5"].map(read),
            [0.001, -2.0, 1e-3, 500.0, 0.5].map(Some)
        );
        for bad in ["", " ", "0x10", "Infinity", "inf", "NaN", "nan", "1e999", "--1", "e", "1 2", "1,5"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

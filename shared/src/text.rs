//! Numbers and texts as readers and files have them, the same on page and terminal.

/// What stands where there is no number.
pub const NONE: &str = "–";

/// A whole number with thousands separators: `109,482,240`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share that somebody set, in percent, without the digits that multiplying leaves behind: `7 %`, `12.5 %`.
pub fn set_percent(share: f64) -> String {
    format!("{} %", (share * 1e8).round() / 1e6)
}

/// A share in percent with three significant digits or more: `0.0337 %`, `25.9 %`, `100 %`.
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    match p {
        _ if p.is_nan() => NONE.to_owned(),
        _ if p == 0.0 || p >= 99.95 => format!("{p:.0} %"),
        _ if p >= 10.0 => format!("{p:.1} %"),
        _ if p >= 1.0 => format!("{p:.2} %"),
        _ if p >= 0.1 => format!("{p:.3} %"),
        _ if p >= 0.001 => format!("{p:.4} %"),
        _ => format!("{p:.1e} %"),
    }
}

/// A learning rate: `1e-3`, `2.5e-4`.
pub fn rate(learning_rate: f64) -> String {
    format!("{learning_rate:e}")
}

/// Plural or not: `1 run`, `3 runs`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", thousands(n as u64)) }
}

/// A text as it may stand between the tags of XML and in its attributes.
pub fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// A field of CSV, quoted only where it must be (RFC 4180, section 2).
pub fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 109_482_240].map(thousands), ["0", "999", "1,000", "109,482,240"]);
        assert_eq!([0.0, 0.07, 0.1, 0.125, 1.0].map(set_percent), ["0 %", "7 %", "10 %", "12.5 %", "100 %"]);
        let shares = [0.0, 3e-9, 36_864.0 / 109_482_240.0, 0.0052, 0.0151, 0.259, 1.0];
        let want = ["0 %", "3.0e-7 %", "0.0337 %", "0.520 %", "1.51 %", "25.9 %", "100 %"];
        assert_eq!(shares.map(percent), want);
        assert_eq!([1e-3, 2.5e-4, 0.01].map(rate), ["1e-3", "2.5e-4", "1e-2"]);
    }

    #[test]
    fn a_field_is_quoted_where_it_would_be_cut() {
        assert_eq!(
            ["full", "a, b", "so \"big\"", "two\nlines"].map(csv_field),
            ["full", "\"a, b\"", "\"so \"\"big\"\"\"", "\"two\nlines\""]
        );
    }

    #[test]
    fn no_character_of_markup_is_left() {
        let evil = "<script>alert('1')</script>\" & co";
        assert_eq!(escape_xml(evil), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; &amp; co");
    }
}

//! Numbers, shares and times for people.

use tunemask_shared::metric::Metric;

/// Stands where there is nothing to show yet.
pub const NOTHING: &str = "–";

/// A whole number with its thousands apart: `36,864`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 run`, `2 runs`.
pub fn counted(n: usize, one: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(n as u64))
}

/// A share of a whole in percent, with two significant digits at least: `0.034 %`, `52 %`.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NOTHING.into();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    match percent {
        0.0 => "0 %".into(),
        p if p < 0.001 => "<0.001 %".into(),
        p if p < 1.0 => format!("{p:.3} %"),
        p if p < 10.0 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// A learning rate as the papers write it: `5e-4`.
pub fn rate(rate: f64) -> String {
    format!("{rate:e}")
}

/// A number with four significant digits; not-a-number and the infinities by name.
pub fn number(x: f64) -> String {
    if x.is_nan() {
        return "not a number".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞" } else { "−∞" }.into();
    }
    let size = x.abs();
    let text = match size {
        0.0 => "0".into(),
        s if s < 1e-3 => format!("{size:.2e}"),
        s if s >= 1e6 => format!("{size:.3e}"),
        s => {
            let before = s.log10().floor() as i32 + 1;
            format!("{size:.*}", (4 - before).clamp(0, 5) as usize)
        }
    };
    if x < 0.0 { format!("−{text}") } else { text }
}

/// A metric's value as tables print it: times 100 where GLUE does so.
pub fn score(metric: Metric, value: f64) -> String {
    match (value.is_finite(), metric.in_percent()) {
        (false, _) => "undefined".into(),
        (true, true) => format!("{:.1}", value * 100.0).replace('-', "−"),
        (true, false) => number(value),
    }
}

/// A span of time in its two largest units: `42 s`, `3 min 10 s`, `2 h 5 min`, `1 d 3 h`.
pub fn duration(secs: f64) -> String {
    if !secs.is_finite() || secs < 0.0 {
        return NOTHING.into();
    }
    if secs < 1.0 {
        return "<1 s".into();
    }
    let s = secs.round() as u64;
    let two = |large: u64, l: &str, small: u64, u: &str| match small {
        0 => format!("{large} {l}"),
        _ => format!("{large} {l} {small} {u}"),
    };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => two(s / 60, "min", s % 60, "s"),
        3600..86_400 => two(s / 3600, "h", s / 60 % 60, "min"),
        _ => two(s / 86_400, "d", s / 3600 % 24, "h"),
    }
}

/// How long ago a moment was, in milliseconds since 1970.
pub fn ago(then_ms: u64, now_ms: u64) -> String {
    match now_ms.saturating_sub(then_ms) / 1000 {
        0..60 => "just now".into(),
        s @ 60..3600 => format!("{} min ago", s / 60),
        s @ 3600..86_400 => format!("{} h ago", s / 3600),
        s => format!("{} ago", counted((s / 86_400) as usize, "day")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_enough() {
        let cases = [
            (0.0, "0"),
            (0.69314, "0.6931"),
            (12.3456, "12.35"),
            (999.96, "1000.0"),
            (12345.6, "12346"),
            (1e-5, "1.00e-5"),
            (-2.5, "−2.500"),
            (2.5e9, "2.500e9"),
            (f64::NAN, "not a number"),
            (f64::NEG_INFINITY, "−∞"),
        ];
        for (x, want) in cases {
            assert_eq!(number(x), want);
        }
        assert_eq!([rate(1e-5), rate(5e-4), rate(0.015)], ["1e-5", "5e-4", "1.5e-2"]);
    }

    #[test]
    fn counts_and_shares() {
        assert_eq!([count(0), count(999), count(36_864), count(109_482_240)], ["0", "999", "36,864", "109,482,240"]);
        assert_eq!(share(36_864, 109_482_240), "0.034 %");
        assert_eq!(share(56_669_184, 109_482_240), "52 %");
        assert_eq!([share(1, 0), share(0, 9), share(9, 9)], [NOTHING, "0 %", "100 %"]);
        assert_eq!([counted(1, "run"), counted(1200, "run")], ["1 run", "1,200 runs"]);
    }

    #[test]
    fn times() {
        let got = [0.2, 59.6, 60.0, 190.0, 7500.0, 97_200.0, f64::NAN].map(duration);
        assert_eq!(got, ["<1 s", "1 min", "1 min", "3 min 10 s", "2 h 5 min", "1 d 3 h", NOTHING]);
        assert_eq!([ago(5_000, 0), ago(0, 125_000), ago(0, 200_000_000)], ["just now", "2 min ago", "2 days ago"]);
    }

    #[test]
    fn scores_are_printed_as_glue_does() {
        assert_eq!(score(Metric::Accuracy, 0.8567), "85.7");
        assert_eq!(score(Metric::Matthews, -0.021), "−2.1");
        assert_eq!(score(Metric::Pearson, f64::NAN), "undefined");
        assert_eq!(score(Metric::Loss, 0.4512), "0.4512");
    }
}

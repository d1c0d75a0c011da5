//! Numbers, shares and times for people.

use tunemask_shared::metric::Metric;
pub use tunemask_shared::text::{count as counted, percent, rate, thousands};

/// Stands where there is nothing to show yet.
pub const NOTHING: &str = "–";

/// Reads a decimal number that is finite, such as `0.001`, `-2` or `1e-3`.
pub fn parse_finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

/// The learning rates of a grid, and in how many cells there are more: `3 learning rates, more in 2 cells`.
pub fn counted_rates(rates: usize, further_cells: usize) -> String {
    let rates = counted(rates, "learning rate");
    if further_cells == 0 { rates } else { format!("{rates}, more in {}", counted(further_cells, "cell")) }
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

/// A span of time that is not known better than by a tenth or so: `a few seconds`, `40 s`, `2 min`, `1 h 30 min`.
pub fn about(secs: f64) -> String {
    let rounded = |unit: f64| (secs / unit).round() * unit;
    match secs {
        _ if !secs.is_finite() || secs < 0.0 => NOTHING.into(),
        0.0..7.5 => "a few seconds".into(),
        7.5..57.5 => duration(rounded(5.0)),
        57.5..1_170.0 => duration(rounded(60.0)),
        1_170.0..7_050.0 => duration(rounded(300.0)),
        7_050.0..72_000.0 => duration(rounded(1_800.0)),
        72_000.0..172_800.0 => format!("{} h", (secs / 3600.0).round()),
        _ => counted((secs / 86_400.0).round() as usize, "day"),
    }
}

/// A time of the day.
pub fn clock(hours: u32, minutes: u32, seconds: u32) -> String {
    format!("{hours:02}:{minutes:02}:{seconds:02}")
}

/// An amount of memory: `300 MiB`, `1.4 GiB`.
pub fn bytes(n: u64) -> String {
    let mib = n as f64 / f64::from(1 << 20);
    if mib < 1024.0 { format!("{:.0} MiB", mib.ceil()) } else { format!("{:.1} GiB", mib / 1024.0) }
}

/// An amount on the disk: `3 KiB`, and from a MiB on as [`bytes`].
pub fn on_disk(n: u64) -> String {
    if n < 1 << 20 { format!("{} KiB", n.div_ceil(1024)) } else { bytes(n) }
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
    fn only_finite_decimals_are_numbers() {
        assert_eq!(
            ["0.001", "-2", "1e-3", "5E+2", ".5"].map(parse_finite),
            [0.001, -2.0, 1e-3, 500.0, 0.5].map(Some)
        );
        for bad in ["", " ", "0x10", "Infinity", "inf", "NaN", "nan", "1e999", "--1", "e", "1 2", "1,5"] {
            assert_eq!(parse_finite(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_are_short_and_exact_enough() {
        let cases = [
            (0.0, "0"),
            (0.81234, "0.8123"),
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
    }

    #[test]
    fn times() {
        let got = [0.2, 59.6, 60.0, 190.0, 7500.0, 97_200.0, f64::NAN].map(duration);
        assert_eq!(got, ["<1 s", "1 min", "1 min", "3 min 10 s", "2 h 5 min", "1 d 3 h", NOTHING]);
        assert_eq!(
            [ago(5_000, 0), ago(0, 125_000), ago(0, 200_000_000)],
            ["just now", "2 min ago", "2 days ago"]
        );
        assert_eq!([1, 300 << 20, 1500 << 20].map(bytes), ["1 MiB", "300 MiB", "1.5 GiB"]);
        assert_eq!([0, 1, 5000, 3 << 20].map(on_disk), ["0 KiB", "1 KiB", "5 KiB", "3 MiB"]);
    }

    #[test]
    fn estimates_claim_no_more_than_they_know() {
        let spans = [0.3, 9.0, 58.0, 89.0, 1008.0, 1500.0, 6400.0, 8000.0, 90_000.0, 300_000.0, f64::NAN];
        let want = [
            "a few seconds",
            "10 s",
            "1 min",
            "1 min",
            "17 min",
            "25 min",
            "1 h 45 min",
            "2 h",
            "25 h",
            "3 days",
            NOTHING,
        ];
        assert_eq!(spans.map(about), want);
        assert_eq!(clock(7, 5, 59), "07:05:59");
    }

    #[test]
    fn scores_are_printed_as_glue_does() {
        assert_eq!(score(Metric::Accuracy, 0.8567), "85.7");
        assert_eq!(score(Metric::Matthews, -0.021), "−2.1");
        assert_eq!(score(Metric::Pearson, f64::NAN), "undefined");
        assert_eq!(score(Metric::Loss, 0.4512), "0.4512");
    }
}

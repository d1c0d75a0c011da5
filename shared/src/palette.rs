//! The page's colours, for what is drawn without its style sheet: files of charts and of figures.
//!
//! They stand once, in `static/styles/0-palette.css`, a line each: `--NAME: light-dark(LIGHT, DARK);`.

/// The style sheet with the colours.
const SHEET: &str = include_str!("../../static/styles/0-palette.css");

/// A colour as CSS writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// In light surroundings, and on paper.
    pub light: &'static str,
    /// In dark ones.
    pub dark: &'static str,
}

/// The colour of a name such as `ink` or `series-3`; that of the text around it if there is none.
pub fn colour(name: &str) -> Colour {
    let found = SHEET.lines().find_map(|line| {
        let (known, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
        let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
        (known == name).then_some(Colour { light, dark })
    });
    found.unwrap_or(Colour { light: "currentColor", dark: "currentColor" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_sheet_is_read() {
        let names: Vec<&str> = SHEET
            .lines()
            .filter_map(|l| l.trim().strip_prefix("--")?.split_once(':'))
            .map(|(n, _)| n)
            .collect();
        assert!(names.len() > 20 && names.contains(&"series-9"), "{names:?}");
        let is_hex = |text: &str| text.len() == 7 && text.starts_with('#');
        for name in names {
            let Colour { light, dark } = colour(name);
            assert!(is_hex(light) && is_hex(dark), "{name}: {light}, {dark}");
        }
        assert_eq!(colour("panel"), Colour { light: "#ffffff", dark: "#181d26" });
        assert_eq!(colour("no-such").light, "currentColor");
    }
}

//! `static/index.html` with the addresses filled in.

use anyhow::{Result, bail};
use std::collections::BTreeMap;

/// Replaces each `{{key}}` by its address. A key that is unknown, and a needed one that does not occur, is an
/// error with its line.
pub fn fill(text: &str, addresses: &BTreeMap<String, String>, needed: &[&str]) -> Result<String> {
    let mut out = String::with_capacity(text.len() + 256);
    let mut used = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let line = 1 + text[..text.len() - rest.len() + start].matches('\n').count();
        let Some(length) = rest[start..].find("}}") else {
            bail!("static/index.html, line {line}: `{{{{` without `}}}}`");
        };
        let key = rest[start + 2..start + length].trim();
        let Some(address) = addresses.get(key) else {
            let known: Vec<&str> = addresses.keys().map(String::as_str).collect();
            bail!(
                "static/index.html, line {line}: `{key}` is not a file of the page; known are {}",
                known.join(", ")
            );
        };
        out.push_str(&rest[..start]);
        out.push_str(address);
        used.push(key);
        rest = &rest[start + length + 2..];
    }
    out.push_str(rest);
    match needed.iter().find(|key| !used.contains(key)) {
        Some(key) => {
            bail!("static/index.html never uses {{{{{key}}}}}, and the page cannot start without it")
        }
        None => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> BTreeMap<String, String> {
        [("js", "/pkg/a.js"), ("css", "/pkg/a.css")].map(|(k, v)| (k.to_owned(), v.to_owned())).into()
    }

    #[test]
    fn every_place_is_filled() {
        let html = fill("<a>{{js}}</a>\n{{ css }}{{js}}!", &addresses(), &["js", "css"]).unwrap();
        assert_eq!(html, "<a>/pkg/a.js</a>\n/pkg/a.css/pkg/a.js!");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = |text: &str| fill(text, &addresses(), &["js"]).unwrap_err().to_string();
        assert_eq!(
            error("{{js}}\n\n{{image}}"),
            "static/index.html, line 3: `image` is not a file of the page; known are css, js"
        );
        assert_eq!(error("{{js}}\n{{css"), "static/index.html, line 2: `{{` without `}}`");
        assert_eq!(
            error("{{css}}"),
            "static/index.html never uses {{js}}, and the page cannot start without it"
        );
    }
}

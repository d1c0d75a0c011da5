//! Results as Markdown. In reading order:

/// The result table.
mod table;
/// The paper's tables.
mod paper;
/// A table of a report.
mod grid;

pub use grid::grid;
pub use table::table;

/// Markdown in which nothing is a tag of HTML: what a user named is shown letter by letter.
///
/// Where a tag begins is as in CommonMark 0.31, sections 6.5 and 6.6; a `<` before a figure stays one.
fn without_tags(markdown: &str) -> String {
    let begins_tag =
        |next: Option<char>| next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    let mut letters = markdown.chars().peekable();
    let mut out = String::with_capacity(markdown.len());
    while let Some(letter) = letters.next() {
        if letter == '<' && begins_tag(letters.peek().copied()) {
            out.push_str("&lt;")
        } else {
            out.push(letter)
        }
    }
    out
}

/// A text in which nothing is Markdown but what stands in backticks.
pub(in crate::results) fn plain(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // A backtick that none closes is a letter.
    let is_code = |i: usize| i % 2 == 1 && i + 1 < parts.len();
    let shown = |(i, part): (usize, &&str)| {
        if is_code(i) { (*part).to_owned() } else { without_tags(part).replace('*', "\\*") }
    };
    parts.iter().enumerate().map(shown).collect::<Vec<_>>().join("`")
}

/// A mask, or what a row is called: in backticks where Markdown would take its asterisks for emphasis.
fn named(name: &str) -> String {
    if name.contains('*') && !name.contains('`') { format!("`{name}`") } else { name.to_owned() }
}

/// The same in a pipe table, which is cut at each `|` that is not escaped, in backticks or not.
fn cell_named(name: &str) -> String {
    plain(&named(name)).replace('|', "\\|")
}

/// A list of remarks.
fn list<'a>(remarks: impl IntoIterator<Item = &'a String>) -> String {
    remarks.into_iter().map(|remark| format!("- {}\n", plain(remark))).collect()
}

/// A pipe table of equal column widths, so that it reads as well on a terminal; all but the first column
/// stand at the right.
fn pipes(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |c: usize| lines.iter().filter_map(|l| l.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|c| width(c).max(3)).collect();
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        for (c, &w) in widths.iter().enumerate() {
            let text = line.get(c).map_or("", String::as_str);
            let padded = if c == 0 { format!("| {text:<w$} ") } else { format!("| {text:>w$} ") };
            out.push_str(&padded);
        }
        out.push_str("|\n");
        if i == 0 {
            for (c, &w) in widths.iter().enumerate() {
                let rule = "-".repeat(w - usize::from(c > 0));
                out.push_str(&format!("| {rule}{} ", if c > 0 { ":" } else { "" }));
            }
            out.push_str("|\n");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{cell_named, list, pipes, plain, without_tags};

    #[test]
    fn names_are_no_html() {
        let text = "### <script>alert(1)</script> <!-- <?php <https://x.example> a<b\n";
        let inert = "### &lt;script>alert(1)&lt;/script> &lt;!-- &lt;?php &lt;https://x.example> a&lt;b\n";
        assert_eq!(without_tags(text), inert);
        assert_eq!(without_tags("p < 0.05 and <5 %"), "p < 0.05 and <5 %");
    }

    #[test]
    fn asterisks_are_letters() {
        let mask = "layers(*).mha.query + layers(*).mha.value";
        assert_eq!(cell_named(mask), format!("`{mask}`"));
        assert_eq!(
            [cell_named("a|*"), cell_named("a|b"), cell_named("<b>|")],
            ["`a\\|*`", "a\\|b", "&lt;b>\\|"]
        );
        assert_eq!(plain("a *b* `c *d* <e>` <f> `g *h*"), "a \\*b\\* `c *d* <e>` &lt;f> `g \\*h\\*");
        assert_eq!(list(&["1 * 2".to_owned()]), "- 1 \\* 2\n");
    }

    #[test]
    fn a_name_that_is_escaped_stands_in_line_with_the_others() {
        let line = |name: &str| vec![cell_named(name), "1".to_owned()];
        let lines = ["mask", "<b>|", "layers(*).ln + a(*)"].map(line);
        let ends = |text: String| text.lines().map(|line| line.chars().count()).collect::<Vec<_>>();
        assert_eq!(ends(pipes(&lines)), [31; 4]);
    }
}

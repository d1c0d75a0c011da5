//! Results as Markdown. In reading order:

/// The result table.
mod table;
/// The paper's tables.
mod paper;

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
    use super::without_tags;

    #[test]
    fn names_are_no_html() {
        let text = "### <script>alert(1)</script> <!-- <?php <https://x.example> a<b\n";
        let inert = "### &lt;script>alert(1)&lt;/script> &lt;!-- &lt;?php &lt;https://x.example> a&lt;b\n";
        assert_eq!(without_tags(text), inert);
        assert_eq!(without_tags("p < 0.05 and <5 %"), "p < 0.05 and <5 %");
    }
}

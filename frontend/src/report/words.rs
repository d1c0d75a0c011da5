//! Texts in which what stands between backticks is code.

use leptos::prelude::*;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Code(String),
}

/// Cuts a text at its backticks. One without a partner makes all of it plain.
fn pieces(text: &str) -> Vec<Piece> {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Piece::Plain(text.to_owned())];
    }
    let piece = |(i, part): (usize, &str)| {
        if i % 2 == 1 { Piece::Code(part.to_owned()) } else { Piece::Plain(part.to_owned()) }
    };
    parts.into_iter().enumerate().map(piece).filter(|piece| *piece != Piece::Plain(String::new())).collect()
}

/// A text of the server.
#[component]
pub fn Words(
    /// The text.
    text: String,
) -> impl IntoView {
    let piece = |piece| match piece {
        Piece::Plain(text) => text.into_any(),
        Piece::Code(text) => view! { <code>{text}</code> }.into_any(),
    };
    pieces(&text).into_iter().map(piece).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Piece {
        Piece::Plain(text.to_owned())
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        let code = Piece::Code("a<b".to_owned());
        assert_eq!(pieces("no `a<b`."), [plain("no "), code.clone(), plain(".")]);
        assert_eq!(pieces("`a<b`"), [code]);
        assert_eq!(pieces("no `a<b`, but a `"), [plain("no `a<b`, but a `")]);
        assert_eq!(pieces("<i>"), [plain("<i>")]);
        assert!(pieces("").is_empty());
    }
}

//! The form of an answer, as it is asked for: by `format=` in the address, else by the header `Accept`.

use super::problem::Problem;
use crate::records::Form;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use tunemask_shared::report::FileForm;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
    JsonLines,
    Parquet,
    Markdown,
    Latex,
}

impl Format {
    /// What stands for it in an address.
    pub(super) fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::JsonLines => "jsonl",
            Format::Parquet => "parquet",
            Format::Markdown => "markdown",
            Format::Latex => "latex",
        }
    }

    /// Its media type.
    pub(super) fn media(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Csv => FileForm::Csv.media(),
            Format::JsonLines => FileForm::JsonLines.media(),
            Format::Parquet => "application/vnd.apache.parquet",
            Format::Markdown => FileForm::Markdown.media(),
            Format::Latex => FileForm::Latex.media(),
        }
    }

    /// The form of rows that it is, if it is one.
    pub(super) fn of_rows(self) -> Option<Form> {
        match self {
            Format::Csv => Some(Form::Csv),
            Format::JsonLines => Some(Form::JsonLines),
            Format::Parquet => Some(Form::Parquet),
            Format::Json | Format::Markdown | Format::Latex => None,
        }
    }

    /// The form of a report's file that it is, if it is one.
    pub(super) fn of_file(self) -> Option<FileForm> {
        match self {
            Format::Csv => Some(FileForm::Csv),
            Format::JsonLines => Some(FileForm::JsonLines),
            Format::Markdown => Some(FileForm::Markdown),
            Format::Latex => Some(FileForm::Latex),
            Format::Json | Format::Parquet => None,
        }
    }

    /// What is asked for of what is offered, whose first is for those who do not mind.
    ///
    /// # Errors
    /// Nothing of it.
    pub(super) fn choose(
        asked: Option<&str>,
        headers: &HeaderMap,
        offered: &[Format],
    ) -> Result<Format, Problem> {
        let list = || offered.iter().map(|format| format.word()).collect::<Vec<_>>().join(", ");
        if let Some(word) = asked {
            let found = offered.iter().find(|format| format.word() == word);
            return found.copied().ok_or_else(|| {
                Problem::bad(format!("format: `{word}` is not offered here; ask for {}", list()))
            });
        }
        let accepted: Vec<&str> =
            headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let accepted = accepted.join(",");
        // The first of those that are wanted most.
        let mut best: Option<(f32, Format)> = None;
        for &format in offered {
            let wish = wish(&accepted, format.media());
            if wish > best.map_or(0.0, |(most, _)| most) {
                best = Some((wish, format));
            }
        }
        best.map(|(_, format)| format).ok_or_else(|| {
            let why = format!("none of what `Accept` names is offered here; ask for {} by format=", list());
            Problem::new(StatusCode::NOT_ACCEPTABLE, why)
        })
    }

    /// An answer in it.
    pub(super) fn answer(self, content: impl Into<axum::body::Body>) -> Response {
        ([(CONTENT_TYPE, HeaderValue::from_static(self.media()))], content.into()).into_response()
    }
}

/// How much a media type is wanted, 0 to 1: by the range that fits it best (RFC 9110, section 12.5.1). Without any range
/// everything is; a range that cannot be read is none.
fn wish(accepted: &str, media: &str) -> f32 {
    let ranges = accepted.split(',').map(str::trim).filter(|range| !range.is_empty());
    let mut best: Option<(u8, f32)> = None;
    let mut any = false;
    for range in ranges {
        any = true;
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let weight = weight.map_or(1.0, |text| text.trim().parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0));
        let fits = match named.strip_suffix("/*") {
            Some("*") => 1,
            Some(group) if media.split('/').next() == Some(group) => 2,
            _ if named == media => 3,
            _ => continue,
        };
        if best.is_none_or(|(closest, _)| fits > closest) {
            best = Some((fits, weight));
        }
    }
    if any { best.map_or(0.0, |(_, weight)| weight) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(asked: Option<&str>, accept: &str) -> Result<Format, u16> {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT, accept.parse().unwrap());
        }
        let offered = [Format::Json, Format::Csv, Format::Markdown];
        Format::choose(asked, &headers, &offered).map_err(|p| p.into_response().status().as_u16())
    }

    #[test]
    fn what_is_asked_for_is_given_if_it_is_offered() {
        assert_eq!(chosen(None, ""), Ok(Format::Json));
        assert_eq!(chosen(None, "*/*"), Ok(Format::Json));
        assert_eq!(chosen(None, "text/*, application/json;q=0.5"), Ok(Format::Csv));
        assert_eq!(chosen(None, "text/html, TEXT/Markdown;q=0.2"), Ok(Format::Markdown));
        assert_eq!(chosen(None, "*/*;q=0.1, application/json;q=0"), Ok(Format::Csv));
        assert_eq!(chosen(None, "application/xml"), Err(406));
        assert_eq!(chosen(None, "text/csv;q=x"), Err(406));
        assert_eq!(chosen(Some("csv"), "application/json"), Ok(Format::Csv));
        assert_eq!(chosen(Some("parquet"), ""), Err(400));
    }
}

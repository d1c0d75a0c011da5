//! Results as files and texts. In reading order:

/// As text for a reader.
pub mod text;
/// As CSV.
pub mod csv;
/// As Markdown.
pub mod markdown;
/// As LaTeX.
pub mod latex;
/// As SVG.
pub mod svg;

//! What a report is made of.

/// A report: blocks, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// A part of a report. Texts are plain: whoever shows them escapes them.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading of the third level.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// What a reader must know of what stands above, a sentence each; a few stand open.
    Notes(Vec<String>),
    /// A choice between reports.
    Links {
        /// What is chosen.
        label: String,
        /// The choices.
        links: Vec<Link>,
    },
    /// A table.
    Table(Table),
    /// A picture.
    Figure(Figure),
    /// What stands above, to keep.
    Files {
        /// What it is: `results`.
        what: String,
        /// The forms.
        files: Vec<File>,
    },
}

/// Another report of the same experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// For people.
    pub text: String,
    /// The page's address.
    pub address: String,
    /// Whether it is this one.
    pub here: bool,
}

/// A table; the first cell of a row is its head.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, a cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its title.
    pub title: String,
    /// Whether it holds numbers, which stand at the right.
    pub number: bool,
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What it says below, smaller.
    pub under: String,
    /// A sign behind that, and what it warns of.
    pub warning: Option<(&'static str, &'static str)>,
    /// Whether it stands out.
    pub strong: bool,
    /// Whether it is a name, such as a mask's.
    pub code: bool,
    /// The colour that its mask has in the charts.
    pub colour: Option<usize>,
}

/// A picture with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows.
    pub caption: String,
    /// How to read it.
    pub legend: String,
    /// Its panels, which are laid out by the room there is.
    pub panels: Vec<Panel>,
    /// All of it as one SVG file, to keep.
    pub svg: String,
    /// Its numbers.
    pub csv: String,
}

/// A part of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What is to be seen, for who does not see it.
    pub summary: String,
    /// A whole SVG file.
    pub svg: String,
}

/// A text to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its form, a word.
    pub form: &'static str,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media: &'static str,
    /// What it holds.
    pub text: String,
}

impl Column {
    /// A column of words.
    pub fn words(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: false }
    }
    /// A column of numbers.
    pub fn numbers(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: true }
    }
}

impl Cell {
    /// A plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
    /// A name.
    pub fn code(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: true, ..Self::default() }
    }
}

impl File {
    /// A CSV file.
    pub fn csv(name: String, text: String) -> Self {
        Self { form: "CSV", name, media: "text/csv", text }
    }
    /// A Markdown file.
    pub fn markdown(name: String, text: String) -> Self {
        Self { form: "Markdown", name, media: "text/markdown", text }
    }
    /// A LaTeX file.
    pub fn latex(name: String, text: String) -> Self {
        Self { form: "LaTeX", name, media: "application/x-tex", text }
    }
}

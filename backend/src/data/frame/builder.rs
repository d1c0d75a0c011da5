//! A frame while its rows come.

use super::cell_type::CellType;
use super::column::Column;
use super::{DataError, File, Frame, KnownBy};
use std::path::Path;

/// A cell on its way into a frame.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// No value.
    Missing,
    /// A text, number or truth value as it is spelled.
    One(String, CellType),
    /// A list of such; `None` for an item that is missing.
    List(Vec<(Option<String>, CellType)>),
}

/// A frame while its rows come.
#[derive(Debug, Default)]
pub(super) struct Builder {
    frame: Frame,
    rows: usize,
    /// The columns of the file that is being read, by its own order: their places in the frame.
    places: Vec<usize>,
}

impl Builder {
    /// A file begins, whose rows are known by their numbers or by their lines.
    pub(super) fn begin(&mut self, path: &Path, known_by: KnownBy) {
        self.places.clear();
        self.frame.files.push(File { path: path.to_owned(), first: self.rows, known_by });
    }

    /// The quotes of the file that is being read are taken off.
    pub(super) fn unquotes(&mut self) {
        self.frame.unquoted.extend(self.frame.files.last().map(|file| file.path.clone()));
    }

    /// Names the columns of a file in which every row has all of them.
    ///
    /// # Errors
    /// A name that stands twice or is empty; other names than the first file has.
    pub(super) fn header(&mut self, names: &[String]) -> Result<(), String> {
        for (place, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(format!("column {} has no name in the header", place + 1));
            }
            if names[..place].contains(name) {
                return Err(format!("two columns are named `{name}`"));
            }
        }
        if self.rows > 0 {
            if let Some(missing) = self.frame.columns.iter().find(|c| !names.contains(&c.name)) {
                return Err(format!("no column `{}`, which the file before it has", missing.name));
            }
            if let Some(new) = names.iter().find(|name| self.frame.column(name).is_none()) {
                return Err(format!("a column `{new}`, which the file before it does not have"));
            }
        }
        self.places = names.iter().map(|name| self.place(name)).collect();
        Ok(())
    }

    /// The names of classes that a file gives a column.
    ///
    /// # Errors
    /// Others than the file before it has.
    pub(super) fn class_names(&mut self, name: &str, classes: Vec<String>) -> Result<(), String> {
        let place = self.place(name);
        let known = &mut self.frame.columns[place].class_names;
        match known {
            Some(known) if *known != classes => {
                Err(format!("other names of classes in `{name}` than in the file before it"))
            }
            Some(_) => Ok(()),
            None => {
                *known = Some(classes);
                Ok(())
            }
        }
    }

    /// The place of a column, which is made where it is new; rows above have no value in it.
    fn place(&mut self, name: &str) -> usize {
        self.frame.columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
            let mut column = Column::new(name);
            // A column without a value takes whatever comes.
            (0..self.rows).for_each(|_| _ = column.push(None, CellType::Empty));
            self.frame.columns.push(column);
            self.frame.columns.len() - 1
        })
    }

    /// Adds a row of texts, in the header's order; what they spell is found. An empty one is missing.
    pub(super) fn row(&mut self, line: u64, cells: &[&str]) -> Result<(), String> {
        for (&place, &text) in self.places.iter().zip(cells) {
            let column = &mut self.frame.columns[place];
            let cell_type = match column.cell_type {
                // Nothing makes it another.
                CellType::Text => CellType::Text,
                _ => CellType::of(text),
            };
            column.push((!text.is_empty()).then_some(text), cell_type)?;
        }
        self.line(line);
        self.rows += 1;
        Ok(())
    }

    /// Adds a row of named cells; columns that it does not name have no value in it.
    ///
    /// # Errors
    /// A name that stands twice; a list among texts, or the other way round.
    pub(super) fn named_row<'n>(
        &mut self,
        line: Option<u64>,
        cells: impl Iterator<Item = (&'n str, Cell)>,
    ) -> Result<(), String> {
        for (name, cell) in cells {
            let place = self.place(name);
            let column = &mut self.frame.columns[place];
            if column.rows() > self.rows {
                return Err(format!("`{name}` is listed twice"));
            }
            match cell {
                Cell::Missing => column.push(None, CellType::Empty)?,
                Cell::One(text, cell_type) => column.push(Some(&text), cell_type)?,
                Cell::List(items) => column.push_list(&items)?,
            }
        }
        for column in &mut self.frame.columns {
            if column.rows() == self.rows {
                column.push(None, CellType::Empty)?;
            }
        }
        if let Some(line) = line {
            self.line(line);
        }
        self.rows += 1;
        Ok(())
    }

    fn line(&mut self, line: u64) {
        // Files without lines may stand before this one.
        self.frame.lines.resize(self.rows, 0);
        self.frame.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// # Errors
    /// The file that was read last had no rows.
    pub(super) fn end(&self) -> Result<(), DataError> {
        match self.frame.files.last() {
            Some(file) if file.first == self.rows => Err(DataError::Empty(file.path.clone())),
            _ => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Frame {
        self.frame
    }
}

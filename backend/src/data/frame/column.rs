//! A column: a name, and a cell for each row.

use super::cell_type::CellType;
use super::texts::Texts;

/// A column of a frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    /// As the file has it.
    pub name: String,
    /// What all its cells are.
    pub cell_type: CellType,
    /// The names of its numbers, where the file says that they are numbers of classes.
    pub class_names: Option<Vec<String>>,
    /// The cells, or the items of all lists.
    texts: Texts,
    /// Of lists: where each one's items end.
    ends: Option<Vec<u64>>,
}

impl Column {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// How many cells it has.
    pub(crate) fn rows(&self) -> usize {
        self.ends.as_ref().map_or(self.texts.len(), Vec::len)
    }

    /// Whether its cells are lists.
    pub(crate) fn is_list(&self) -> bool {
        self.ends.is_some()
    }

    /// A cell that is not a list; `None` where it is missing. CSV has no way to say so: there, an empty one is missing.
    pub(crate) fn cell(&self, row: usize) -> Option<&str> {
        if self.is_list() { None } else { self.texts.get(row) }
    }

    /// A list's items; nothing in a column without lists. A missing list is an empty one.
    pub(crate) fn items(&self, row: usize) -> impl ExactSizeIterator<Item = Option<&str>> {
        let ends = self.ends.as_deref().unwrap_or_default();
        let end = ends.get(row).copied().unwrap_or_default() as usize;
        let start = row.checked_sub(1).and_then(|r| ends.get(r)).copied().unwrap_or_default() as usize;
        (start.min(end)..end).map(|place| self.texts.get(place))
    }

    /// Adds a cell that is not a list.
    ///
    /// # Errors
    /// The column's other cells are lists.
    pub(super) fn push(&mut self, text: Option<&str>, cell_type: CellType) -> Result<(), String> {
        if let Some(ends) = &mut self.ends {
            if text.is_none() {
                ends.push(self.texts.len() as u64);
                return Ok(());
            }
            return Err(format!("`{}` is a list in the rows above, and none here", self.name));
        }
        self.texts.push(text);
        if text.is_some() {
            self.cell_type = self.cell_type.or(cell_type);
        }
        Ok(())
    }

    /// Adds a list.
    ///
    /// # Errors
    /// The column's other cells are not lists.
    pub(super) fn push_list(&mut self, items: &[(Option<String>, CellType)]) -> Result<(), String> {
        if self.ends.is_none() {
            if self.cell_type != CellType::Empty {
                return Err(format!("`{}` is a list here, and none in the rows above", self.name));
            }
            // Those above are missing, thus empty lists.
            self.ends = Some(vec![0; self.texts.len()]);
            self.texts = Texts::default();
        }
        for (text, cell_type) in items {
            self.texts.push(text.as_deref());
            self.cell_type = self.cell_type.or(*cell_type);
        }
        let end = self.texts.len() as u64;
        self.ends.get_or_insert_default().push(end);
        Ok(())
    }
}

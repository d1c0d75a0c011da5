//! Texts one behind the other in one piece of memory: a million cells are two allocations.

/// Texts, each of which may be missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    bytes: String,
    /// Where each text ends; the highest bit says that it is missing.
    ends: Vec<u64>,
}

const MISSING: u64 = 1 << 63;

impl Texts {
    pub(super) fn push(&mut self, text: Option<&str>) {
        self.bytes.push_str(text.unwrap_or_default());
        let missing = if text.is_none() { MISSING } else { 0 };
        self.ends.push(self.bytes.len() as u64 | missing);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// `None` for one that is missing or beyond the last.
    pub(super) fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before] & !MISSING);
        if end & MISSING != 0 { None } else { self.bytes.get(start as usize..end as usize) }
    }
}

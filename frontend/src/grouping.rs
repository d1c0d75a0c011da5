//! Which runs make one line and one row of the list: those that are alike in the fields that the reader chose.

/// A field of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What it trains.
    Mask,
    /// On which task.
    Task,
    /// At which peak learning rate.
    Rate,
    /// With which seed.
    Seed,
    /// Where it stands.
    Status,
    /// Where it trains or trained.
    Node,
}

/// Some of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields([bool; Field::ALL.len()]);

/// Which runs make one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// Every run its own.
    #[default]
    Runs,
    /// Those that are alike in these fields: mean and spread. Never in none.
    By(Fields),
}

impl Field {
    /// Every field.
    pub const ALL: [Field; 6] =
        [Field::Mask, Field::Task, Field::Rate, Field::Seed, Field::Status, Field::Node];

    /// The word in an address.
    pub fn word(self) -> &'static str {
        match self {
            Field::Mask => "mask",
            Field::Task => "task",
            Field::Rate => "rate",
            Field::Seed => "seed",
            Field::Status => "status",
            Field::Node => "node",
        }
    }

    /// What a reader chooses.
    pub fn title(self) -> &'static str {
        match self {
            Field::Mask => "Mask",
            Field::Task => "Task",
            Field::Rate => "Learning rate",
            Field::Seed => "Seed",
            Field::Status => "Status",
            Field::Node => "Node",
        }
    }
}

impl Fields {
    /// These.
    pub fn of(fields: &[Field]) -> Fields {
        let mut some = Fields::default();
        fields.iter().for_each(|field| some.0[*field as usize] = true);
        some
    }

    /// Whether a field is among them.
    pub fn has(self, field: Field) -> bool {
        self.0[field as usize]
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.has(*field))
    }

    fn is_empty(self) -> bool {
        self == Fields::default()
    }
}

impl Grouping {
    /// The seeds of one task, mask and learning rate.
    pub fn over_seeds() -> Grouping {
        Grouping::By(Fields::of(&[Field::Mask, Field::Task, Field::Rate]))
    }

    /// Those that are alike in these fields; every run its own if there are none.
    pub fn by(fields: Fields) -> Grouping {
        if fields.is_empty() { Grouping::Runs } else { Grouping::By(fields) }
    }

    /// Whether runs are grouped by a field.
    pub fn has(self, field: Field) -> bool {
        matches!(self, Grouping::By(fields) if fields.has(field))
    }

    /// The same with a field more, or without it.
    pub fn toggled(self, field: Field) -> Grouping {
        let mut fields = match self {
            Grouping::Runs => Fields::default(),
            Grouping::By(fields) => fields,
        };
        fields.0[field as usize] = !fields.has(field);
        Grouping::by(fields)
    }

    /// The word in an address: `runs`, `mask,rate`, or `seeds` for [`Grouping::over_seeds`].
    pub fn word(self) -> String {
        match self {
            Grouping::Runs => "runs".into(),
            by if by == Grouping::over_seeds() => "seeds".into(),
            Grouping::By(fields) => fields.iter().map(Field::word).collect::<Vec<_>>().join(","),
        }
    }

    /// Reads [`Grouping::word`]; nothing if a word of it is no field's.
    pub fn read(text: &str) -> Option<Grouping> {
        match text {
            "runs" => return Some(Grouping::Runs),
            "seeds" => return Some(Grouping::over_seeds()),
            _ => {}
        }
        let named = |word: &str| Field::ALL.into_iter().find(|field| field.word() == word);
        let fields = text.split(',').map(named).collect::<Option<Vec<_>>>()?;
        Some(Grouping::by(Fields::of(&fields)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groupings_come_back_as_they_were_written() {
        for word in ["runs", "seeds", "mask", "mask,rate", "task,seed,status", "mask,node"] {
            assert_eq!(Grouping::read(word).unwrap().word(), word);
        }
        assert_eq!(Grouping::read("rate,mask,task"), Some(Grouping::over_seeds()));
        assert_eq!(
            (Grouping::read(""), Grouping::read("mask,colour"), Grouping::read("seeds,mask")),
            (None, None, None)
        );
    }

    #[test]
    fn fields_are_chosen_one_by_one() {
        let mask = Grouping::Runs.toggled(Field::Mask);
        assert!(mask.has(Field::Mask) && !mask.has(Field::Seed) && !Grouping::Runs.has(Field::Mask));
        let both = mask.toggled(Field::Rate);
        assert_eq!((both.word(), both.toggled(Field::Mask).word()), ("mask,rate".into(), "rate".into()));
        assert_eq!(mask.toggled(Field::Mask), Grouping::Runs);
    }
}

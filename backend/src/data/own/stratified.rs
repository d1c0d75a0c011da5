//! Which examples are split off where each may have several labels: iterative stratification (Sechidis, Tsoumakas and
//! Vlahavas, 2011), without its random draws.
//!
//! The label of which the fewest examples are left to be given out comes first, since whoever gives them out last has no
//! choice. Each of its examples goes to the part that lacks more of that label.

/// Rows that stay together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub rows: u32,
    /// How many of its rows have each label.
    pub labels: Vec<u32>,
}

impl Item {
    /// Without a row yet.
    pub(super) fn of(labels: usize) -> Self {
        Self { rows: 0, labels: vec![0; labels] }
    }
}

/// What a part still lacks.
struct Part {
    rows: f64,
    labels: Vec<f64>,
}

impl Part {
    fn take(&mut self, item: &Item) {
        self.rows -= f64::from(item.rows);
        self.labels.iter_mut().zip(&item.labels).for_each(|(want, &has)| *want -= f64::from(has));
    }
}

/// The places of the items that are split off: about `share` of the rows, and of those of each label; of a label of two items or
/// more at least one, of any label not all. Depends on the order of the items, but on no chance.
pub(super) fn chosen(items: &[Item], share: f64, labels: usize) -> Vec<usize> {
    let rows: f64 = items.iter().map(|item| f64::from(item.rows)).sum();
    let of_label = |label: usize| items.iter().filter(move |item| item.labels[label] > 0);
    let totals = (0..labels).map(|label| of_label(label).map(|item| f64::from(item.labels[label])).sum());
    let totals: Vec<f64> = totals.collect();
    let wanted = |label: usize| match of_label(label).count() {
        0 | 1 => 0.0,
        _ => (share * totals[label]).max(1.0).min(totals[label] - 1.0),
    };
    let mut development = Part { rows: (share * rows).max(1.0), labels: (0..labels).map(wanted).collect() };
    let mut training = Part {
        rows: rows - development.rows,
        labels: totals.iter().zip(&development.labels).map(|(all, taken)| all - taken).collect(),
    };
    let mut left: Vec<usize> = (0..items.len()).collect();
    let mut counts: Vec<u64> = totals.iter().map(|&all| all as u64).collect();
    let mut chosen = Vec::new();
    while !left.is_empty() {
        // The first of equals.
        let rarest = (0..labels).filter(|&label| counts[label] > 0).min_by_key(|&label| counts[label]);
        let (now, later): (Vec<usize>, Vec<usize>) =
            left.iter().partition(|&&place| rarest.is_none_or(|label| items[place].labels[label] > 0));
        for place in now {
            counts.iter_mut().zip(&items[place].labels).for_each(|(left, &has)| *left -= u64::from(has));
            let lacks = |part: &Part| (rarest.map_or(part.rows, |label| part.labels[label]), part.rows);
            let (here, there) = (lacks(&development), lacks(&training));
            let first = here.0.total_cmp(&there.0).then(here.1.total_cmp(&there.1));
            if first.is_gt() {
                development.take(&items[place]);
                chosen.push(place);
            } else {
                training.take(&items[place]);
            }
        }
        left = later;
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of their own, each with these labels.
    fn items(sets: &[&[usize]], labels: usize) -> Vec<Item> {
        let item = |set: &&[usize]| Item {
            rows: 1,
            labels: (0..labels).map(|label| u32::from(set.contains(&label))).collect(),
        };
        sets.iter().map(item).collect()
    }

    #[test]
    fn every_label_gives_its_share() {
        // 100 rows: label 0 in 50, 1 in 30, 2 in 10, 3 in 2, 4 in 1; many of them together.
        let sets: Vec<Vec<usize>> = (0..100)
            .map(|row| {
                let has = [row % 2 == 0, row % 10 < 3, row % 10 == 7, row % 50 == 9, row == 33];
                (0..5).filter(|&label| has[label]).collect()
            })
            .collect();
        let items = items(&sets.iter().map(Vec::as_slice).collect::<Vec<_>>(), 5);
        let taken = chosen(&items, 0.2, 5);
        let count = |label: usize| taken.iter().filter(|&&place| items[place].labels[label] > 0).count();
        assert_eq!((0..5).map(count).collect::<Vec<_>>(), [10, 6, 2, 1, 0]);
        assert_eq!(taken.len(), 20);
    }

    #[test]
    fn little_is_split_without_an_empty_part() {
        let taken = |sets: &[&[usize]]| chosen(&items(sets, 2), 0.1, 2).len();
        assert_eq!((taken(&[]), taken(&[&[0]]), taken(&[&[], &[]])), (0, 0, 1));
        assert_eq!(taken(&[&[0], &[0], &[1], &[1]]), 2);
        assert_eq!(taken(&[&[0, 1], &[0, 1]]), 1);
    }
}

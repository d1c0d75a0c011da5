//! Which lines are drawn where there are more than a chart can show.

use crate::grouping::Grouping;

/// Most lines that one chart draws; more cannot be told apart.
pub const MAX_LINES: usize = 120;

/// Which runs make one line unless the reader chose: where there are more runs than a chart has room for, and
/// several seeds, these are taken together, as that leaves out the fewest.
pub fn automatic_grouping(runs: usize, seeds: usize) -> Grouping {
    if runs > MAX_LINES && seeds > 1 { Grouping::over_seeds() } else { Grouping::Runs }
}

/// Where a line stands in the experiment's grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridPosition {
    /// Place of its task.
    pub task: usize,
    /// Place of its mask.
    pub mask: usize,
    /// Place of its learning rate.
    pub rate: usize,
    /// Place of its seed.
    pub seed: usize,
}

/// The places of at most `limit` lines, ascending: every task and every mask has as many as any other, and within a mask
/// every learning rate comes before a second seed.
pub fn choose_fairly(cells: &[GridPosition], limit: usize) -> Vec<usize> {
    if cells.len() <= limit {
        return (0..cells.len()).collect();
    }
    let sides = |of: fn(&GridPosition) -> usize| cells.iter().map(of).max().unwrap_or(0) + 1;
    let (tasks, masks, rates) = (sides(|c| c.task), sides(|c| c.mask), sides(|c| c.rate));
    // A row has the lines of one task and mask. Masks begin with different rates, so that rounds that do not come far
    // show all of them.
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|&i| {
        let GridPosition { task, mask, rate, seed } = cells[i];
        // Tasks take turns within a mask, and masks in who begins: no pattern of places falls on one task alone.
        (mask, (task + mask) % tasks, task, seed, (rate + rates - mask * rates / masks) % rates)
    });
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for i in order {
        let same = |row: &&mut Vec<usize>| {
            row.first().is_some_and(|&first| {
                (cells[first].mask, cells[first].task) == (cells[i].mask, cells[i].task)
            })
        };
        match rows.last_mut().filter(same) {
            Some(row) => row.push(i),
            None => rows.push(vec![i]),
        }
    }
    let mut chosen = Vec::with_capacity(limit);
    for round in 0.. {
        let next: Vec<usize> = rows.iter().filter_map(|row| row.get(round)).copied().collect();
        let room = limit - chosen.len();
        if next.len() <= room {
            chosen.extend(next);
            continue;
        }
        // The round that does not fit: from all over it.
        chosen.extend((0..room).map(|k| next[k * next.len() / room.max(1)]));
        break;
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(tasks: usize, masks: usize, rates: usize, seeds: usize) -> Vec<GridPosition> {
        let mut cells = Vec::new();
        for task in 0..tasks {
            for mask in 0..masks {
                for rate in 0..rates {
                    cells.extend((0..seeds).map(|seed| GridPosition { task, mask, rate, seed }));
                }
            }
        }
        cells
    }

    /// The fewest and the most lines that a value of a side has.
    fn spread(cells: &[GridPosition], chosen: &[usize], of: fn(&GridPosition) -> usize) -> (usize, usize) {
        let sides = cells.iter().map(of).max().unwrap() + 1;
        let counts: Vec<usize> =
            (0..sides).map(|value| chosen.iter().filter(|&&i| of(&cells[i]) == value).count()).collect();
        (*counts.iter().min().unwrap(), *counts.iter().max().unwrap())
    }

    #[test]
    fn no_task_mask_or_rate_is_left_out_for_another() {
        for (tasks, masks, rates, seeds) in
            [(2, 19, 2, 3), (2, 12, 7, 3), (8, 4, 3, 3), (1, 40, 6, 1), (3, 3, 20, 3)]
        {
            let cells = grid(tasks, masks, rates, seeds);
            let chosen = choose_fairly(&cells, MAX_LINES);
            let name = format!("{tasks} {masks} {rates} {seeds}");
            assert_eq!(chosen.len(), MAX_LINES, "{name}");
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
            for (of, slack) in [(fn_task as fn(&GridPosition) -> usize, 4), (fn_mask, 2)] {
                let (fewest, most) = spread(&cells, &chosen, of);
                assert!(fewest > 0 && most - fewest <= slack, "{name}: {fewest} to {most}");
            }
            let (fewest, most) = spread(&cells, &chosen, |c| c.rate);
            assert!(fewest * 2 >= most, "{name}: rates have {fewest} to {most}");
        }
    }

    fn fn_task(cell: &GridPosition) -> usize {
        cell.task
    }

    fn fn_mask(cell: &GridPosition) -> usize {
        cell.mask
    }

    #[test]
    fn more_masks_than_lines_are_taken_from_all_over() {
        let cells = grid(2, 200, 2, 1);
        let chosen = choose_fairly(&cells, MAX_LINES);
        assert_eq!(chosen.len(), MAX_LINES);
        let (fewest, most) = spread(&cells, &chosen, fn_task);
        assert!(fewest * 2 >= most, "{fewest} to {most}");
        assert!(chosen.iter().any(|&i| cells[i].mask > 190));
        assert_eq!(choose_fairly(&cells[..5], 5), [0, 1, 2, 3, 4]);
    }
}

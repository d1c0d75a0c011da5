//! Members of a gang that go through the network at once.
//!
//! Members beyond a few thousand rows gain nothing from each other's company but their trunk, and each needs room
//! for what its backward pass reads. So a step takes a gang in waves, one after the other through the same buffers: a
//! gang's memory does not grow with its members. Members of one stream stay together, those that share the most
//! first; what a wave computes has the same bits in any other.

use super::level::Level;

/// Room for a wave, in rows of tokens that a member has in every block. On a CPU that is what products need to run at
/// full speed, and little more than the last cache holds.
pub(crate) const WAVE_ROWS: usize = 2048;

/// Rows that a lane needs for a moment, in units of those that it keeps in a block.
const PASSING: usize = 2;

/// What a member needs of a wave's room, in rows kept in one block.
fn cost(layers: usize, level: Level, tokens: usize) -> usize {
    // From there up there are only the rows that the head reads.
    if level >= Level::attention_norm(layers - 1) { 0 } else { tokens * (layers - level.block() + PASSING) }
}

/// Members that go at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wave {
    /// The members, in ascending order of levels.
    pub members: Vec<usize>,
    /// Their streams, ascending, each once.
    pub streams: Vec<usize>,
    /// Of each member its stream's place among these.
    pub own: Vec<usize>,
}

impl Wave {
    fn new(mut members: Vec<usize>, levels: &[Level], streams: &[usize]) -> Self {
        members.sort_by_key(|&i| (levels[i], i));
        let mut present: Vec<usize> = members.iter().map(|&i| streams[i]).collect();
        present.sort_unstable();
        present.dedup();
        let own = members.iter().map(|&i| present.partition_point(|&stream| stream < streams[i])).collect();
        Self { members, streams: present, own }
    }
}

/// Cuts members into waves. `levels` and `streams` are each member's, `tokens` those of each stream; `rows` is the
/// room, see [`WAVE_ROWS`]. Every wave has its members in ascending order of levels.
pub(crate) fn waves(
    layers: usize,
    levels: &[Level],
    streams: &[usize],
    tokens: &[usize],
    rows: usize,
) -> Vec<Wave> {
    let most = rows * (layers + PASSING);
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by_key(|&i| (streams[i], std::cmp::Reverse(levels[i])));
    let mut waves: Vec<Vec<usize>> = Vec::new();
    let (mut used, mut trunk) = (0, usize::MAX);
    for i in order {
        let passing = if streams[i] == trunk { 0 } else { PASSING * tokens[streams[i]] };
        let need = cost(layers, levels[i], tokens[streams[i]]) + passing;
        match waves.last_mut() {
            Some(wave) if need == 0 || used + need <= most => {
                wave.push(i);
                used += need;
            }
            _ => {
                waves.push(vec![i]);
                used = need;
            }
        }
        trunk = streams[i];
    }
    waves.into_iter().map(|members| Wave::new(members, levels, streams)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waves(
        layers: usize,
        levels: &[Level],
        streams: &[usize],
        tokens: &[usize],
        rows: usize,
    ) -> Vec<Vec<usize>> {
        super::waves(layers, levels, streams, tokens, rows).into_iter().map(|wave| wave.members).collect()
    }

    #[test]
    fn what_shares_most_goes_together_and_no_wave_is_too_large() {
        let top = Level::head(6);
        // Seven rates of a frozen encoder need no room of their own.
        assert_eq!(waves(6, &[top; 7], &[0; 7], &[100], 1), [vec![0, 1, 2, 3, 4, 5, 6]]);
        // Members with rows in every block fill a wave with two.
        let low = Level::attention(0);
        assert_eq!(waves(6, &[low; 5], &[0; 5], &[1000], 2400), [vec![0, 1], vec![2, 3], vec![4]]);
        // One that is too large goes all the same.
        assert_eq!(waves(6, &[low, low], &[0, 1], &[9000, 10], 2400), [vec![0], vec![1]]);
        // By ascending level, those that branch late first; a second stream joins if it fits.
        let levels = [low, Level::attention_norm(3), top, top];
        assert_eq!(waves(6, &levels, &[0, 0, 0, 1], &[1000, 1000], 1300), [vec![1, 2], vec![0, 3]]);
        let last = super::waves(6, &[top; 3], &[4, 2, 4], &[9; 5], 1300).pop().unwrap();
        assert_eq!((last.streams, last.own), (vec![2, 4], vec![1, 0, 1]));
    }
}

//! A gang's members through the network, wave by wave.

use super::Gang;
use super::backend::Backend;
use super::row_count::RowCount;
use crate::EngineError;
use crate::pass::{Draw, Pass, Purpose};
use crate::plan::batch::{Sequence, check, same_batch};
use crate::plan::level::Level;
use crate::plan::waves::{Wave, waves};

/// Which members go through the network, and what each reads.
pub struct Request<'a> {
    /// Places of the members in the gang.
    pub members: &'a [usize],
    /// The batch of each.
    pub batches: &'a [&'a [Sequence<'a>]],
    /// The dropout of each.
    pub draws: &'a [Option<Draw>],
    /// What the sum of each one's losses is divided by; none where no backward pass follows.
    pub divisors: &'a [f64],
    /// Whether a backward pass follows.
    pub purpose: Purpose,
}

impl Gang {
    /// Takes members through the network, wave by wave: packs a wave's batches, lays its members out, and lets
    /// `work` do the rest, which is told each one's place in the request.
    ///
    /// # Errors
    /// A sequence that the model cannot read; what `work` says, of the first wave where it fails.
    pub fn in_waves(
        &mut self,
        Request { members, batches, draws, divisors, purpose }: Request<'_>,
        mut work: impl FnMut(&mut Backend, &Pass<'_>, &[usize]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let mut firsts: Vec<usize> = Vec::new();
        let mut streams: Vec<usize> = Vec::with_capacity(batches.len());
        for (i, batch) in batches.iter().enumerate() {
            let same = |&j: &usize| draws[i] == draws[j] && same_batch(batch, batches[j]);
            streams.push(firsts.iter().position(same).unwrap_or(firsts.len()));
            if streams[i] == firsts.len() {
                firsts.push(i);
            }
        }
        for &first in &firsts {
            check(&self.config.shape, self.objective, batches[first])?;
        }
        let layers = self.config.shape.layers;
        let levels: Vec<Level> = members.iter().map(|&member| self.roster[member].level).collect();
        let size = |&first: &usize| batches[first].iter().map(|s| s.ids.len()).sum();
        let tokens: Vec<usize> = firsts.iter().map(size).collect();
        self.rows = RowCount::default();
        for Wave { members: places, streams: present, own } in
            waves(layers, &levels, &streams, &tokens, self.wave_rows)
        {
            self.batch.pack(self.config.shape.family, present.iter().map(|&stream| batches[firsts[stream]]));
            let levels: Vec<Level> = places.iter().map(|&i| levels[i]).collect();
            self.layout.arrange(layers, &levels, &own, &self.batch);
            self.rows.add(&self.layout);
            let wave: Vec<usize> = places.iter().map(|&i| members[i]).collect();
            let draws: Vec<Option<Draw>> = places.iter().map(|&i| draws[i]).collect();
            let divisors: Vec<f64> = places.iter().filter_map(|&i| divisors.get(i).copied()).collect();
            let pass = Pass {
                config: &self.config,
                objective: self.objective,
                wave: &wave,
                batch: &self.batch,
                layout: &self.layout,
                draws: &draws,
                divisors: &divisors,
                class_weights: self.averaging.class_weights.as_deref(),
                purpose,
            };
            work(&mut self.backend, &pass, &places)?;
        }
        Ok(())
    }
}

//! Learning rates that are retired: their runs leave the gang, and can go on later from where they left it.

use super::active::{Active, ActiveGang};
use super::context::Training;
use crate::lab::LabError;
use tunemask_shared::event::EventKind;

impl Training<'_> {
    /// Ends those members that are worse than enough others of their bracket. `scored` are the slots of those whose epoch has just
    /// been scored; the log has their scores.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(super) fn retire(&self, gang: &mut ActiveGang, scored: &[usize]) -> Result<(), LabError> {
        let ActiveGang { trainer, active } = gang;
        let judged = active.iter_mut().filter(|active| scored.contains(&active.slot));
        let retired: Vec<(&mut Active, EventKind)> = {
            let state = self.context.journal.feed().state();
            let line = |active: &Active| {
                let (run, epoch) = (active.member.run(), active.member.scored());
                let better = active.member.bracket()?.better(&state, run, epoch)?;
                Some(EventKind::Retired { run: run.clone(), epoch, better })
            };
            let open = judged.filter(|active| !active.member.is_over());
            open.filter_map(|active| line(active).map(|line| (active, line))).collect()
        };
        if retired.is_empty() {
            return Ok(());
        }
        let (mut lines, mut left) = (Vec::new(), Vec::new());
        for (active, line) in retired {
            lines.extend(active.member.end(line));
            left.push(active);
        }
        // First that they are retired: what is killed in between has older checkpoints, and goes on from these.
        self.context.journal.append(lines)?;
        left.into_iter().try_for_each(|active| self.save(trainer, active))
    }
}

//! New points reach the charts one chart a frame: all at once would hold up the frames between.

use leptos::prelude::*;

/// Frames in which every chart has its turn once; more charts than these share turns.
const FRAMES: usize = 8;

/// Says in which frame each chart is drawn. Copies are the same scheduler.
#[derive(Clone, Copy)]
pub struct FrameScheduler {
    /// Frames begun so far.
    frame: RwSignal<usize>,
    /// Frames still to begin, so that every chart has its turn; none while nothing new comes.
    left: RwSignal<usize>,
}

impl FrameScheduler {
    /// Draws every chart once after each change of what `data` reads.
    pub fn new(data: impl Fn() + 'static) -> FrameScheduler {
        let scheduler = FrameScheduler { frame: RwSignal::new(0), left: RwSignal::new(0) };
        Effect::new(move |_| {
            data();
            let idle = scheduler.left.with_untracked(|left| *left == 0);
            scheduler.left.set(FRAMES);
            if idle {
                request_animation_frame(move || scheduler.begin());
            }
        });
        scheduler
    }

    /// Changes whenever it is the turn of the chart at this place.
    pub fn turns_of(&self, place: usize) -> Memo<usize> {
        let frame = self.frame;
        Memo::new(move |_| turn(frame.get(), place))
    }

    fn begin(self) {
        // The charts may have gone while the frame was waited for.
        let Some(left) = self.left.try_with_untracked(|left| left.saturating_sub(1)) else { return };
        self.left.set(left);
        self.frame.update(|frame| *frame += 1);
        if left > 0 {
            request_animation_frame(move || self.begin());
        }
    }
}

/// How many turns the chart at this place has had.
fn turn(frame: usize, place: usize) -> usize {
    (frame + FRAMES - 1 - place % FRAMES) / FRAMES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chart_has_one_turn_in_as_many_frames() {
        for place in 0..2 * FRAMES {
            for start in 0..2 * FRAMES {
                assert_eq!(turn(start + FRAMES, place), turn(start, place) + 1);
            }
        }
        let moved =
            |frame: usize| (0..FRAMES).filter(|&p| turn(frame + 1, p) > turn(frame, p)).collect::<Vec<_>>();
        assert_eq!(
            (0..FRAMES).map(moved).collect::<Vec<_>>(),
            (0..FRAMES).map(|p| vec![p]).collect::<Vec<_>>()
        );
    }
}

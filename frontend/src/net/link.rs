//! The connection's state, and when to try again.

/// How the page stands with the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being made.
    #[default]
    Connecting,
    /// What is shown is what is.
    Live,
    /// The connection stands, but the server has not spoken for a while; what is shown may be old.
    Silent {
        /// Seconds without a word.
        secs: u32,
    },
    /// The connection broke; what is shown may be old.
    Lost {
        /// Tries since it broke, this one included.
        attempt: u32,
        /// Why, for people; empty if the socket did not say.
        reason: String,
    },
    /// Page and server are of different versions.
    Outdated {
        /// The server's protocol version.
        server: u32,
    },
}

impl Link {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Link::Connecting => "Connecting",
            Link::Live => "Live",
            Link::Silent { .. } => "No answer",
            Link::Lost { .. } => "Reconnecting",
            Link::Outdated { .. } => "Outdated",
        }
    }
}

/// Milliseconds without a word after which the reader is told: one heartbeat may be late, two hardly.
const SILENT_MS: f64 = 6e3;

/// Milliseconds without a word after which a connection counts as broken, though nobody said so: a machine that
/// slept, a network that is gone. Many heartbeats are late by then: to connect anew brings everything anew.
const BROKEN_MS: f64 = 30e3;

/// What a silence of so many milliseconds means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing: the next word is due.
    Usual,
    /// The reader should know of it: so many seconds.
    Long(u32),
    /// The connection is to be made anew.
    Broken,
}

/// Judges a silence.
pub fn silence(ms: f64) -> Silence {
    match ms {
        _ if ms >= BROKEN_MS => Silence::Broken,
        _ if ms >= SILENT_MS => Silence::Long((ms / 1e3) as u32),
        _ => Silence::Usual,
    }
}

/// Milliseconds to wait before a try: half a second, doubled each time up to eight, spread by `chance` (0 to
/// below 1) so that many pages do not come back at once.
pub fn retry_delay_ms(attempt: u32, chance: f64) -> u32 {
    let base = 500u32 << attempt.saturating_sub(1).min(4);
    base + (f64::from(base) * 0.25 * chance) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_told_before_it_breaks_the_connection() {
        let late = 1.9e3 * tunemask_shared::protocol::HEARTBEAT_SECS as f64;
        assert_eq!([0.0, late].map(silence), [Silence::Usual; 2]);
        assert_eq!([6_000.0, 7_500.0].map(silence), [Silence::Long(6), Silence::Long(7)]);
        assert_eq!(silence(30_000.0), Silence::Broken);
    }

    #[test]
    fn waits_grow_to_a_limit() {
        assert_eq!([1, 2, 5, 6, 99].map(|n| retry_delay_ms(n, 0.0)), [500, 1000, 8000, 8000, 8000]);
        assert_eq!(retry_delay_ms(1, 0.99), 623);
    }
}

//! The connection's state, and when to try again.

/// How the page stands with the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being made.
    #[default]
    Connecting,
    /// What is shown is what is.
    Live,
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
    /// The word shown.
    pub fn word(&self) -> &'static str {
        match self {
            Link::Connecting => "Connecting",
            Link::Live => "Live",
            Link::Lost { .. } => "Reconnecting",
            Link::Outdated { .. } => "Outdated",
        }
    }
}

/// Milliseconds without a word after which a connection counts as broken, though nobody said so: a machine that
/// slept, a network that is gone. Many signs of life are late by then: to connect anew brings everything anew.
pub const SILENCE_MS: f64 = 50e3;

/// Milliseconds to wait before a try: half a second, doubled each time up to eight, spread by `chance` (0 to
/// below 1) so that many pages do not come back at once.
pub fn wait_ms(attempt: u32, chance: f64) -> u32 {
    let base = 500u32 << attempt.saturating_sub(1).min(4);
    base + (f64::from(base) * 0.25 * chance) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit() {
        assert_eq!([1, 2, 5, 6, 99].map(|n| wait_ms(n, 0.0)), [500, 1000, 8000, 8000, 8000]);
        assert_eq!(wait_ms(1, 0.99), 623);
    }
}

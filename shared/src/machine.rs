//! How busy the server's machine is.

use crate::nodes::NodeActivity;
use serde::{Deserialize, Serialize};

/// How busy the machine is; what the system does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// What trains, for people: `CPU, 2 threads`.
    pub device: String,
    /// Memory of a GPU, if one trains.
    pub device_memory: Option<Room>,
    /// The processor, over the last moments.
    pub processor: Option<Processor>,
    /// Memory of the machine, or of the part of it that the program may use.
    pub memory: Option<Room>,
    /// Bytes of it that the program uses.
    pub own_memory: Option<u64>,
    /// The disk of the home folder.
    pub disk: Option<Room>,
    /// Bytes of it that runs have left.
    pub runs: u64,
    /// Who trains, this machine or others.
    #[serde(default)]
    pub nodes: Vec<NodeActivity>,
}

/// A part of something that is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Bytes that are used.
    pub used: u64,
    /// All bytes.
    pub total: u64,
}

impl Room {
    /// Bytes that are left.
    pub fn free(self) -> u64 {
        self.total.saturating_sub(self.used)
    }

    /// The share that is used, 0 to 1.
    pub fn share(self) -> f64 {
        if self.total == 0 { 0.0 } else { (self.used as f64 / self.total as f64).min(1.0) }
    }
}

/// A processor's time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Processor {
    /// The cores whose time it is: those of the machine, of which a container may use fewer.
    pub cores: u32,
    /// Share of the time of all cores that was not idle, 0 to 1.
    pub busy: f64,
    /// Share of it that the program took, 0 to 1.
    pub own: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_never_more_than_full() {
        let room = Room { used: 3, total: 4 };
        assert_eq!((room.free(), room.share()), (1, 0.75));
        let over = Room { used: 5, total: 4 };
        assert_eq!((over.free(), over.share(), Room::default().share()), (0, 1.0, 0.0));
    }
}

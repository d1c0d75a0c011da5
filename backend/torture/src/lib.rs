//! Campaigns that try to break Tunemask, on the built program and on its library.
//!
//! A campaign does one kind of harm over and over (kills, full disks, broken sockets) and then holds what is left against
//! what must be: the log has every line that was shown, once and without gaps, and every run ends with the bits of a run
//! that nobody disturbed. All chance comes from a seed. A campaign never panics at what the program does: what is wrong
//! becomes a violation, and the program of the campaigns ends with status 1. In reading order:

/// What a campaign is told, and what it found.
mod report;
/// The built program, started and ended.
mod program;
/// The log of a home folder, and what its runs became.
mod log;
/// What is trained, and what an undisturbed program makes of it.
mod study;
/// A log held against what was shown and what ought to come out.
mod ledger;
/// A page at the other end of a socket.
mod page;
/// A proxy whose connections break.
mod cutter;
/// Programs that are killed and started again.
mod role;
/// The campaigns.
pub mod campaigns;
/// Inputs of users, changed at random.
pub mod fuzz;

pub use program::Binary;
pub use report::{Order, Report};

//! The campaigns. Each takes an order and gives a report. In reading order:

/// kill -9 at random moments, in every role.
pub mod kill;
/// Disks that are full, or cannot be written.
pub mod disk;
/// No file descriptors are left.
pub mod descriptors;
/// Connections that break, stall and trickle.
pub mod sockets;
/// More messages and experiments than anyone would send.
pub mod flood;
/// The clock jumps.
pub mod clock;
/// Two programs on one home.
pub mod two;
/// Thousands of runs over several workers.
pub mod many;

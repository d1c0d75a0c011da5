//! The pages. In reading order:

/// Icons.
pub mod icon;
/// What stands on every page: header, connection, messages.
pub mod shell;
/// How the page stands with the program.
pub mod connection;
/// Light and dark.
pub mod theme;
/// Small things that stand in many places: status, progress, masks.
pub mod part;
/// All experiments.
pub mod experiments;
/// One experiment.
pub mod experiment;
/// Why its runs failed.
pub mod failures;
/// How its charts are set and which runs are shown.
pub mod toolbar;
/// Its runs.
pub mod runs;
/// One of them.
pub mod run_row;
/// What the server reports on it.
pub mod report;
/// Files for the reader to keep.
pub mod download;
/// The size of what is laid out.
pub mod resize;

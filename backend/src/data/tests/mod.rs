//! Data folders from outside. In reading order:

/// Small GLUE folders.
pub mod folder;
/// Parquet files.
pub mod parquet;

mod columns;
mod glue;
mod quirks;
mod real;

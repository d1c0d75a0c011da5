//! Data folders from outside. In reading order:

/// Small GLUE folders.
mod folder;

mod columns;
mod glue;
mod quirks;
mod real;

//! Data of the user's own: files that become a data folder.

pub mod files;

//! Data of the user's own: files that become a data folder, what is in them, and what is read as what. In reading order:

pub mod files;
pub mod says;
pub mod state;
pub mod choice;
pub mod roles;
pub mod sets;
pub mod tables;
pub mod save;
pub mod panel;

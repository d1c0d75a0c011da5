//! Data of the user's own: a folder with files of rows, and a `dataset.toml` that says what cannot be found.
//!
//! A folder is read in steps, each of which adds to what the file says: which files are which set, which columns are
//! text and label, what is predicted, which labels there are. What can be told neither way is a *question*, an error
//! that names the field of `dataset.toml` which answers it. Rows become records; without a development file a share of
//! them is split off. Identity is that of the records: the same examples from CSV and from parquet are the same data.
//!
//! In reading order:

/// `dataset.toml` on the disk.
mod settings;
/// Which files are which set.
mod files;
/// Which columns are text and label.
mod roles;
/// How a label's cell is read.
mod label;
/// What is predicted, and with which labels.
mod target;
/// Labels that are easily confused.
mod alike;
/// Rows become examples.
mod examples;
/// Development examples out of training ones.
mod split;
/// What is reported.
mod metrics;
/// All of a folder.
mod dataset;
/// Which folders of a data folder are the user's own.
mod find;
/// Tasks of folders that have not changed.
mod memo;
/// How many different values a column has.
mod distinct;
/// What is known of a folder, for people.
mod check;
#[cfg(test)]
mod tests;

pub(crate) use check::{Limits, check};
pub(crate) use dataset::{Dataset, name_of};
pub(crate) use find::{folder, folders, task};
pub(crate) use settings::{read as read_settings, text as settings_text, write as write_settings};

//! Data of the user's own: a folder with files of rows, and a `dataset.toml` that says what cannot be found.
//!
//! The files lie in the folder, or in the hub's cache if the `dataset.toml` names a data set of the hub.
//! A folder is read in steps, each of which adds to what the file says: which files are which set, which columns are
//! text and label, what is predicted, which labels there are. What can be told neither way is a *question*, an error
//! that names the field of `dataset.toml` which answers it. Rows become records; without a development file a share of
//! them is split off. Identity is that of the records: the same examples from CSV and from parquet are the same data.
//!
//! In reading order:

/// What must be said before anything can be trained on a folder.
mod question;
/// `dataset.toml` on the disk.
mod settings;
/// Which files are which set.
mod files;
/// In which folder the files are.
mod place;
/// Whether a text has a label.
mod flag;
/// Which columns are text and label.
mod roles;
/// Why a row is not an example.
mod unusable;
/// How a label's cell is read, and which labels a column has.
mod label;
/// Numbers that stand for labels.
mod numbered;
/// Of what kind the labels are.
mod kind;
/// The labels of texts that have one each.
mod classes;
/// Scores of texts.
mod score;
/// Tags of words.
mod tags;
/// Several labels of one text.
mod label_sets;
/// What is predicted, and with which labels.
mod target;
/// Labels that are easily confused.
mod alike;
/// Rows become examples.
mod examples;
/// Development examples out of training ones.
mod split;
/// Which these are where each may have several labels.
mod stratified;
/// What is reported.
mod metrics;
/// All of a folder.
mod dataset;
/// The task that a folder is, with its records.
mod definition;
/// What is needed of the hub.
mod needed;
/// Which folders of a data folder are the user's own.
mod find;
/// What was read of folders that have not changed.
mod memo;
/// How many different values a column has.
mod distinct;
/// What is known of a folder, for people.
mod check;
#[cfg(test)]
mod tests;

pub(crate) use check::{Limits, check};
pub(crate) use definition::name_of;
pub(super) use find::records;
pub(crate) use find::{data_bytes, folder, folders, read_ahead, task};
pub(crate) use memo::forget_records;
pub(crate) use needed::{Needed, needed, needed_by};
pub(crate) use settings::{read as read_settings, text as settings_text, write as write_settings};

//! The interface for scripts, below `/api/v1`: what the page shows and does, as data.
//!
//! `openapi.json` describes it and is served beside it; a test holds every path, status and answer to it. Whoever may open
//! the page may ask, with the same token, and under the same names (`super::access`). What goes wrong is told as
//! `application/problem+json` (RFC 9457), whichever part of the server it comes from. Within v1 fields are added, and none
//! changes or goes. In reading order:

/// What all requests share.
mod context;
/// Which paths there are.
mod endpoints;
/// What stands in the description.
mod description;
/// What goes wrong, as JSON.
mod problem;
/// The form of an answer, as it is asked for.
mod format;
/// What a request brings: a body, a number, a query.
mod request;
/// Experiments: listed, shown, started, cancelled.
mod experiments;
/// Runs and their points.
mod runs;
/// All steps and all evaluations of an experiment.
mod tables;
/// Tuned models.
mod models;
/// Reports on an experiment.
mod reports;
/// A text of one's own through an experiment's runs.
mod predictions;
#[cfg(test)]
mod tests;

pub(super) use endpoints::routes;
pub(super) use problem::problems;

//! The learning rate over the steps, drawn before anything trains. In reading order:

/// How many steps runs take.
mod lengths;
/// The picture, as shapes.
mod drawing;
/// It to save.
mod file;
/// The panel.
mod panel;

pub use panel::SchedulePanel;

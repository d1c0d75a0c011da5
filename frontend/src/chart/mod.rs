//! Charts: pure geometry, and one component that shows it. In reading order:

pub mod setting;
pub mod scale;
pub mod quantity;
pub mod choice;
pub mod line;
pub mod drawing;
pub mod markup;
pub mod reading;
pub mod turns;
pub mod board;
pub mod plot;
pub mod figure;

//! Charts: pure geometry, and the components that show it. In reading order:

pub mod scale;
pub mod zoom;
pub mod quantity;
pub mod choice;
pub mod line;
pub mod trace;
pub mod area;
pub mod drawn_line;
pub mod drawing;
pub mod shapes;
pub mod failure;
pub mod joined;
pub mod drag;
pub mod svg_file;
pub mod reading;
pub mod frame_scheduler;
pub mod preferences;
pub mod board;
pub mod pointer;
pub mod plot;
pub mod figure;

//! What charts, forms and pages are made of; nothing here knows any of them. In reading order:

pub mod icon;
pub mod part;
pub mod text_input;
pub mod scroll;
pub mod separator;
pub mod glyph;
pub mod download;
pub mod text_table;
pub mod copy;
pub mod file_drop;
pub mod storage;
pub mod favicon;
pub mod notification;
pub mod theme;
pub mod announcer;
pub mod focus_move;
pub mod lost_focus;
pub mod confirmation;
pub mod resize;
pub mod print;
pub mod sight;
pub mod virtual_rows;
pub mod debounce;

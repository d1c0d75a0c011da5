//! The one websocket, what the page knows through it and what it asks for. In reading order:

pub mod fold;
pub mod link;
pub mod socket;
pub mod store;
pub mod client;
pub mod connect;
pub mod upload;

/// Small GLUE folders.
mod folder;

mod glue;
mod quirks;
mod real;

/// Small GLUE folders.
mod folder;

mod columns;
mod glue;
mod quirks;
mod real;

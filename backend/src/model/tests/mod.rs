//! Model folders from outside. In reading order:

/// Small folders in the Hugging Face layout.
mod folder;

mod config;
mod contents;
mod families;
mod hostile;
mod hostile_tokenizers;
mod sharded;
mod tiny;
mod tokenizer;
mod torch;
mod weights;

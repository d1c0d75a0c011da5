/// Small folders in the Hugging Face layout.
mod folder;

mod config;
mod tiny;
mod tokenizer;
mod weights;

//! Builds a release program again for a page that was, as it holds the page; a dev build reads the page from its folder.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let index = "../static/pkg/index.html";
    if release && Path::new(index).is_file() {
        println!("cargo::rerun-if-changed={index}");
    } else if release {
        // What is absent would be taken for changed each time; the folder above changes with the first page.
        println!("cargo::rerun-if-changed=../static");
    }
}

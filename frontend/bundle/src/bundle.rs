//! The order of things: choose a compiler, build, bind, name, compress, write, weigh.

use crate::asset::{Asset, digest};
use crate::{compile, machine, sizes, template};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// What the files are made from, apart from the wasm.
struct Sources {
    template: String,
    css: String,
    icons: Vec<(String, Vec<u8>)>,
}

/// Builds the page.
pub fn run() -> Result<()> {
    let root = root()?;
    let sources = sources(&root)?;
    let toolchain = machine::toolchain(&root)?;
    println!("page: building with {toolchain}");
    let raw = compile::wasm(&root, &toolchain)?;

    let package = root.join("static/pkg");
    let inputs = inputs(&sources, &read(&raw)?);
    if is_current(&package, &inputs) {
        println!("page: static/pkg is up to date");
        return Ok(());
    }
    let compiled = compile::bind(&raw)?;
    println!("page: compressing");
    let wasm = Asset::hashed("tunemask", "wasm", compiled.wasm)?;
    let (js, snippets) = linked(compiled.js, compiled.snippets)?;
    let css = Asset::hashed("tunemask", "css", sources.css.into_bytes())?;
    let mut addresses: BTreeMap<String, String> = [("wasm", &wasm), ("js", &js), ("css", &css)]
        .map(|(key, asset)| (key.to_owned(), asset.address()))
        .into();
    let mut assets = vec![wasm, js, css];
    assets.extend(snippets);
    for (name, bytes) in sources.icons {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, "bin"));
        let icon = Asset::hashed(stem, extension, bytes)?;
        addresses.insert(format!("icons/{name}"), icon.address());
        assets.push(icon);
    }
    let html = template::fill(&sources.template, &addresses, &["wasm", "js", "css"])?;
    // Last, so that whoever reads it finds all that it names.
    assets.push(Asset::named("index.html", html.into_bytes())?);
    write(&package, &assets, &inputs)?;

    let listed: Vec<&Asset> = assets.iter().collect();
    print!("{}", sizes::table(&listed));
    Ok(())
}

/// Holds the page that was built last to its budget.
pub fn check_size() -> Result<()> {
    let text =
        read(&root()?.join("static/pkg/sizes.json")).context("there is no page; run `make page` first")?;
    let words = sizes::check(&serde_json::from_slice(&text).context("static/pkg/sizes.json")?)?;
    println!("size: the wasm is {words}");
    Ok(())
}

/// The glue, rewritten to the snippets' hashed names, and those snippets.
fn linked(mut js: String, snippets: Vec<(String, String)>) -> Result<(Asset, Vec<Asset>)> {
    let mut assets = Vec::new();
    for (address, text) in snippets {
        let asset = Asset::hashed("snippet", "js", text.into_bytes())?;
        // Unused ones are listed too; the glue does not import them.
        if js.contains(&address) {
            js = js.replace(&address, &format!("./{}", asset.name));
            assets.push(asset);
        }
    }
    Ok((Asset::hashed("tunemask", "js", js.into_bytes())?, assets))
}

/// The repository: the nearest folder upwards that holds the page's template.
fn root() -> Result<PathBuf> {
    let here = env::current_dir().context("cannot tell the current folder")?;
    match here.ancestors().find(|folder| folder.join("static/index.html").is_file()) {
        Some(root) => Ok(root.to_owned()),
        None => {
            bail!("no static/index.html here or above: run it inside the repository, as `make page` does")
        }
    }
}

fn sources(root: &Path) -> Result<Sources> {
    let template = String::from_utf8(read(&root.join("static/index.html"))?)?;
    let mut css = String::new();
    for (name, bytes) in folder(&root.join("static/styles"), "css")? {
        css += &String::from_utf8(bytes).with_context(|| format!("static/styles/{name}"))?;
        css.push('\n');
    }
    let icons = folder(&root.join("static/icons"), "")?;
    Ok(Sources { template, css, icons })
}

/// The files of a folder by name, empty if there is no such folder.
fn folder(path: &Path, extension: &str) -> Result<Vec<(String, Vec<u8>)>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        let file = entry?.path();
        let wanted = extension.is_empty() || file.extension().is_some_and(|e| e == extension);
        if let (true, true, Some(name)) = (file.is_file(), wanted, file.file_name().and_then(|n| n.to_str()))
        {
            files.push((name.to_owned(), read(&file)?));
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// One hash over all that the files are made from, the bundler among it.
fn inputs(sources: &Sources, wasm: &[u8]) -> String {
    let program = env::current_exe().ok().and_then(|path| fs::read(path).ok()).unwrap_or_default();
    let mut parts = vec![digest(&program), digest(wasm)];
    parts.push(digest(sources.template.as_bytes()));
    parts.push(digest(sources.css.as_bytes()));
    parts.extend(sources.icons.iter().map(|(name, bytes)| format!("{name} {}", digest(bytes))));
    digest(parts.join("\n").as_bytes())
}

/// Whether the last build had the same inputs, and its files are still there.
fn is_current(package: &Path, inputs: &str) -> bool {
    let Ok(text) = fs::read_to_string(package.join("sizes.json")) else { return false };
    let Ok(record) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
    let Some(files) = record["files"].as_array() else { return false };
    let there = files.iter().all(|file| {
        let name = file["file"].as_str().unwrap_or_default();
        ["", ".br", ".gz"].iter().all(|suffix| package.join(format!("{name}{suffix}")).is_file())
    });
    there && record["inputs"] == inputs
}

/// Writes the files, then takes away what earlier builds left: a server that runs meanwhile finds one or the other.
fn write(package: &Path, assets: &[Asset], inputs: &str) -> Result<()> {
    fs::create_dir_all(package).with_context(|| format!("cannot make {}", package.display()))?;
    for asset in assets {
        asset.write(package)?;
    }
    let listed: Vec<&Asset> = assets.iter().collect();
    let record = format!("{:#}\n", sizes::record(&listed, inputs));
    fs::write(package.join("sizes.json"), record).context("cannot write static/pkg/sizes.json")?;
    for (name, _) in folder(package, "")? {
        let ours = assets.iter().any(|a| ["", ".br", ".gz"].iter().any(|s| name == format!("{}{s}", a.name)));
        if !ours && name != "sizes.json" {
            fs::remove_file(package.join(&name))
                .with_context(|| format!("cannot remove static/pkg/{name}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_replaces_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let old = [Asset::hashed("tunemask", "wasm", vec![1]).unwrap()];
        let new = [Asset::hashed("tunemask", "wasm", vec![2]).unwrap()];
        write(folder.path(), &old, "a").unwrap();
        assert!(is_current(folder.path(), "a") && !is_current(folder.path(), "b"));
        write(folder.path(), &new, "b").unwrap();
        assert!(is_current(folder.path(), "b") && !is_current(folder.path(), "a"));
        let mut names: Vec<_> =
            super::folder(folder.path(), "").unwrap().into_iter().map(|(n, _)| n).collect();
        names.retain(|name| name.contains(".wasm"));
        assert_eq!(names, ["", ".br", ".gz"].map(|s| format!("{}{s}", new[0].name)));
        fs::remove_file(folder.path().join(&names[1])).unwrap();
        assert!(!is_current(folder.path(), "b"));
    }

    #[test]
    fn the_glue_imports_snippets_by_their_hashed_names() {
        let js = "import { f } from './snippets/a-1/inline0.js';\nf();".to_owned();
        let snippets = ["inline0", "inline1"].map(|n| (format!("./snippets/a-1/{n}.js"), format!("// {n}")));
        let (js, assets) = linked(js, snippets.into()).unwrap();
        assert_eq!(assets.len(), 1);
        let expected = format!("import {{ f }} from './{}';\nf();", assets[0].name);
        assert_eq!(String::from_utf8(js.raw).unwrap(), expected);
    }

    /// The colours stand in `0-palette.css`, the sizes of type in `0-tokens.css`; what saved files are drawn with has sizes of its own.
    #[test]
    fn style_sheets_take_colours_and_sizes_of_type_from_where_they_stand_once() {
        let styles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../static/styles");
        for (name, bytes) in folder(&styles, "css").unwrap() {
            if ["0-palette.css", "0-tokens.css"].contains(&&*name) {
                continue;
            }
            let is_in_files = ["3-diagrams.css", "3-strokes.css"].contains(&&*name);
            let text = String::from_utf8(bytes).unwrap();
            for (property, value) in text.split([';', '{', '}']).filter_map(|part| part.split_once(':')) {
                let is_colour = ["#", "rgb(", "hsl(", "oklch("].iter().any(|sign| value.contains(sign));
                let is_size = property.trim().starts_with("font") && value.contains("px");
                assert!(!is_colour && (!is_size || is_in_files), "{name}: {property}:{value}");
            }
        }
    }

    #[test]
    fn inputs_see_every_source() {
        let sources = |css: &str| Sources { template: "t".into(), css: css.into(), icons: vec![] };
        let one = inputs(&sources("a"), b"w");
        assert_eq!(one, inputs(&sources("a"), b"w"));
        assert_ne!(one, inputs(&sources("b"), b"w"));
        assert_ne!(one, inputs(&sources("a"), b"x"));
    }
}

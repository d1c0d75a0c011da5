//! A file of the page: its hash, its name, its compressed forms.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::Path;

/// A file and its compressed forms.
#[derive(Debug)]
pub struct Asset {
    /// File name under `static/pkg`.
    pub name: String,
    /// The file.
    pub raw: Vec<u8>,
    /// gzip, level 9.
    pub gzip: Vec<u8>,
    /// brotli, quality 11.
    pub brotli: Vec<u8>,
}

impl Asset {
    /// Under a name that its content determines: `stem-HASH.extension`.
    pub fn hashed(stem: &str, extension: &str, raw: Vec<u8>) -> Result<Self> {
        let name = format!("{stem}-{}.{extension}", digest(&raw));
        Self::named(&name, raw)
    }

    /// Under the name given.
    pub fn named(name: &str, raw: Vec<u8>) -> Result<Self> {
        let (gzip, brotli) = (gzip(&raw)?, brotli(&raw)?);
        Ok(Self { name: name.to_owned(), raw, gzip, brotli })
    }

    /// The address under which the server offers it, from the page's root.
    pub fn address(&self) -> String {
        format!("./pkg/{}", self.name)
    }

    /// Writes all three forms; the two compressed ones first, so that who sees the file sees them too.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let forms = [(".br", &self.brotli), (".gz", &self.gzip), ("", &self.raw)];
        for (suffix, bytes) in forms {
            let path = folder.join(format!("{}{suffix}", self.name));
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// The first 16 hexadecimal digits of the SHA-256.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn gzip(raw: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(raw)?;
    Ok(encoder.finish()?)
}

fn brotli(raw: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: raw.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &raw[..], &mut out, &parameters)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_name_holds_the_hash_of_the_content() {
        // SHA-256 of "abc", FIPS 180-2 appendix B.1.
        let asset = Asset::hashed("tunemask", "css", b"abc".to_vec()).unwrap();
        assert_eq!(asset.name, "tunemask-ba7816bf8f01cfea.css");
        assert_eq!(asset.address(), "./pkg/tunemask-ba7816bf8f01cfea.css");
    }

    #[test]
    fn both_forms_unpack_to_the_file() {
        let raw: Vec<u8> = (0..20_000u32).flat_map(|i| (i % 77).to_le_bytes()).collect();
        let asset = Asset::named("a", raw.clone()).unwrap();
        let (mut plain, mut zipped) = (Vec::new(), Vec::new());
        brotli::BrotliDecompress(&mut &asset.brotli[..], &mut plain).unwrap();
        flate2::read::GzDecoder::new(&asset.gzip[..]).read_to_end(&mut zipped).unwrap();
        assert_eq!((plain == raw, zipped == raw), (true, true));
        assert!(asset.brotli.len() < asset.gzip.len() && asset.gzip.len() < raw.len());
    }

    #[test]
    fn all_three_forms_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let asset = Asset::named("index.html", b"<!doctype html>".to_vec()).unwrap();
        asset.write(folder.path()).unwrap();
        for (suffix, bytes) in [("", &asset.raw), (".gz", &asset.gzip), (".br", &asset.brotli)] {
            assert_eq!(&fs::read(folder.path().join(format!("index.html{suffix}"))).unwrap(), bytes);
        }
    }
}

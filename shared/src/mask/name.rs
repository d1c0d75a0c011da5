//! The paper's masks, read and written.

use super::rule::{Criterion, Pool, Rule, blocks};
use super::{Expression, Lora, MAX_CHARACTERS, Mask, MaskError};
use std::fmt;
use std::str::FromStr;

/// A name of the paper, with or without a number behind it.
#[derive(Clone, Copy)]
pub(super) enum Name {
    Full,
    Frozen,
    Mha,
    Ffn,
    LayerNorms,
    LayerNormA,
    LayerNormF,
    BitFit,
    Random,
    RandomBlocks,
    SingleNorm,
    Outliers,
    OutliersRandom,
}

impl Name {
    /// In the order in which messages list them.
    pub(super) const ALL: [Name; 13] = [
        Name::Full,
        Name::Frozen,
        Name::Mha,
        Name::Ffn,
        Name::LayerNorms,
        Name::LayerNormA,
        Name::LayerNormF,
        Name::BitFit,
        Name::Random,
        Name::RandomBlocks,
        Name::SingleNorm,
        Name::Outliers,
        Name::OutliersRandom,
    ];

    /// How a mask of this name is written.
    pub(super) fn form(self) -> &'static str {
        match self {
            Name::Full => "full",
            Name::Frozen => "frozen",
            Name::Mha => "mha",
            Name::Ffn => "ffn",
            Name::LayerNorms => "layernorms",
            Name::LayerNormA => "layernorm_a",
            Name::LayerNormF => "layernorm_f",
            Name::BitFit => "bitfit",
            Name::Random => "random[:K[:SEED]]",
            Name::RandomBlocks => "random_blocks[:K[:SEED]]",
            Name::SingleNorm => "single_norm:L",
            Name::Outliers => "outliers:N",
            Name::OutliersRandom => "outliers_random:N[:SEED]",
        }
    }

    fn read(word: &str) -> Option<Name> {
        Name::ALL.into_iter().find(|name| name.form().split([':', '[']).next() == Some(word))
    }
}

impl FromStr for Mask {
    type Err = MaskError;
    fn from_str(text: &str) -> Result<Self, MaskError> {
        let text = text.trim();
        let length = text.chars().count();
        if length > MAX_CHARACTERS {
            return Err(MaskError::Long(length));
        }
        if text.split(|c: char| !c.is_alphanumeric() && c != '_').next() == Some("lora") {
            return Ok(Mask::Lora(Box::new(Lora::read(text)?)));
        }
        if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_:".contains(&b)) && !is_place(text) {
            named(text)
        } else {
            Ok(Expression::read(text)?.into())
        }
    }
}

/// The grids that are a word alone.
fn is_place(text: &str) -> bool {
    text == "embeddings" || text == "pooler"
}

/// Reads one of the paper's masks.
pub(super) fn named(text: &str) -> Result<Mask, MaskError> {
    let mut parts = text.split(':');
    let name = Name::read(parts.next().unwrap_or_default());
    let name = name.ok_or_else(|| MaskError::Unknown(text.to_owned()))?;
    let rest: Vec<&str> = parts.collect();
    let form = name.form();
    let bad = || MaskError::Form { mask: text.to_owned(), form };
    let number = |i: usize| -> Result<Option<u64>, MaskError> {
        let plain = |s: &&str| s.parse().ok().filter(|_| s.bytes().all(|b| b.is_ascii_digit()));
        rest.get(i).map(|s| plain(s).ok_or_else(bad)).transpose()
    };
    if rest.len() > form.matches(':').count() {
        return Err(bad());
    }
    let (first, second) = (number(0)?, number(1)?);
    let whole = |n: u64| usize::try_from(n).map_err(|_| bad());
    let size = || first.ok_or_else(bad).and_then(whole);
    Ok(match name {
        Name::Full => Mask::Full,
        Name::Frozen => Mask::Frozen,
        Name::Mha => Mask::Mha,
        Name::Ffn => Mask::Ffn,
        Name::LayerNorms => Mask::LayerNorms,
        Name::LayerNormA => Mask::LayerNormA,
        Name::LayerNormF => Mask::LayerNormF,
        Name::BitFit => Mask::BitFit,
        Name::Random => Mask::Random { count: first.map(whole).transpose()?, seed: second },
        Name::RandomBlocks => match first.map(whole).transpose()? {
            None => Mask::RandomBlocks,
            Some(0) => return Err(bad()),
            Some(count) => {
                let rule = Rule::new(Criterion::Random, count, second, Pool::Region, blocks());
                Expression::rule(rule).into()
            }
        },
        Name::SingleNorm => Mask::SingleNorm(size()?),
        Name::Outliers => Mask::Outliers(size()?),
        Name::OutliersRandom => Mask::OutliersRandom { count: size()?, seed: second },
    })
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mask::Full => f.write_str("full"),
            Mask::Frozen => f.write_str("frozen"),
            Mask::Mha => f.write_str("mha"),
            Mask::Ffn => f.write_str("ffn"),
            Mask::LayerNorms => f.write_str("layernorms"),
            Mask::LayerNormA => f.write_str("layernorm_a"),
            Mask::LayerNormF => f.write_str("layernorm_f"),
            Mask::BitFit => f.write_str("bitfit"),
            Mask::Random { count: None, .. } => f.write_str("random"),
            Mask::Random { count: Some(k), seed: None } => write!(f, "random:{k}"),
            Mask::Random { count: Some(k), seed: Some(s) } => write!(f, "random:{k}:{s}"),
            Mask::RandomBlocks => f.write_str("random_blocks"),
            Mask::SingleNorm(l) => write!(f, "single_norm:{l}"),
            Mask::Outliers(n) => write!(f, "outliers:{n}"),
            Mask::OutliersRandom { count, seed: None } => write!(f, "outliers_random:{count}"),
            Mask::OutliersRandom { count, seed: Some(s) } => write!(f, "outliers_random:{count}:{s}"),
            Mask::Lora(lora) => lora.fmt(f),
            Mask::Custom(expression) => expression.fmt(f),
        }
    }
}

impl TryFrom<String> for Mask {
    type Error = MaskError;
    fn try_from(text: String) -> Result<Self, MaskError> {
        text.parse()
    }
}

impl From<Mask> for String {
    fn from(mask: Mask) -> String {
        mask.to_string()
    }
}

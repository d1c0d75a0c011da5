//! Which compiler builds the wasm, from what is known of the machine.
//!
//! In this order: a wasm target that is installed already; Debian's web compiler if all of it is installed;
//! `rustup target add`; Debian's web compiler, installed now. Debian's has no wasm target either, but it has
//! the standard library's source, so the library is built along with the page.

use std::fmt;
use std::path::PathBuf;

/// What is known of the machine.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The `cargo` of this build has a wasm standard library.
    pub target_installed: bool,
    /// `rustup` is there and `rustup target add` has not failed yet.
    pub can_add_target: bool,
    /// Packages that Debian's web compiler still needs.
    pub debian_missing: Vec<&'static str>,
    /// A linker for wasm.
    pub linker: Option<PathBuf>,
    /// `apt-get` is there and installing has not failed yet.
    pub can_install: bool,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Build.
    Build(Toolchain),
    /// Try `rustup target add`.
    AddTarget,
    /// Install these Debian packages.
    Install(Vec<&'static str>),
    /// Nothing can be done from here.
    GiveUp,
}

/// A compiler that can build the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The `cargo` of this build.
    Installed,
    /// Debian's `rustc-web`, which builds the standard library too.
    Debian {
        /// The linker.
        linker: PathBuf,
    },
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Toolchain::Installed => write!(f, "the installed wasm32-unknown-unknown target"),
            Toolchain::Debian { linker } => {
                write!(f, "Debian's rustc-web with its own standard library, linked by {}", linker.display())
            }
        }
    }
}

/// What to do next on such a machine.
pub fn next(facts: &Facts) -> Step {
    if facts.target_installed {
        return Step::Build(Toolchain::Installed);
    }
    if let (true, Some(linker)) = (facts.debian_missing.is_empty(), &facts.linker) {
        return Step::Build(Toolchain::Debian { linker: linker.clone() });
    }
    if facts.can_add_target {
        return Step::AddTarget;
    }
    if facts.can_install {
        let linker = facts.linker.is_none().then_some("lld-22");
        return Step::Install(facts.debian_missing.iter().copied().chain(linker).collect());
    }
    Step::GiveUp
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare() -> Facts {
        Facts {
            can_add_target: true,
            can_install: true,
            debian_missing: vec!["rustc-web", "cargo-web"],
            ..Facts::default()
        }
    }

    #[test]
    fn what_is_installed_comes_first() {
        let linker = Some(PathBuf::from("wasm-ld"));
        let debian = Facts { debian_missing: vec![], linker: linker.clone(), ..bare() };
        assert_eq!(next(&debian), Step::Build(Toolchain::Debian { linker: "wasm-ld".into() }));
        let both = Facts { target_installed: true, ..debian };
        assert_eq!(next(&both), Step::Build(Toolchain::Installed));
    }

    #[test]
    fn a_bare_machine_tries_rustup_then_debian_then_gives_up() {
        assert_eq!(next(&bare()), Step::AddTarget);
        let no_rustup = Facts { can_add_target: false, ..bare() };
        assert_eq!(next(&no_rustup), Step::Install(vec!["rustc-web", "cargo-web", "lld-22"]));
        let with_linker = Facts { linker: Some("rust-lld".into()), ..no_rustup.clone() };
        assert_eq!(next(&with_linker), Step::Install(vec!["rustc-web", "cargo-web"]));
        assert_eq!(next(&Facts { can_install: false, ..no_rustup }), Step::GiveUp);
    }

    #[test]
    fn debian_without_a_linker_is_not_complete() {
        let facts = Facts { debian_missing: vec![], can_add_target: false, ..bare() };
        assert_eq!(next(&facts), Step::Install(vec!["lld-22"]));
    }
}

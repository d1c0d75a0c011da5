//! Where the page's own addresses begin: at `/`, or below the path that a proxy has the page at.
//!
//! Within the page an address is what comes behind that, as `/experiments/3`; only links, the address bar and the socket
//! need it whole.

use leptos::prelude::*;
use web_sys::Url;

/// The path of the page's root, with a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(String);

impl Root {
    /// At a path.
    pub fn at(path: &str) -> Root {
        Root(format!("{}/", path.trim_end_matches('/')))
    }

    /// As the server says it in the page, as the way from the address that was asked for.
    fn find() -> Root {
        let meta = document().query_selector("meta[name='tunemask-root']").ok().flatten();
        let way = meta.and_then(|meta| meta.get_attribute("content"));
        let here = window().location().href().unwrap_or_default();
        let url = way.and_then(|way| Url::new_with_base(&way, &here).ok());
        url.map_or_else(|| Root::at("/"), |url| Root::at(&url.pathname()))
    }

    /// The whole path of an address within the page.
    pub fn join(&self, address: &str) -> String {
        format!("{}{}", self.0, address.trim_start_matches('/'))
    }

    /// The address within the page of a whole path; a path elsewhere stays as it is.
    pub fn strip<'a>(&self, path: &'a str) -> &'a str {
        let above = &self.0[..self.0.len() - 1];
        path.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path)
    }
}

thread_local! {
    // Found before the address bar shows anything else than what was asked for.
    static ROOT: Root = Root::find();
}

/// The whole path of an address within this page.
pub fn href(address: &str) -> String {
    ROOT.with(|root| root.join(address))
}

/// The address within this page of a whole path.
pub fn within(path: &str) -> String {
    ROOT.with(|root| root.strip(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_below_the_root_and_come_back() {
        for (root, whole) in [
            ("/", "/experiments/3?axis=time"),
            ("/user/me/proxy/3000/", "/user/me/proxy/3000/experiments/3?axis=time"),
            ("/lab", "/lab/experiments/3?axis=time"),
        ] {
            let root = Root::at(root);
            assert_eq!(root.join("/experiments/3?axis=time"), whole);
            assert_eq!(root.strip(whole), "/experiments/3?axis=time");
        }
        let root = Root::at("/lab/");
        assert_eq!((root.join("/"), root.strip("/lab"), root.strip("/lab/")), ("/lab/".into(), "", "/"));
        assert_eq!(root.strip("/labour/3"), "/labour/3");
    }
}

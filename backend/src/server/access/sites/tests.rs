//! Under which names the server answers.

use super::*;

fn headers(list: &[(HeaderName, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        headers.append(name.clone(), value.parse().unwrap());
    }
    headers
}

fn sites(listens_on: &str, origins: &[&str]) -> Sites {
    let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
    Sites::new(listens_on.parse().unwrap(), Some("GPU1.cluster.example"), origins)
}

fn status(sites: &Sites, host: &str, origin: Option<&str>) -> u16 {
    let mut list = vec![(HOST, host)];
    list.extend(origin.map(|origin| (ORIGIN, origin)));
    sites.refusal(&headers(&list), &Uri::from_static("/ws")).map_or(200, |(status, _)| status.as_u16())
}

#[test]
fn on_loopback_only_its_names_are_answered() {
    for listens_on in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        let sites = sites(listens_on, &[]);
        for host in
            ["localhost:3000", "LOCALHOST", "127.0.0.1:3000", "127.0.0.2", "[::1]:3000", "[::ffff:7f00:1]"]
        {
            assert_eq!(status(&sites, host, None), 200, "{host}");
        }
        for host in [
            "evil.example:3000",
            "localhost.evil.example",
            "",
            "192.168.0.7:3000",
            "[::2]:1",
            "127.0.0.1.x",
            "gpu1",
            "127.0.0.1:3000.evil.example",
            "127.0.0.1:1@evil.example",
            "[::1].evil.example",
            "[::1",
            "localhost:port",
            "localhost:80:80",
        ] {
            assert_eq!(status(&sites, host, None), 403, "{host}");
        }
    }
}

#[test]
fn elsewhere_the_machine_and_its_addresses_are_answered_and_no_other_name() {
    for listens_on in ["0.0.0.0", "::", "192.0.2.7"] {
        let sites = sites(listens_on, &[]);
        for host in [
            "gpu1:3000",
            "gpu1.cluster.example",
            "gpu1.local:3000",
            "192.0.2.7:3000",
            "[2001:db8::1]",
            "localhost",
        ] {
            assert_eq!(status(&sites, host, None), 200, "{host}");
        }
        for host in ["evil.example:3000", "gpu1.evil.example", "", "192.0.2.7.evil.example"] {
            assert_eq!(status(&sites, host, None), 403, "{host}");
            let own = format!("http://{host}");
            assert_eq!(
                status(&sites, host, Some(&own)),
                403,
                "a rebound page is of one origin with its host: {host}"
            );
        }
    }
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let host = "localhost:3000";
    for listens_on in ["127.0.0.1", "0.0.0.0"] {
        let sites = sites(listens_on, &[]);
        assert_eq!(status(&sites, host, Some("http://localhost:3000")), 200);
        assert_eq!(status(&sites, host, Some("https://localhost:3000")), 200);
        for origin in
            ["http://localhost:8080", "http://evil.example", "null", "", "file://", "http://localhost:3000.x"]
        {
            assert_eq!(status(&sites, host, Some(origin)), 403, "{origin}");
        }
    }
}

#[test]
fn an_origin_that_was_named_is_answered_whether_or_not_its_proxy_keeps_the_host() {
    let sites = sites("127.0.0.1", &["https://Lab.example/", "http://lab.example:8080"]);
    for host in ["lab.example", "LAB.example:443", "127.0.0.1:3000"] {
        for origin in ["https://lab.example", "https://lab.example:443", "http://lab.example:8080"] {
            assert_eq!(status(&sites, host, Some(origin)), 200, "{host} {origin}");
        }
        for origin in ["http://lab.example:81", "https://lab.example.evil.example", "https://other.example"] {
            assert_eq!(status(&sites, host, Some(origin)), 403, "{host} {origin}");
        }
    }
    assert_eq!(status(&sites, "other.example", Some("https://lab.example")), 403);
}

#[test]
fn a_request_names_one_host() {
    let sites = sites("127.0.0.1", &[]);
    let (good, evil) = ("localhost:3000", "evil.example");
    for pair in [[good, evil], [evil, good], [good, good]] {
        let refusal = sites.refusal(&headers(&pair.map(|host| (HOST, host))), &Uri::from_static("/"));
        assert_eq!(refusal.map(|(status, _)| status), Some(StatusCode::BAD_REQUEST), "{pair:?}");
    }
    let absolute = Uri::from_static("http://evil.example/");
    let refusal = sites.refusal(&headers(&[(HOST, good)]), &absolute);
    assert_eq!(refusal.map(|(status, _)| status), Some(StatusCode::BAD_REQUEST));
    assert!(sites.refusal(&headers(&[]), &absolute).is_some());
    assert!(sites.refusal(&headers(&[]), &Uri::from_static("http://localhost:3000/")).is_none());
}

#[test]
fn what_a_proxy_forwards_is_not_direct() {
    let sites = sites("127.0.0.1", &["https://lab.example"]);
    let direct = |list: &[(HeaderName, &str)]| sites.is_direct(&headers(list), &Uri::from_static("/ws"));
    let own = (HOST, "127.0.0.1:3000");
    assert!(direct(std::slice::from_ref(&own)));
    assert!(direct(&[own.clone(), (ORIGIN, "http://127.0.0.1:3000")]));
    assert!(direct(&[(HOST, "localhost:8888"), (ORIGIN, "http://localhost:8888")]), "an ssh tunnel");
    assert!(!direct(&[(HOST, "lab.example")]));
    assert!(!direct(&[own.clone(), (ORIGIN, "https://lab.example")]));
    let forwarded = ["for", "host", "proto", "port", "server", "prefix", "scheme", "ssl"];
    let forwarded = forwarded.map(|what| format!("x-forwarded-{what}").parse().unwrap());
    for name in FORWARDED_FOR.into_iter().chain(forwarded) {
        assert!(!direct(&[own.clone(), (name, "192.0.2.1")]));
    }
}

#[test]
fn origins_are_read_or_refused() {
    let read = |text: &str| text.parse::<Origin>().map(|origin| origin.to_string());
    assert_eq!(read("HTTPS://Lab.Example:443/"), Ok("https://lab.example".into()));
    assert_eq!(read("http://[2001:db8::1]:8080"), Ok("http://[2001:db8::1]:8080".into()));
    for wrong in [
        "lab.example",
        "https://",
        "ftp://lab.example",
        "https://lab.example/a",
        "https://a b",
        "*",
        "https://:1",
        "",
    ] {
        assert_eq!(read(wrong), Err(NoOrigin), "{wrong}");
    }
}

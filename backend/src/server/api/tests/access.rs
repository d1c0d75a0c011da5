//! Who is let in, and what they hear who are not.

use super::rig::{Rig, TOKEN};
use axum::body::Body;

#[tokio::test]
async fn the_interface_is_behind_the_same_door_as_the_page() {
    let rig = Rig::new();
    let ask = async |method: &str, path: &str, headers: &[(&str, &str)]| {
        let answer = rig.ask(method, path, headers, Body::empty()).await;
        let json = answer.header("content-type").contains("json");
        (answer.status, json, answer.text())
    };
    let list = "/api/v1/experiments";
    assert_eq!(ask("GET", list, &[]).await.0, 200);
    // A browser that asks hears no page either.
    for accept in ["*/*", "text/html"] {
        let wrong = [("authorization", "Bearer abcdefghijklmnoq"), ("accept", accept)];
        let answer = rig.ask("GET", list, &wrong, Body::empty()).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"));
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.json()["detail"].as_str().unwrap().contains("Authorization: Bearer"));
        assert!(!answer.text().contains(TOKEN));
    }
    let (status, json, text) = ask("GET", list, &[("host", "evil.example")]).await;
    assert!(status == 403 && json && text.contains("not a name of this machine"), "{status} {text}");
    let (status, json, text) = ask("POST", list, &[("origin", "https://evil.example")]).await;
    assert!(status == 403 && json && text.contains("may not speak to tunemask"), "{status} {text}");
    // What a page of another site can send without asking first is no experiment.
    let (status, json, text) = ask("POST", list, &[("content-type", "text/plain")]).await;
    assert!(status == 415 && json && text.contains("application/toml"), "{status} {text}");
}

#[tokio::test]
async fn what_is_not_there_is_said_as_a_problem_and_pages_stay_pages() {
    let rig = Rig::new();
    for path in
        ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/none", "/api/v2/experiments", "/api/v1/runs/"]
    {
        let answer = rig.get(path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
    }
    let answer = rig.ask("DELETE", "/api/v1/experiments", &[], Body::empty()).await;
    assert_eq!((answer.status, answer.json()["status"].as_u64()), (405, Some(405)));
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let answer = rig.get("/apiary").await;
    assert!(answer.header("content-type").starts_with("text/html"), "{}", answer.text());
}

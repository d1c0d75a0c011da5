//! Which paths there are.

use super::context::Api;
use super::problem::Problem;
use super::{description, experiments, models, predictions, reports, runs, tables};
use crate::server::connections::Limits;
use crate::server::request_worker::RequestWorker;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::routing::{MethodRouter, any, get, post};
use tower_http::set_header::SetResponseHeaderLayer;

/// Where the first version of the interface is.
pub(super) const ROOT: &str = "/api/v1";

/// What is done where.
pub(super) struct Endpoint {
    /// Below [`ROOT`], as in the description.
    pub(super) path: &'static str,
    /// How it is asked for.
    #[cfg_attr(not(test), expect(dead_code, reason = "the test of the description reads it"))]
    pub(super) method: Method,
    handler: MethodRouter<Api>,
}

/// All that there is.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let shown = |path, handler| Endpoint { path, method: Method::GET, handler };
    let done = |path, handler| Endpoint { path, method: Method::POST, handler };
    vec![
        shown("/openapi.json", get(description::show)),
        shown("/experiments", get(experiments::list)),
        done("/experiments", post(experiments::start)),
        shown("/experiments/{experiment}", get(experiments::show)),
        done("/experiments/{experiment}/cancel", post(experiments::cancel)),
        shown("/experiments/{experiment}/runs", get(runs::list)),
        shown("/experiments/{experiment}/points", get(tables::points)),
        shown("/experiments/{experiment}/evaluations", get(tables::evaluations)),
        shown("/experiments/{experiment}/reports", get(reports::list)),
        shown("/experiments/{experiment}/reports/{report}", get(reports::show)),
        done("/experiments/{experiment}/predictions", post(predictions::predict)),
        shown("/runs/{run}", get(runs::show)),
        shown("/runs/{run}/points", get(runs::points)),
        shown("/runs/{run}/delta", get(models::delta)),
        shown("/runs/{run}/model", get(models::folder)),
    ]
}

/// The interface on a lab.
pub(in crate::server) fn routes(worker: RequestWorker, limits: Limits) -> Router {
    let api = Api::new(worker, limits.unread);
    let routed = endpoints()
        .into_iter()
        .fold(Router::new(), |router, endpoint| router.route(endpoint.path, endpoint.handler));
    let nothing = || async {
        let why = format!("there is nothing at this address; {ROOT}/openapi.json says what there is");
        Problem::new(StatusCode::NOT_FOUND, why)
    };
    let otherwise = || async {
        let why = format!("not in this way; the header `Allow` and {ROOT}/openapi.json say how");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, why)
    };
    let routed = routed.fallback(nothing).method_not_allowed_fallback(otherwise).with_state(api);
    let fresh = SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Router::new()
        .nest(ROOT, routed.layer(fresh))
        .route("/api", any(nothing))
        .route("/api/", any(nothing))
        .route("/api/{*rest}", any(nothing))
}

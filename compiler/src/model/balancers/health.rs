//! Health checks of load balancers on their instances.

use super::Mapping;
use crate::value::Spanned;

/// Seconds between two checks.
pub(crate) const INTERVAL: u32 = 5;
/// Seconds an answer may take.
pub(crate) const TIMEOUT: u32 = 4;
/// Consecutive failures that make an instance unhealthy, and consecutive successes that make it healthy again.
pub(crate) const THRESHOLD: u32 = 2;
/// Default path of the health check.
pub(crate) const ROOT: &str = "/";

/// The health check target of a Classic Load Balancer: `path` on an HTTP or HTTPS port of its instances, or else a
/// connection to one of their ports. Of several it is the one behind the lowest port of the load balancer.
pub(crate) fn target(mappings: &[Spanned<Mapping>], path: Option<&str>) -> String {
    let by_port =
        |mapping: &&Spanned<Mapping>| (!mapping.value.back.protocol.is_http(), mapping.value.front.port);
    let Some(back) = mappings.iter().min_by_key(by_port).map(|mapping| mapping.value.back) else {
        return String::new();
    };
    let path = if back.protocol.is_http() { path.unwrap_or(ROOT) } else { "" };
    format!("{}:{}{path}", back.protocol.classic_name(), back.port)
}

#[cfg(test)]
mod tests {
    use asiaq_lang::Span;

    use super::*;
    use crate::model::balancers::listeners;

    #[test]
    fn the_lowest_port_that_speaks_http_is_asked() {
        let target = |said: &[&str], path| {
            target(&listeners::mappings(&listeners::tests::said(said), Span::default()), path)
        };
        let http = ["tcp 9001 -> tcp 9001", "http 4271 -> http 4271"];
        assert_eq!(target(&http, Some("/h/")), "HTTP:4271/h/");
        assert_eq!(target(&http, None), "HTTP:4271/");
        assert_eq!(target(&["http 81 -> http 9090", "http 80 -> http 8080"], None), "HTTP:8080/");
        assert_eq!(target(&["http 80 -> http 8080", "http 81 -> http 9090"], None), "HTTP:8080/");
        assert_eq!(target(&["tcp 9001", "tcp 9002"], Some("/h/")), "TCP:9001");
        assert_eq!(target(&["ssl 443 -> ssl 8443"], None), "SSL:8443");
        assert_eq!(target(&[], None), "HTTP:80/");
    }
}

//! What an account lacks: one report for all environments that lack the same.

use asiaq_lang::{Diagnostic, Span};

use crate::errors;

/// Something that the account does not have, for an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// An AMI of a hostclass. `near` is the newest one of its name, and why it is not used.
    Image { span: Span, hostclass: String, env: String, region: String, near: Option<String> },
    /// A certificate for a DNS name. `known` are the names that the account has certificates for.
    Certificate { span: Span, name: String, region: String, known: Vec<String> },
}

impl Missing {
    /// The environment or the name that differs between environments that lack the same.
    fn own(&self) -> &str {
        match self {
            Self::Image { env, .. } => env,
            Self::Certificate { name, .. } => name,
        }
    }

    /// Whether one report covers both.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Image { span, hostclass, region, near, .. },
                Self::Image { span: s, hostclass: h, region: r, near: n, .. },
            ) => (span, hostclass, region, near) == (s, h, r, n),
            (
                Self::Certificate { span, region, .. },
                Self::Certificate { span: other_span, region: other_region, .. },
            ) => (span, region) == (other_span, other_region),
            (Self::Image { .. }, Self::Certificate { .. })
            | (Self::Certificate { .. }, Self::Image { .. }) => false,
        }
    }
}

/// One diagnostic for each thing that is missing.
pub(super) fn report(missing: Vec<Missing>) -> impl Iterator<Item = Diagnostic> {
    let mut groups: Vec<(Missing, Vec<String>)> = Vec::new();
    for found in missing {
        let own = found.own().to_owned();
        match groups.iter_mut().find(|(first, _)| first.is_like(&found)) {
            Some((_, owns)) if owns.contains(&own) => {}
            Some((_, owns)) => owns.push(own),
            None => groups.push((found, vec![own])),
        }
    }
    groups.into_iter().map(|(first, owns)| match first {
        Missing::Image { span, hostclass, region, near, .. } => {
            errors::image_unknown(span, &hostclass, &owns, &region, near)
        }
        Missing::Certificate { span, region, known, .. } => {
            errors::certificate_unknown(span, &owns, &region, &known)
        }
    })
}

#[cfg(test)]
mod tests {
    use asiaq_ir::Facts;

    use crate::fixture;

    const PROGRAM: &str = "project shop { region = us-west-2, domain = \"${env.name}.shop.example\" }
envtype base {
  pipeline = web
  zones    = 2
  metanetwork app { ingress = [tcp 443 from all, tcp 80 from app] }
}
hostclass front { network = app, lb { listeners = [https 443 -> http 80] } }
pipeline web { stage { run front { desired = 1 } } }
";

    fn said(environments: &[&str]) -> Vec<String> {
        let mut program = PROGRAM.to_owned();
        for (at, name) in environments.iter().enumerate() {
            program.push_str(&format!("env {name} : base {{ cidr = 10.{at}.0.0/20 }}\n"));
        }
        let checked = fixture::check(&program);
        assert_eq!(checked.diagnostics, []);
        let facts: Facts = serde_json::from_str(
            r#"{ "account": "111111111111", "regions": { "us-west-2": {
                 "zones": ["us-west-2a", "us-west-2b"], "images": [], "certificates": [] } } }"#,
        )
        .unwrap();
        checked.lower(&facts).diagnostics.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn every_environment_that_lacks_something_is_named_once() {
        assert_eq!(
            said(&["dev"]),
            [
                "the account has no certificate for `front-dev.dev.shop.example` in us-west-2",
                "there is no AMI of `front` for `dev` in us-west-2",
            ]
        );
        assert_eq!(
            said(&["dev", "staging", "live"]),
            [
                "the account has no certificate for `front-dev.dev.shop.example`, `front-live.live.shop.example` and \
                 `front-staging.staging.shop.example` in us-west-2",
                "there is no AMI of `front` for `dev`, `live` and `staging` in us-west-2",
            ]
        );
        let many = said(&["a", "b", "c", "d", "e"]);
        assert!(
            many.iter().any(|said| said.contains("for `a`, `b`, `c` and 2 more in us-west-2")),
            "{many:?}"
        );
    }
}

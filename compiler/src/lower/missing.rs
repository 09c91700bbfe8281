//! What an account lacks: one report for all environments that lack the same.

use asiaq_lang::{Diagnostic, Span};

use crate::errors;

/// Something that the account does not have, for an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) span: Span,
    pub(super) what: What,
    /// The environment, or the DNS name of its own, that differs between environments that lack the same.
    pub(super) own: String,
}

/// What is missing, but for what each environment has of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An AMI of a hostclass. `near` is the newest one of its name, and why it is not used.
    Image { hostclass: String, region: String, near: Option<String> },
    /// A certificate for a DNS name. `known` are the names that the account has certificates for.
    Certificate { region: String, known: Vec<String> },
    /// A hosted zone for a DNS name. `known` are the public ones of the account; `elsewhere` is an environment that
    /// declares one.
    Zone { known: Vec<String>, elsewhere: Option<String> },
    /// A VPN gateway with the name of the environment.
    VpnGateway { region: String },
}

/// One diagnostic for each thing that is missing.
pub(super) fn report(missing: Vec<Missing>) -> impl Iterator<Item = Diagnostic> {
    let mut groups: Vec<(Span, What, Vec<String>)> = Vec::new();
    for Missing { span, what, own } in missing {
        match groups.iter_mut().find(|(place, other, _)| *place == span && *other == what) {
            Some((.., owns)) if owns.contains(&own) => {}
            Some((.., owns)) => owns.push(own),
            None => groups.push((span, what, vec![own])),
        }
    }
    groups.into_iter().map(|(span, what, owns)| match what {
        What::Image { hostclass, region, near } => {
            errors::image_unknown(span, &hostclass, &owns, &region, near)
        }
        What::Certificate { region, known } => errors::certificate_unknown(span, &owns, &region, &known),
        What::Zone { known, elsewhere } => errors::zone_unknown(span, &owns, &known, elsewhere.as_deref()),
        What::VpnGateway { region } => errors::no_vpn_gateway(span, &owns, &region),
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

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
            let _ = writeln!(program, "env {name} : base {{ cidr = 10.{at}.0.0/20 }}");
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
                "the account has no hosted zone for `front-dev.dev.shop.example`",
                "the account has no certificate for `front-dev.dev.shop.example` in us-west-2",
                "there is no AMI of `front` for `dev` in us-west-2",
            ]
        );
        assert_eq!(
            said(&["dev", "staging", "live"]),
            [
                "the account has no hosted zone for `front-dev.dev.shop.example`, `front-live.live.shop.example` and \
                 `front-staging.staging.shop.example`",
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

//! The certificates of load balancers.

use std::collections::BTreeSet;

use asiaq_ir::{CertificateFact, Lookup, Ref};
use asiaq_lang::Span;

use crate::lower::Lowering;
use crate::lower::missing::{Missing, What};
use crate::model::{Balancer, Environment, Host};
use crate::value::AppProtocol;

impl Lowering<'_> {
    /// The certificate of a listener at `span`, if its protocol needs one. Reports a certificate that the account lacks.
    pub(super) fn certificate(
        &mut self,
        env: &Environment,
        host: &Host,
        balancer: &Balancer,
        protocol: AppProtocol,
        span: Span,
    ) -> Option<Ref> {
        if !protocol.has_certificate() {
            return None;
        }
        // A missing domain has been reported.
        let domain = env.domain_of(host).map(|domain| domain.value.to_ascii_lowercase());
        let name = balancer.certificate_name(&env.name, &host.name, domain.as_deref())?;
        let place = balancer.certificate.as_ref().map_or(span, |said| said.place(span));
        self.certificate_for(env, name, place)
    }

    /// The certificates of a listener for further server names, if the program lists them and its protocol needs one.
    pub(super) fn further_certificates(
        &mut self,
        env: &Environment,
        balancer: &Balancer,
        protocol: AppProtocol,
    ) -> Option<BTreeSet<Ref>> {
        let further = balancer.further_certificates.as_ref().filter(|_| protocol.has_certificate())?;
        let default = balancer.certificate.as_ref().map(|first| &first.value);
        let others = further.value.iter().filter(|other| Some(&other.value) != default);
        Some(others.filter_map(|other| self.certificate_for(env, other.value.clone(), other.span)).collect())
    }

    /// The certificate for a name that is set at `place`.
    fn certificate_for(&mut self, env: &Environment, name: String, place: Span) -> Option<Ref> {
        let Some(region) = self.region(env) else { return Some(Ref::Find(Lookup::Certificate(name))) };
        if let Some(found) = choose(&region.certificates, &name) {
            return Some(Ref::Id(found.arn.clone()));
        }
        let known = region.certificates.iter().flat_map(|fact| fact.names.clone()).collect();
        let what = What::Certificate { region: env.region.value.clone(), known };
        self.missing.push(Missing { span: place, what, own: name });
        None
    }
}

/// The certificate for `name`: from Certificate Manager, one for this exact domain before one with a wildcard for its
/// first label, and the newest of several; else the server certificate of this name from IAM.
fn choose<'f>(facts: &'f [CertificateFact], name: &str) -> Option<&'f CertificateFact> {
    let managed = facts.iter().filter(|fact| !fact.is_of_iam);
    let fitting = managed.filter_map(|fact| {
        let fit = fact.names.iter().filter_map(|of| fit(of, name)).max()?;
        Some((fit, fact))
    });
    let best = fitting.max_by_key(|(fit, fact)| (*fit, fact.issued.as_str(), fact.arn.as_str()));
    let of_iam = || facts.iter().find(|fact| fact.is_of_iam && fact.names.iter().any(|of| of == name));
    best.map(|(_, fact)| fact).or_else(of_iam)
}

/// The rank of a certificate for `of` as a certificate for `name`: an exact match or a wildcard for one label; absent if
/// it does not match.
fn fit(of: &str, name: &str) -> Option<bool> {
    let (of, name) = (of.to_ascii_lowercase(), name.to_ascii_lowercase());
    let (first, rest) = name.split_once('.')?;
    if first.is_empty() || first == "*" {
        return None;
    }
    if of == name {
        return Some(true);
    }
    (of.strip_prefix("*.") == Some(rest)).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager(names: &[&str], issued: &str) -> CertificateFact {
        CertificateFact {
            arn: format!("arn:{}@{issued}", names.join("+")),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            is_of_iam: false,
            issued: issued.to_owned(),
        }
    }

    fn iam(name: &str) -> CertificateFact {
        CertificateFact { is_of_iam: true, arn: format!("arn:iam/{name}"), ..manager(&[name], "") }
    }

    fn chosen(facts: &[CertificateFact], name: &str) -> Option<String> {
        choose(facts, name).map(|fact| fact.arn.clone())
    }

    #[test]
    fn the_exact_domain_comes_before_a_wildcard() {
        let facts = [manager(&["*.b.c"], "2026"), manager(&["a.b.c"], "2024"), manager(&["z.b.c"], "2027")];
        assert_eq!(chosen(&facts, "a.b.c").as_deref(), Some("arn:a.b.c@2024"));
        assert_eq!(chosen(&facts, "A.B.C").as_deref(), Some("arn:a.b.c@2024"));
        assert_eq!(chosen(&facts, "x.b.c").as_deref(), Some("arn:*.b.c@2026"));
    }

    #[test]
    fn any_domain_of_a_certificate_counts() {
        let facts = [manager(&["b.c", "*.b.c"], "2025"), manager(&["*.b.c"], "2026")];
        assert_eq!(chosen(&facts, "x.b.c").as_deref(), Some("arn:*.b.c@2026"));
        assert_eq!(chosen(&facts, "b.c").as_deref(), Some("arn:b.c+*.b.c@2025"));
    }

    #[test]
    fn a_domain_is_not_for_what_is_below_it() {
        let facts = [manager(&["b.c", "*.b.c"], "2025")];
        assert_eq!(chosen(&facts, "y.x.b.c"), None);
        assert_eq!(chosen(&[manager(&["b.c"], "2025")], "x.b.c"), None);
    }

    #[test]
    fn what_is_no_name_has_no_certificate() {
        let facts = [manager(&["a.b.c", "*.b.c"], "2025")];
        for name in ["*.b.c", ".b.c", "", "c"] {
            assert_eq!(chosen(&facts, name), None, "{name}");
        }
    }

    #[test]
    fn iam_is_asked_last_and_by_the_very_name() {
        let facts = [iam("x.b.c"), iam("legacy"), manager(&["*.b.c"], "2025")];
        assert_eq!(chosen(&facts, "x.b.c").as_deref(), Some("arn:*.b.c@2025"));
        assert_eq!(chosen(&facts, "legacy").as_deref(), Some("arn:iam/legacy"));
        assert_eq!(chosen(&[iam("x.b.c")], "x.b.c").as_deref(), Some("arn:iam/x.b.c"));
        assert_eq!(chosen(&[iam("*.b.c")], "x.b.c"), None);
    }
}

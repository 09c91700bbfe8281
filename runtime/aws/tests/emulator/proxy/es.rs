//! The operations of OpenSearch Service, which are methods and paths, with JSON.

/// The operation of a method and a path ("Actions" of the API reference); nothing where it is of another service.
pub(super) fn operation(method: &str, path: &str) -> Option<&'static str> {
    let path = path.split('?').next()?.strip_prefix("/2021-01-01/")?;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    Some(match (method, parts.as_slice()) {
        ("GET", ["domain"]) => "ListDomainNames",
        ("POST", ["opensearch", "domain-info"]) => "DescribeDomains",
        ("POST", ["opensearch", "domain"]) => "CreateDomain",
        ("DELETE", ["opensearch", "domain", _]) => "DeleteDomain",
        ("POST", ["opensearch", "domain", _, "config"]) => "UpdateDomainConfig",
        ("GET", ["opensearch", "compatibleVersions"]) => "GetCompatibleVersions",
        ("POST", ["opensearch", "upgradeDomain"]) => "UpgradeDomain",
        ("GET", ["opensearch", "upgradeDomain", _, "status"]) => "GetUpgradeStatus",
        ("GET", ["opensearch", "domain", _, "health"]) => "DescribeDomainHealth",
        ("GET", ["tags"]) => "ListTags",
        ("POST", ["tags"]) => "AddTags",
        ("POST", ["tags-removal"]) => "RemoveTags",
        _ => return None,
    })
}

//! Actions and condition keys of whichever service has them.

use super::keys::{Key, KeyType};
use super::service::{Action, service};

/// A key of an identity provider, whose prefix is its host: a token of any provider may have `aud`, `sub` and others.
const OF_PROVIDER: Key = Key { name: "*:*", kind: KeyType::String };

/// The action `full`, with its prefix, as in `ec2:RunInstances`; absent if none of that name is known.
pub fn action(full: &str) -> Option<Action> {
    let (prefix, name) = full.split_once(':')?;
    service(prefix)?.action(name)
}

/// The key `name`, with its prefix, of whichever service has it; absent if none is known to have it.
pub fn key(name: &str) -> Option<Key> {
    let prefix = name.split_once(':')?.0.to_ascii_lowercase();
    let prefix = match prefix.as_str() {
        "catalog" => "aws-marketplace".to_owned(),
        "identitycenter" => "sso".to_owned(),
        _ => prefix,
    };
    // Keys of identity providers are those of STS; keys of all services lie beside each other, whatever their prefix.
    let of = [service("aws"), service(&prefix).filter(|_| prefix != "aws"), service("sts")];
    let known = of.into_iter().flatten().find_map(|service| service.key(name));
    known.or_else(|| prefix.contains('.').then_some(OF_PROVIDER))
}

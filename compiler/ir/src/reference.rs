use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Address, Kind, Resource};

/// A reference from one resource to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ref {
    /// A resource of this project, by address; becomes an [`Ref::Id`] when the resource exists.
    #[serde(rename = "ref")]
    To(Address),
    /// A resource in AWS, by its AWS id.
    #[serde(rename = "id")]
    Id(String),
    /// A resource of another owner, by its name; used only if the account was not read.
    #[serde(rename = "find")]
    Find(Lookup),
}

/// A resource that asiaq did not create, by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lookup {
    /// An Elastic IP address, by its public address.
    ElasticIp(std::net::Ipv4Addr),
    /// A VPN gateway, by its `Name` tag.
    VpnGateway(String),
    /// A hosted zone, by its domain.
    HostedZone(String),
    /// The newest AMI of a hostclass.
    Image(String),
    /// The newest AMI of an owner whose name matches a pattern.
    NewestImage {
        /// Account id, `self` or another alias of AWS.
        owner: String,
        /// The pattern.
        pattern: String,
    },
    /// The AMI whose id is the value of a Systems Manager parameter.
    ImageParameter(String),
    /// A certificate, by one of its domains.
    Certificate(String),
}

impl Lookup {
    /// The kind with whose listing the facts come that this is looked up in.
    pub fn listed_with(&self) -> Kind {
        match self {
            Self::ElasticIp(_) => Kind::ElasticIp,
            Self::VpnGateway(_) => Kind::VpnAttachment,
            Self::HostedZone(_) => Kind::HostedZone,
            Self::Image(_) | Self::NewestImage { .. } | Self::ImageParameter(_) => Kind::LaunchTemplate,
            Self::Certificate(_) => Kind::ClassicLoadBalancer,
        }
    }
}

impl Ref {
    /// A reference to the resource at `env`/`path`.
    pub fn to(env: &str, path: &str) -> Self {
        Self::To(Address::new(env, path))
    }

    /// The AWS id, if it is known.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::To(_) | Self::Find(_) => None,
        }
    }
}

/// Every reference inside a resource, in field order.
pub fn refs(resource: &Resource) -> Vec<Ref> {
    refs_in(&resource.to_value())
}

/// What a resource looks up in the account.
pub fn lookups(resource: &Resource) -> impl Iterator<Item = Lookup> {
    refs(resource).into_iter().filter_map(|found| match found {
        Ref::Find(lookup) => Some(lookup),
        Ref::To(_) | Ref::Id(_) => None,
    })
}

/// Every reference inside a JSON value: a resource, a field of one, an element of a field.
pub fn refs_in(value: &Value) -> Vec<Ref> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

/// The resource with every reference passed through `f`.
#[must_use]
pub fn resolve(resource: &Resource, f: &mut dyn FnMut(&Ref) -> Ref) -> Resource {
    // Only references changed, so the value still has the shape of the resource.
    from_value(resolve_in(resource.to_value(), f)).unwrap_or_else(|| resource.clone())
}

/// A JSON value with every reference in it passed through `f`.
#[must_use]
pub fn resolve_in(mut value: Value, f: &mut dyn FnMut(&Ref) -> Ref) -> Value {
    visit(&mut value, f);
    value
}

fn from_value<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

fn visit(value: &mut Value, f: &mut dyn FnMut(&Ref) -> Ref) {
    if let Some(reference) = as_ref(value) {
        if let Ok(changed) = serde_json::to_value(f(&reference)) {
            *value = changed;
        }
        return;
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| visit(field, f)),
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, f)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn collect(value: &Value, found: &mut Vec<Ref>) {
    match (as_ref(value), value) {
        (Some(reference), _) => found.push(reference),
        (None, Value::Object(fields)) => fields.values().for_each(|field| collect(field, found)),
        (None, Value::Array(items)) => items.iter().for_each(|item| collect(item, found)),
        (None, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {}
    }
}

/// A reference is the only object of one key, `ref`, `id` or `find`.
fn as_ref(value: &Value) -> Option<Ref> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let (key, named) = fields.iter().next()?;
    match (key.as_str(), named) {
        ("ref", Value::String(address)) => Some(Ref::To(Address::parse(address))),
        ("id", Value::String(id)) => Some(Ref::Id(id.clone())),
        ("find", lookup) => from_value(lookup.clone()).map(Ref::Find),
        _ => None,
    }
}

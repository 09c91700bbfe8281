//! What AWS's services know: prefixes, actions, resource types and condition keys, from the tables of `stdlib/`.
//!
//! Names of services, actions and keys are compared without case, as IAM does. A service is read when it is first asked
//! for. What the tables do not have may exist: AWS adds actions every week.

mod block;
mod find;
mod keys;
mod managed;
mod principals;
mod service;

pub use find::{action, key};
pub use keys::{Key, KeyType};
pub use managed::{Managed, managed_policies, managed_policy, managed_policy_named_like};
pub use principals::{is_service_principal, service_principal_named_like};
pub use service::{Action, Level, ResourceType, Service, service, service_named_like, services};

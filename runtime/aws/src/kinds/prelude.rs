//! What the file of a kind needs, whichever kind it is.

pub(super) use asiaq_runtime::{CloudError, Create, Found, Listed, Result, Tagged};
pub(super) use aws_sdk_ec2::types::Filter;

pub(super) use super::adapter::{self, Api, Limit, State, UniqueName, Which};
pub(super) use super::ec2_tags::ec2_kind;
pub(super) use super::resource::Created;
pub(super) use super::tag_family::{self, TagFamily};
pub(super) use super::values::{cidr_block, id_of, ids, signed, unsigned};
pub(super) use crate::batcher::each;
pub(super) use crate::listing_cache::cached;
pub(super) use crate::operation::{IamActions, Operation, ops};
pub(super) use crate::region::Region;
pub(super) use crate::service::Service;
pub(super) use crate::tags::{self, TagChange, Tags, filter, filter_any};

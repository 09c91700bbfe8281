//! A change of a record set, as one part of a batch.

use aws_sdk_route53::types::{Change, ChangeAction, ResourceRecordSet};

use crate::kinds::prelude::*;

ops! { route53:
    CHANGE_RESOURCE_RECORD_SETS = "ChangeResourceRecordSets", Delete;
}

pub(super) fn change(action: ChangeAction, set: ResourceRecordSet) -> Result<Change> {
    CHANGE_RESOURCE_RECORD_SETS.built(Change::builder().action(action).resource_record_set(set).build())
}

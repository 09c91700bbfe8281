//! The permissions boundary of a user.

use asiaq_ir::Ref;

use crate::kinds::prelude::*;

ops! { iam:
    PUT_USER_PERMISSIONS_BOUNDARY = "PutUserPermissionsBoundary", Write;
    DELETE_USER_PERMISSIONS_BOUNDARY = "DeleteUserPermissionsBoundary", Write;
}

/// Sets it, or removes it.
pub(in crate::kinds) async fn set(region: &Region<'_>, name: &str, boundary: Option<&Ref>) -> Result<()> {
    if let Some(arn) = boundary.and_then(id_of) {
        let call = region.iam().put_user_permissions_boundary().user_name(name).permissions_boundary(arn);
        region.retry_until_consistent(PUT_USER_PERMISSIONS_BOUNDARY, || call.clone().send()).await.map(drop)
    } else {
        let call = region.iam().delete_user_permissions_boundary().user_name(name);
        region.retry_while_in_use(DELETE_USER_PERMISSIONS_BOUNDARY, || call.clone().send()).await
    }
}

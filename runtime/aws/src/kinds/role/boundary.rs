//! The permissions boundary of a role.

use asiaq_ir::Ref;

use crate::kinds::prelude::*;

ops! { iam:
    PUT_ROLE_PERMISSIONS_BOUNDARY = "PutRolePermissionsBoundary", Write;
    DELETE_ROLE_PERMISSIONS_BOUNDARY = "DeleteRolePermissionsBoundary", Write;
}

/// Sets it, or removes it.
pub(in crate::kinds) async fn set(region: &Region<'_>, name: &str, boundary: Option<&Ref>) -> Result<()> {
    if let Some(arn) = boundary.and_then(id_of) {
        let call = region.iam().put_role_permissions_boundary().role_name(name).permissions_boundary(arn);
        region.retry_until_consistent(PUT_ROLE_PERMISSIONS_BOUNDARY, || call.clone().send()).await.map(drop)
    } else {
        let call = region.iam().delete_role_permissions_boundary().role_name(name);
        region.retry_while_in_use(DELETE_ROLE_PERMISSIONS_BOUNDARY, || call.clone().send()).await
    }
}

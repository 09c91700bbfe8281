//! Whose credentials the calls are made with.

use asiaq_runtime::{Identity, Result};

use crate::operation::ops;

ops! { sts:
    GET_CALLER_IDENTITY = "GetCallerIdentity", Free;
}

/// The account and the user or role of the credentials.
pub(crate) async fn identity(sts: &aws_sdk_sts::Client) -> Result<Identity> {
    let caller = GET_CALLER_IDENTITY.call(sts.get_caller_identity().send()).await?;
    Ok(Identity {
        account: GET_CALLER_IDENTITY.part("account", caller.account)?,
        arn: GET_CALLER_IDENTITY.part("ARN", caller.arn)?,
    })
}

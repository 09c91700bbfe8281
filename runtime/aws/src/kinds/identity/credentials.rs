//! The credentials of a user, which AWS does not delete with it.

use asiaq_runtime::Fault;

use crate::kinds::prelude::*;
use crate::service::iam;

ops! { iam:
    GET_LOGIN_PROFILE = "GetLoginProfile", Read;
    LIST_ACCESS_KEYS = "ListAccessKeys", Read;
    LIST_MFA_DEVICES = "ListMFADevices", Read;
    LIST_SSH_PUBLIC_KEYS = "ListSSHPublicKeys", Read;
    LIST_SIGNING_CERTIFICATES = "ListSigningCertificates", Read;
    LIST_SERVICE_SPECIFIC_CREDENTIALS = "ListServiceSpecificCredentials", Read;
}

/// The operations that remove credentials: for what nobody manages.
pub(crate) mod removals {
    use crate::operation::ops;

    ops! { iam:
        DELETE_ACCESS_KEY = "DeleteAccessKey", Delete;
    }
}

/// The credentials of a user in words. What the caller may not list is left out.
pub(super) async fn of(region: &Region<'_>, user: &str) -> Result<Vec<String>> {
    let iam_client = region.iam();
    let mut all = Vec::new();
    let password = iam_client.get_login_profile().user_name(user).send();
    let password = allowed(GET_LOGIN_PROFILE.call(password).await)?;
    all.extend(password.map(|_| "a password".to_owned()));
    let keys = iam_client.list_access_keys().user_name(user).send();
    let keys = allowed(LIST_ACCESS_KEYS.call(keys).await)?.map(|answer| answer.access_key_metadata);
    all.extend(named("access key", keys, |key| key.access_key_id));
    let devices = iam_client.list_mfa_devices().user_name(user).send();
    let devices = allowed(LIST_MFA_DEVICES.call(devices).await)?.map(|answer| answer.mfa_devices);
    all.extend(named("MFA device", devices, |device| Some(device.serial_number)));
    let keys = iam_client.list_ssh_public_keys().user_name(user).send();
    let keys = allowed(LIST_SSH_PUBLIC_KEYS.call(keys).await)?.and_then(|answer| answer.ssh_public_keys);
    all.extend(named("SSH key", keys, |key| Some(key.ssh_public_key_id)));
    let certificates = iam_client.list_signing_certificates().user_name(user).send();
    let certificates = allowed(LIST_SIGNING_CERTIFICATES.call(certificates).await)?;
    let certificates = certificates.map(|answer| answer.certificates);
    all.extend(named("signing certificate", certificates, |one| Some(one.certificate_id)));
    let others = iam_client.list_service_specific_credentials().user_name(user).send();
    let others = allowed(LIST_SERVICE_SPECIFIC_CREDENTIALS.call(others).await)?;
    let others = others.and_then(|answer| answer.service_specific_credentials);
    all.extend(named("service credential", others, |one| Some(one.service_specific_credential_id)));
    Ok(all)
}

/// The answer to a call; none where the caller may not make it, or the user is gone.
fn allowed<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.fault == Fault::Denied || iam.is_not_found(&error) => Ok(None),
        answer => answer.map(Some),
    }
}

fn named<T>(
    what: &str,
    all: Option<Vec<T>>,
    name: impl Fn(T) -> Option<String>,
) -> impl Iterator<Item = String> {
    let names = all.into_iter().flatten().filter_map(name);
    names.map(move |name| format!("the {what} `{name}`"))
}

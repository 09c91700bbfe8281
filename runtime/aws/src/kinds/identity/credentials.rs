//! The credentials of a user, which AWS does not delete with it.

use asiaq_runtime::Fault;

use self::removals::{
    DEACTIVATE_MFA_DEVICE, DELETE_ACCESS_KEY, DELETE_LOGIN_PROFILE, DELETE_SERVICE_SPECIFIC_CREDENTIAL,
    DELETE_SIGNING_CERTIFICATE, DELETE_SSH_PUBLIC_KEY, DELETE_VIRTUAL_MFA_DEVICE,
};
use crate::kinds::prelude::*;
use crate::service::iam;

ops! { iam:
    GET_LOGIN_PROFILE = "GetLoginProfile", Own;
    LIST_ACCESS_KEYS = "ListAccessKeys", Own;
    LIST_MFA_DEVICES = "ListMFADevices", Own;
    LIST_SSH_PUBLIC_KEYS = "ListSSHPublicKeys", Own;
    LIST_SIGNING_CERTIFICATES = "ListSigningCertificates", Own;
    LIST_SERVICE_SPECIFIC_CREDENTIALS = "ListServiceSpecificCredentials", Own;
}

/// The operations that remove credentials: for what nobody manages.
pub(crate) mod removals {
    use crate::operation::ops;

    ops! { iam:
        DELETE_ACCESS_KEY = "DeleteAccessKey", Delete;
        DELETE_LOGIN_PROFILE = "DeleteLoginProfile", Delete;
        DEACTIVATE_MFA_DEVICE = "DeactivateMFADevice", Delete;
        DELETE_VIRTUAL_MFA_DEVICE = "DeleteVirtualMFADevice", Delete;
        DELETE_SSH_PUBLIC_KEY = "DeleteSSHPublicKey", Delete;
        DELETE_SIGNING_CERTIFICATE = "DeleteSigningCertificate", Delete;
        DELETE_SERVICE_SPECIFIC_CREDENTIAL = "DeleteServiceSpecificCredential", Delete;
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

/// Removes all credentials of a user.
pub(super) async fn remove(region: &Region<'_>, user: &str) -> Result<()> {
    let client = region.iam();
    iam.found(DELETE_LOGIN_PROFILE.call(client.delete_login_profile().user_name(user).send()).await)?;
    let keys = LIST_ACCESS_KEYS.call(client.list_access_keys().user_name(user).send()).await?;
    for id in keys.access_key_metadata.into_iter().filter_map(|key| key.access_key_id) {
        let call = client.delete_access_key().user_name(user).access_key_id(id);
        iam.found(DELETE_ACCESS_KEY.call(call.send()).await)?;
    }
    let devices = LIST_MFA_DEVICES.call(client.list_mfa_devices().user_name(user).send()).await?;
    for serial in devices.mfa_devices.into_iter().map(|device| device.serial_number) {
        let call = client.deactivate_mfa_device().user_name(user).serial_number(&serial);
        iam.found(DEACTIVATE_MFA_DEVICE.call(call.send()).await)?;
        // A device of hardware has no ARN, and stays with its owner.
        if serial.starts_with("arn:") {
            let call = client.delete_virtual_mfa_device().serial_number(serial);
            iam.found(DELETE_VIRTUAL_MFA_DEVICE.call(call.send()).await)?;
        }
    }
    let keys = LIST_SSH_PUBLIC_KEYS.call(client.list_ssh_public_keys().user_name(user).send()).await?;
    for id in keys.ssh_public_keys.into_iter().flatten().map(|key| key.ssh_public_key_id) {
        let call = client.delete_ssh_public_key().user_name(user).ssh_public_key_id(id);
        iam.found(DELETE_SSH_PUBLIC_KEY.call(call.send()).await)?;
    }
    let certificates = client.list_signing_certificates().user_name(user).send();
    let certificates = LIST_SIGNING_CERTIFICATES.call(certificates).await?.certificates;
    for id in certificates.into_iter().map(|one| one.certificate_id) {
        let call = client.delete_signing_certificate().user_name(user).certificate_id(id);
        iam.found(DELETE_SIGNING_CERTIFICATE.call(call.send()).await)?;
    }
    let others = client.list_service_specific_credentials().user_name(user).send();
    let others = LIST_SERVICE_SPECIFIC_CREDENTIALS.call(others).await?.service_specific_credentials;
    for id in others.into_iter().flatten().map(|one| one.service_specific_credential_id) {
        let call =
            client.delete_service_specific_credential().user_name(user).service_specific_credential_id(id);
        iam.found(DELETE_SERVICE_SPECIFIC_CREDENTIAL.call(call.send()).await)?;
    }
    Ok(())
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

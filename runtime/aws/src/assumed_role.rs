//! What STS does for a caller: credentials of a role that is assumed in an account, and why a call was refused.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use asiaq_runtime::{Observer, Result};
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use crate::config::{Aws, http_client};
use crate::operation::ops;
use crate::timeouts::Timeouts;

ops! { sts:
    // A policy has a statement of its own for the roles of the program.
    ASSUME_ROLE = "AssumeRole", Free;
    // No plan needs it.
    DECODE_AUTHORIZATION_MESSAGE = "DecodeAuthorizationMessage", Free;
}

/// How long before the end of a session it is renewed. A call that is signed just before the end is still accepted.
const RENEWAL: Duration = Duration::from_mins(5);

/// How long the renewal of a session may take.
const LIMIT: Duration = Duration::from_mins(1);

/// Sessions that needed a code of an MFA device, by role and device: a code can be used only once, and a command may
/// connect several times.
static WITH_CODE: Mutex<BTreeMap<(String, String), Credentials>> = Mutex::new(BTreeMap::new());

/// A role, and what its trust policy asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// ARN.
    pub arn: String,
    /// External ID.
    pub external_id: Option<String>,
    /// MFA device of the caller: ARN or serial number.
    pub mfa_serial: Option<String>,
    /// Seconds that a session lasts; an hour where absent.
    pub session: Option<u64>,
    /// Name of the session, which CloudTrail records: 2 to 64 letters, digits and `+=,.@-_`.
    pub session_name: String,
}

impl AssumedRole {
    /// Whether a session of it needs a code of its MFA device that this process does not have yet.
    pub fn needs_code(&self) -> bool {
        self.mfa_serial.is_some() && self.kept().is_none()
    }

    /// The session of this process that needed a code, while it lasts.
    fn kept(&self) -> Option<Credentials> {
        let kept = WITH_CODE.lock().unwrap_or_else(PoisonError::into_inner).get(&self.key()?).cloned();
        kept.filter(|kept| kept.expiry().is_none_or(|end| end > SystemTime::now()))
    }

    fn keep(&self, session: &Credentials) {
        if let Some(key) = self.key() {
            WITH_CODE.lock().unwrap_or_else(PoisonError::into_inner).insert(key, session.clone());
        }
    }

    fn key(&self) -> Option<(String, String)> {
        Some((self.arn.clone(), self.mfa_serial.clone()?))
    }
}

impl Aws {
    /// The account of `role`, with the credentials of the role. `code` is the current one of its MFA device. The session
    /// is renewed before it ends, unless that would need another code.
    ///
    /// # Errors
    /// If the role cannot be assumed.
    pub async fn assume(
        &self,
        role: AssumedRole,
        code: Option<&str>,
        timeouts: Timeouts,
        observer: Observer,
    ) -> Result<Self> {
        let sts = self.regions().sts();
        let session = if let Some(kept) = role.kept() {
            kept
        } else {
            let session = session(sts, &role, code).await?;
            role.keep(&session);
            session
        };
        let credentials = RoleCredentials { sts: sts.clone(), role, first: Mutex::new(Some(session)) };
        let cache = IdentityCache::lazy().buffer_time(RENEWAL).load_timeout(LIMIT).build();
        let sdk = self.regions().sdk().to_builder();
        let sdk = sdk.credentials_provider(SharedCredentialsProvider::new(credentials));
        let sdk = sdk.identity_cache(cache).http_client(http_client()).build();
        Ok(Self::with_observer(&sdk, timeouts, observer))
    }
}

impl Aws {
    /// What AWS says in the encoded message of a refusal, as JSON text. Only credentials of the account that the refused call
    /// went to can read it.
    ///
    /// # Errors
    /// If AWS refuses to decode it.
    pub async fn decode(&self, message: &str) -> Result<String> {
        let request = self.regions().sts().decode_authorization_message().encoded_message(message);
        let answer = DECODE_AUTHORIZATION_MESSAGE.call(request.send()).await?;
        DECODE_AUTHORIZATION_MESSAGE.part("message", answer.decoded_message)
    }
}

/// A new session of a role.
async fn session(sts: &aws_sdk_sts::Client, role: &AssumedRole, code: Option<&str>) -> Result<Credentials> {
    let device = role.mfa_serial.clone().filter(|_| code.is_some());
    let request = sts
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(&role.session_name)
        .set_external_id(role.external_id.clone())
        .set_serial_number(device)
        .set_token_code(code.map(str::to_owned))
        .set_duration_seconds(role.session.and_then(|seconds| i32::try_from(seconds).ok()));
    let answer = ASSUME_ROLE.call(request.send()).await?;
    let made = ASSUME_ROLE.part("session", answer.credentials)?;
    let end = SystemTime::try_from(made.expiration).ok();
    Ok(Credentials::new(
        made.access_key_id,
        made.secret_access_key,
        Some(made.session_token),
        end,
        "AssumeRole",
    ))
}

/// The sessions of a role, one after the other.
struct RoleCredentials {
    sts: aws_sdk_sts::Client,
    role: AssumedRole,
    /// The session that showed that the role can be assumed, until it is asked for.
    first: Mutex<Option<Credentials>>,
}

impl fmt::Debug for RoleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleCredentials").field("role", &self.role.arn).finish_non_exhaustive()
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        future::ProvideCredentials::new(async move {
            if let Some(first) = first {
                return Ok(first);
            }
            if self.role.mfa_serial.is_some() {
                // The cache asks some time before the end.
                return self.role.kept().ok_or_else(|| CredentialsError::provider_error(self.over()));
            }
            let next = session(&self.sts, &self.role, None).await;
            next.map_err(CredentialsError::provider_error)
        })
    }
}

impl RoleCredentials {
    fn over(&self) -> String {
        format!(
            "the session of role `{}` has ended, and another one needs a code of the MFA device: run the command again",
            self.role.arn
        )
    }
}

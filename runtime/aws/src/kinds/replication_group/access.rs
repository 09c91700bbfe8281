//! What clients of a replication group have to know or to be: an AUTH token, or users of a user group.
//!
//! AWS shows only that there is a token. Tags say which credential it was, and when that was written.

use asiaq_ir::{ReplicationGroup, Resource};
use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder as Modify;
use aws_sdk_elasticache::types::{
    AuthTokenUpdateStatus, AuthTokenUpdateStrategyType, ReplicationGroup as Sdk,
};
use futures::stream::{self, StreamExt as _};

use super::ReplicationGroupTags;
use super::live::{one, settled, settled_as};
use crate::credentials::{self, CREDENTIAL_TAG, Credential, GET_OBJECT};
use crate::kinds::prelude::*;
use crate::service::elasticache;

ops! { elasticache:
    MODIFY_REPLICATION_GROUP = "ModifyReplicationGroup", Write;
}

/// When the credential was written that the token is from.
const WRITTEN_TAG: &str = "asiaq:credential-time";
/// In place of the time while another token is on its way.
const CHANGING: &str = "changing";
/// Characters that a token has (ElastiCache API reference, `AuthToken`).
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;
/// Credentials that are looked at at the same time.
const AT_ONCE: usize = 8;
/// Characters that AWS does not take in a token.
const BAD: [char; 4] = ['/', '"', '@', '%'];

/// The token of a credential, if AWS takes it as one.
pub(super) async fn token(region: &Region<'_>, place: &str) -> Result<Credential> {
    let credential = credentials::read_dated(region, place).await?;
    let is_good = |letter: char| (' '..='~').contains(&letter) && !BAD.contains(&letter);
    if LENGTHS.contains(&credential.text.len()) && credential.text.chars().all(is_good) {
        return Ok(credential);
    }
    let message = format!(
        "the credential `{place}` is no AUTH token: AWS takes 16 to 128 printable ASCII characters without `/`, `\"`, `@` \
         and `%`"
    );
    Err(GET_OBJECT.refused(message))
}

/// The tags of a group with this token.
pub(super) fn tags(place: &str, written: &str) -> Tags {
    [(CREDENTIAL_TAG, place), (WRITTEN_TAG, written)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

/// Groups as they were found, with what their tags say of their tokens, and whether the credentials are newer.
pub(super) async fn with_tokens(region: &Region<'_>, found: Vec<Found>) -> Vec<Found> {
    let shown = found.into_iter().map(|found| async move {
        let Resource::ReplicationGroup(group) = &found.resource else { return found };
        if group.token.is_none() {
            return found;
        }
        let place = found.tags.get(CREDENTIAL_TAG).cloned().unwrap_or_default();
        let of = found.tags.get(WRITTEN_TAG).map(String::as_str);
        let newest_token = match of {
            Some(CHANGING) => false,
            Some(_) => credentials::written(region, &place).await.is_none_or(|now| Some(now.as_str()) == of),
            None => true,
        };
        let group = ReplicationGroup { token: Some(place), newest_token, ..group.clone() };
        Found { resource: group.into(), ..found }
    });
    stream::iter(shown).buffered(AT_ONCE).collect().await
}

/// Whether clients have to know or to be something else.
pub(super) fn differs(live: &ReplicationGroup, wanted: &ReplicationGroup) -> bool {
    live.token != wanted.token
        || live.newest_token != wanted.newest_token
        || live.user_group != wanted.user_group
}

/// Lets clients in as the wanted group does.
pub(super) async fn change(
    region: &Region<'_>,
    id: &str,
    live: &ReplicationGroup,
    wanted: &ReplicationGroup,
) -> Result<()> {
    let call =
        || region.elasticache().modify_replication_group().replication_group_id(id).apply_immediately(true);
    if let Some(place) = &wanted.token {
        return set_token(region, id, live, place).await;
    }
    let is_as_wanted = |group: &Sdk| {
        let ids = group.user_group_ids().iter().map(String::as_str);
        ids.eq(wanted.user_group.as_deref()) && !has_token(group)
    };
    let call = match (&live.user_group, &wanted.user_group) {
        (_, Some(to)) if live.token.is_some() => {
            call().auth_token_update_strategy(AuthTokenUpdateStrategyType::Delete).user_group_ids_to_add(to)
        }
        (None, Some(to)) => call().user_group_ids_to_add(to),
        (Some(from), Some(to)) => call().user_group_ids_to_remove(from).user_group_ids_to_add(to),
        (Some(_), None) => call().remove_user_groups(true),
        (None, None) => return Ok(()),
    };
    modify(region, id, call, None, is_as_wanted).await?;
    if live.token.is_some() {
        let key = ReplicationGroupTags::key(region, id).await?;
        let gone = [CREDENTIAL_TAG, WRITTEN_TAG].map(ToOwned::to_owned);
        Box::pin(ReplicationGroupTags::remove(region, &key, gone.into())).await?;
    }
    Ok(())
}

/// Gives a group another token: both are good after the first call, and the new one alone after the second. Tags say that it
/// is on its way, so that a run that is interrupted in between is continued by the next one.
async fn set_token(region: &Region<'_>, id: &str, live: &ReplicationGroup, place: &str) -> Result<()> {
    let Credential { text, written } = token(region, place).await?;
    let now = ReplicationGroupTags::now(region, id).await?.unwrap_or_default();
    let done = tags(place, &written);
    // An earlier attempt, whose answer was lost, may have made the group.
    let is_done = live.token.is_some() && done.iter().all(|(key, value)| now.get(key) == Some(value));
    if is_done && live.user_group.is_none() {
        return Ok(());
    }
    let key = ReplicationGroupTags::key(region, id).await?;
    Box::pin(ReplicationGroupTags::set(region, &key, &tags(place, CHANGING))).await?;
    let steps = [
        (AuthTokenUpdateStrategyType::Rotate, AuthTokenUpdateStatus::Rotating),
        (AuthTokenUpdateStrategyType::Set, AuthTokenUpdateStatus::Setting),
    ];
    for (strategy, status) in steps {
        let is_first = strategy == AuthTokenUpdateStrategyType::Rotate;
        let call = region.elasticache().modify_replication_group().replication_group_id(id);
        let call = call.auth_token(&text).auth_token_update_strategy(strategy).apply_immediately(true);
        let from_users = live.user_group.is_some() && is_first;
        let call = call.set_remove_user_groups(from_users.then_some(true));
        let is_made = |group: &Sdk| has_token(group) && group.user_group_ids().is_empty();
        modify(region, id, call, Some(status), is_made).await.map_err(|error| without(error, Some(&text)))?;
    }
    Box::pin(ReplicationGroupTags::set(region, &key, &done)).await
}

/// One call, which is sent once more if the group was changing: somebody else changed it, or the answer to an earlier attempt
/// was lost. `status` is that of a group that has taken the call.
async fn modify(
    region: &Region<'_>,
    id: &str,
    call: Modify,
    status: Option<AuthTokenUpdateStatus>,
    is_made: impl Fn(&Sdk) -> bool,
) -> Result<()> {
    match region.retry_until_consistent(MODIFY_REPLICATION_GROUP, || call.clone().send()).await {
        Ok(_) => {}
        Err(error) if elasticache.is_busy(&error) => {
            let live = one(region, id).await?;
            let is_taken =
                live.is_some_and(|live| status.is_some() && token_status(&live.group) == status.as_ref());
            if !is_taken {
                let Some(live) = settled(region, id).await? else { return Ok(()) };
                if status.is_some() || !is_made(&live.group) {
                    MODIFY_REPLICATION_GROUP.call(call.send()).await?;
                }
            }
        }
        Err(error) => return Err(error),
    }
    let is_in_force = |live: &super::Group| token_status(&live.group).is_none() && is_made(&live.group);
    settled_as(region, id, is_in_force).await.map(drop)
}

fn has_token(group: &Sdk) -> bool {
    group.auth_token_enabled().unwrap_or_default()
}

/// What AWS does with a token that it has taken.
fn token_status(group: &Sdk) -> Option<&AuthTokenUpdateStatus> {
    group.pending_modified_values().and_then(|pending| pending.auth_token_status())
}

/// An error whose message does not repeat the token.
pub(super) fn without(error: CloudError, token: Option<&str>) -> CloudError {
    let Some(token) = token else { return error };
    CloudError { message: error.message.replace(token, "…"), ..error }
}

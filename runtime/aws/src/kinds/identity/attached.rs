//! What roles, user groups and users have: managed policies, inline policies, and the groups of a user.
//!
//! A note beside each says what asiaq gave it, as short digests. What somebody else gave it is not listed, and stays.

use std::collections::BTreeSet;

use asiaq_ir::{InlinePolicy, Ref};
use aws_sdk_iam::types::{AttachedPolicy, PolicyDetail};

use super::{inline, mark, name_of};
use crate::kinds::prelude::*;

/// Hexadecimal digits of a digest.
const DIGITS: usize = 6;
/// Digests that fit into the value of a tag.
const MOST: usize = 256 / DIGITS;
/// The note of a holder with more: everything that it has is asiaq's.
const ALL: &str = "all";

/// The calls for one kind of holder.
pub(in crate::kinds) trait Holder {
    /// Writes the note.
    async fn note(region: &Region<'_>, holder: &str, note: &str) -> Result<()>;
    /// Attaches a managed policy. One that is attached stays so.
    async fn attach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()>;
    /// Detaches a managed policy. That it is not attached is no error.
    async fn detach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()>;
    /// Adds or replaces an inline policy.
    async fn put(region: &Region<'_>, holder: &str, policy: &InlinePolicy) -> Result<()>;
    /// Removes an inline policy. That it is not there is no error.
    async fn remove(region: &Region<'_>, holder: &str, policy: &str) -> Result<()>;
    /// Adds the holder to a user group.
    async fn join(_: &Region<'_>, _holder: &str, _group: &str) -> Result<()> {
        Ok(())
    }
    /// Removes the holder from a user group. That it is no member is no error.
    async fn leave(_: &Region<'_>, _holder: &str, _group: &str) -> Result<()> {
        Ok(())
    }
}

/// What a holder has.
#[derive(Clone, Copy, Debug)]
pub(in crate::kinds) struct Attached<'a> {
    pub(in crate::kinds) policies: &'a BTreeSet<Ref>,
    pub(in crate::kinds) inline: &'a BTreeSet<InlinePolicy>,
    pub(in crate::kinds) groups: &'a BTreeSet<Ref>,
}

/// No managed policies, or no groups.
pub(in crate::kinds) const NONE: &BTreeSet<Ref> = &BTreeSet::new();
/// Nothing.
const NOTHING: Attached<'_> = Attached { policies: NONE, inline: &BTreeSet::new(), groups: NONE };

/// A holder in the account, with what it has of whoever gave it.
pub(in crate::kinds) struct Listed<'a> {
    pub(in crate::kinds) note: Option<&'a str>,
    pub(in crate::kinds) policies: &'a [AttachedPolicy],
    pub(in crate::kinds) inline: &'a [PolicyDetail],
    pub(in crate::kinds) groups: &'a [String],
}

impl Attached<'_> {
    fn digests(&self) -> BTreeSet<String> {
        let policies = self.policies.iter().filter_map(Ref::id).map(|arn| digest("policy", arn));
        let inline = self.inline.iter().map(|policy| digest("inline", &policy.name));
        let groups = self.groups.iter().filter_map(Ref::id).map(|arn| digest("group", name_of(arn)));
        policies.chain(inline).chain(groups).collect()
    }
}

impl<'a> Listed<'a> {
    fn is_ours(&self, kind: &str, name: &str) -> bool {
        self.note.is_some_and(|note| {
            let digest = digest(kind, name);
            let (digests, _) = note.as_bytes().as_chunks::<DIGITS>();
            note == ALL || digests.iter().any(|one| one == digest.as_bytes())
        })
    }

    fn arns(&self) -> impl Iterator<Item = &'a str> {
        self.policies.iter().filter_map(AttachedPolicy::policy_arn)
    }

    /// The managed policies that asiaq attached.
    pub(in crate::kinds) fn own_policies(&self) -> BTreeSet<Ref> {
        let own = self.arns().filter(|arn| self.is_ours("policy", arn));
        own.map(|arn| Ref::Id(arn.to_owned())).collect()
    }

    /// The inline policies that asiaq added.
    pub(in crate::kinds) fn own_inline(&self) -> BTreeSet<InlinePolicy> {
        let own = self.inline.iter();
        let own = own.filter(|policy| self.has_own_inline(policy.policy_name().unwrap_or_default()));
        own.filter_map(inline).collect()
    }

    /// The names of the user groups that asiaq added it to.
    pub(in crate::kinds) fn own_groups(&self) -> impl Iterator<Item = &'a str> {
        self.groups.iter().map(String::as_str).filter(|name| self.is_ours("group", name))
    }

    /// Whether asiaq attached a managed policy.
    pub(in crate::kinds) fn has_own_policy(&self, arn: &str) -> bool {
        self.is_ours("policy", arn)
    }

    /// Whether asiaq added an inline policy.
    pub(in crate::kinds) fn has_own_inline(&self, name: &str) -> bool {
        name != mark::NAME && self.is_ours("inline", name)
    }

    /// What somebody else gave it, in words.
    pub(in crate::kinds) fn foreign(&self) -> Vec<String> {
        let policies = self.arns().filter(|arn| !self.is_ours("policy", arn));
        let inline = self.inline.iter().filter_map(PolicyDetail::policy_name);
        let inline = inline.filter(|name| *name != mark::NAME && !self.is_ours("inline", name));
        let groups = self.groups.iter().filter(|name| !self.is_ours("group", name));
        policies
            .map(|arn| format!("the attached policy `{}`", name_of(arn)))
            .chain(inline.map(|name| format!("the inline policy `{name}`")))
            .chain(groups.map(|name| format!("the membership in `{name}`")))
            .collect()
    }
}

/// A digest of something that a holder has (FNV-1a, folded to 24 bits). Notes in AWS contain it, so it stays as it is.
fn digest(kind: &str, name: &str) -> String {
    let bytes = kind.bytes().chain([b' ']).chain(name.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:06x}", (hash ^ (hash >> 24) ^ (hash >> 48)) & 0x00ff_ffff)
}

fn note(digests: &BTreeSet<String>) -> String {
    if digests.len() > MOST { ALL.to_owned() } else { digests.iter().map(String::as_str).collect() }
}

/// Changes what a holder has. It gets what is new before it loses what is old, so that it is at no time without
/// permissions that it has before and after; unless AWS accepts no more of it at a time.
///
/// The note lists what is new before it is there, and what is old until it is gone.
pub(in crate::kinds) async fn change<H: Holder>(
    region: &Region<'_>,
    holder: &str,
    live: Attached<'_>,
    wanted: Attached<'_>,
) -> Result<()> {
    let (before, after) = (live.digests(), wanted.digests());
    if !after.is_subset(&before) {
        H::note(region, holder, &note(&before.union(&after).cloned().collect())).await?;
    }
    match add::<H>(region, holder, live, wanted).await {
        Err(full) if full.code == "LimitExceeded" && !before.is_subset(&after) => {
            remove::<H>(region, holder, live, wanted).await?;
            add::<H>(region, holder, live, wanted).await?;
        }
        added => {
            added?;
            remove::<H>(region, holder, live, wanted).await?;
        }
    }
    if before.is_subset(&after) { Ok(()) } else { H::note(region, holder, &note(&after)).await }
}

/// Takes away what asiaq gave a holder, before it is deleted.
pub(in crate::kinds) async fn clear<H: Holder>(
    region: &Region<'_>,
    holder: &str,
    live: Attached<'_>,
) -> Result<()> {
    remove::<H>(region, holder, live, NOTHING).await
}

async fn add<H: Holder>(
    region: &Region<'_>,
    holder: &str,
    live: Attached<'_>,
    wanted: Attached<'_>,
) -> Result<()> {
    for arn in ids(wanted.policies.difference(live.policies)) {
        H::attach(region, holder, &arn).await?;
    }
    for policy in wanted.inline.difference(live.inline) {
        H::put(region, holder, policy).await?;
    }
    for group in ids(wanted.groups.difference(live.groups)) {
        H::join(region, holder, name_of(&group)).await?;
    }
    Ok(())
}

async fn remove<H: Holder>(
    region: &Region<'_>,
    holder: &str,
    live: Attached<'_>,
    wanted: Attached<'_>,
) -> Result<()> {
    for arn in ids(live.policies.difference(wanted.policies)) {
        H::detach(region, holder, &arn).await?;
    }
    let kept: BTreeSet<&str> = wanted.inline.iter().map(|policy| policy.name.as_str()).collect();
    for policy in live.inline.iter().filter(|policy| !kept.contains(policy.name.as_str())) {
        H::remove(region, holder, &policy.name).await?;
    }
    for group in ids(live.groups.difference(wanted.groups)) {
        H::leave(region, holder, name_of(&group)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(count: usize) -> BTreeSet<Ref> {
        (0..count).map(|n| Ref::Id(format!("arn:aws:iam::1:policy/p{n}"))).collect()
    }

    fn noted(policies: &BTreeSet<Ref>) -> String {
        note(&Attached { policies, ..NOTHING }.digests())
    }

    #[test]
    fn a_note_tells_what_asiaq_gave_from_what_others_gave() {
        let own = policies(20);
        let note = noted(&own);
        assert!(note.len() <= 256 && note != ALL);
        let listed: Vec<AttachedPolicy> = (0..30)
            .map(|n| AttachedPolicy::builder().policy_arn(format!("arn:aws:iam::1:policy/p{n}")).build())
            .collect();
        let listed = |note| Listed { note, policies: &listed, inline: &[], groups: &[] };
        assert_eq!(listed(Some(note.as_str())).own_policies(), own);
        assert_eq!(listed(Some(note.as_str())).foreign().len(), 10);
        assert_eq!(listed(None).own_policies(), BTreeSet::new());
        assert_eq!(listed(Some("")).own_policies(), BTreeSet::new());
        assert_eq!(listed(Some(ALL)).own_policies().len(), 30);
    }

    #[test]
    fn a_note_with_too_much_says_that_all_is_asiaqs() {
        assert_eq!(noted(&policies(MOST)).len(), MOST * DIGITS);
        assert_eq!(noted(&policies(MOST + 1)), ALL);
    }

    #[test]
    fn digests_stay_as_they_are() {
        assert_eq!(digest("policy", "arn:aws:iam::aws:policy/ReadOnlyAccess"), "487f1f");
    }
}

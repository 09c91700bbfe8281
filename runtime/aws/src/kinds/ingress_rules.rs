use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{GroupRule, IngressRules, Protocol, Ref, Source};
use aws_sdk_ec2::types::SecurityGroup;

use super::group_rules;
use super::prelude::*;
use super::resource::AwsResource;
use super::security_group::{self, DESCRIBE_SECURITY_GROUPS};
use crate::service::ec2;

ops! { ec2:
    AUTHORIZE_SECURITY_GROUP_INGRESS = "AuthorizeSecurityGroupIngress", Write;
    UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS = "UpdateSecurityGroupRuleDescriptionsIngress", Write;
    REVOKE_SECURITY_GROUP_INGRESS = "RevokeSecurityGroupIngress", Delete;
}

impl AwsResource for IngressRules {
    const ACTIONS: IamActions = &[OPS, &[DESCRIBE_SECURITY_GROUPS]];
    const SERVICE: &'static Service = &ec2;

    /// A group without rules has no rules to find.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let groups = security_group::of_project(region, project).await?;
        let found = groups.iter().filter_map(|group| found(region, project, group)).collect();
        Ok(Listed { found, ..Listed::default() })
    }

    /// Makes no call: the security group exists, and the following update adds the rules.
    async fn create(&self, _: &Region<'_>, _: &Create<'_>) -> Result<Created<Self>> {
        let id = AUTHORIZE_SECURITY_GROUP_INGRESS.part("group id", self.group.id())?.to_owned();
        let initial = Self { group: self.group.clone(), rules: BTreeSet::new() };
        Ok(Created { id, initial, ready: true })
    }

    /// Adds new rules in one call, updates changed descriptions, and then removes old rules in one call. If the quota
    /// has no room for old and new rules together, the old ones are removed first.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let difference = Difference::between(&self.rules, &wanted.rules);
        match authorize(region, id, &difference.added).await {
            Err(error) if error.code == "InvalidPermission.Duplicate" => {
                // Some rules exist already: an answer was lost, or another program added them.
                let now = Difference::between(&live(region, id).await?, &wanted.rules);
                authorize(region, id, &now.added).await?;
                describe(region, id, &now.described).await?;
            }
            Err(error)
                if error.code == "RulesPerSecurityGroupLimitExceeded" && !difference.removed.is_empty() =>
            {
                revoke(region, id, difference.removed).await?;
                let now = Difference::between(&live(region, id).await?, &wanted.rules);
                authorize(region, id, &now.added).await?;
                return describe(region, id, &now.described).await;
            }
            answer => {
                answer?;
                describe(region, id, &difference.described).await?;
            }
        }
        revoke(region, id, difference.removed).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        revoke(region, id, self.rules.iter().cloned().collect()).await
    }
}

/// The identity of a rule: all of its fields except the description.
type Key<'a> = (Protocol, Option<u16>, Option<u16>, &'a Source);

fn key(rule: &GroupRule) -> Key<'_> {
    (rule.protocol, rule.from, rule.to, &rule.source)
}

/// The difference between two sets of rules.
struct Difference {
    added: Vec<GroupRule>,
    described: Vec<GroupRule>,
    removed: Vec<GroupRule>,
}

impl Difference {
    fn between(live: &BTreeSet<GroupRule>, wanted: &BTreeSet<GroupRule>) -> Self {
        let live_by: BTreeMap<Key<'_>, &GroupRule> = live.iter().map(|rule| (key(rule), rule)).collect();
        let wanted_by: BTreeMap<Key<'_>, &GroupRule> = wanted.iter().map(|rule| (key(rule), rule)).collect();
        let pick = |rules: &BTreeSet<GroupRule>, which: &dyn Fn(&GroupRule) -> bool| {
            rules.iter().filter(|rule| which(rule)).cloned().collect()
        };
        Self {
            added: pick(wanted, &|rule| !live_by.contains_key(&key(rule))),
            described: pick(wanted, &|rule| {
                live_by.get(&key(rule)).is_some_and(|there| there.description != rule.description)
            }),
            removed: pick(live, &|rule| !wanted_by.contains_key(&key(rule))),
        }
    }
}

async fn authorize(region: &Region<'_>, id: &str, rules: &[GroupRule]) -> Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let permissions = group_rules::write(rules);
    let request =
        region.ec2().authorize_security_group_ingress().group_id(id).set_ip_permissions(Some(permissions));
    region.retry_until_consistent(AUTHORIZE_SECURITY_GROUP_INGRESS, || request.clone().send()).await.map(drop)
}

async fn describe(region: &Region<'_>, id: &str, rules: &[GroupRule]) -> Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let request = region
        .ec2()
        .update_security_group_rule_descriptions_ingress()
        .group_id(id)
        .set_ip_permissions(Some(group_rules::write(rules)));
    region
        .retry_until_consistent(UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS, || request.clone().send())
        .await
        .map(drop)
}

/// Removes rules. AWS rejects the whole batch if one rule does not exist. Then the others are removed again.
async fn revoke(region: &Region<'_>, id: &str, rules: Vec<GroupRule>) -> Result<()> {
    let try_revoke = async |rules: &[GroupRule]| {
        let permissions = group_rules::write(rules);
        let request =
            region.ec2().revoke_security_group_ingress().group_id(id).set_ip_permissions(Some(permissions));
        REVOKE_SECURITY_GROUP_INGRESS.call(request.send()).await.map(drop)
    };
    if rules.is_empty() {
        return Ok(());
    }
    match try_revoke(&rules).await {
        Err(error) if ec2.is_part_not_found(&error) || ec2.is_not_found(&error) => {}
        answer => return answer,
    }
    let there = live(region, id).await?;
    let left: Vec<GroupRule> =
        rules.into_iter().filter(|rule| there.iter().any(|live| key(live) == key(rule))).collect();
    if left.is_empty() { Ok(()) } else { try_revoke(&left).await }
}

/// The current rules of a security group. Empty if the group does not exist.
async fn live(region: &Region<'_>, id: &str) -> Result<BTreeSet<GroupRule>> {
    let request = region.ec2().describe_security_groups().group_ids(id);
    let answer = ec2.found(DESCRIBE_SECURITY_GROUPS.call(request.send()).await)?;
    let groups = answer.and_then(|answer| answer.security_groups).unwrap_or_default();
    Ok(groups.iter().flat_map(group_rules::ingress).collect())
}

fn found(region: &Region<'_>, project: &str, group: &SecurityGroup) -> Option<Found> {
    let rules: BTreeSet<GroupRule> = group_rules::ingress(group).into_iter().collect();
    let id = group.group_id()?.to_owned();
    (!rules.is_empty()).then_some(())?;
    let tags = region.imagine::<asiaq_ir::SecurityGroup>(&id, tags::map(group.tags()));
    Some(Found {
        address: tags::address_in(&tags, project)?.child("ingress"),
        id: id.clone(),
        region: region.name.to_owned(),
        tags: BTreeMap::new(),
        resource: IngressRules { group: Ref::Id(id), rules }.into(),
    })
}

//! An account behind a proxy, with what programs find there, and runs of the engine in it.

use std::collections::BTreeSet;
use std::time::Duration;

use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_ir::{Needs, credential_bucket};
use asiaq_runtime::{
    CancellationToken, Cloud as _, CloudError, Coverage, Goal, Limits, Outcome, Plan, apply, confirm_tags,
    missing_facts, needed_listing, observe_for, plan,
};
use aws_sdk_ec2::types::{BlockDeviceMapping, EbsBlockDevice, GatewayType, Tag};
use aws_sdk_s3::types::CreateBucketConfiguration;

use super::census::{self, Census};
use super::program::{DOMAIN, IMAGES, OWN};
use crate::account::{Account, PROJECT, REGION};
use crate::moto;
use crate::proxy::Proxy;

/// An account of one's own.
pub(crate) struct World {
    pub(crate) proxy: Proxy,
    /// The account through the proxy.
    account: Account,
    /// The same without it.
    pub(crate) calm: Account,
}

impl World {
    /// An account with images, a zone, a credential bucket and a VPN gateway.
    pub(crate) async fn new() -> Self {
        let given = moto::new_account();
        let proxy = Proxy::start(moto::endpoint());
        let account = Account::impatient(&proxy.endpoint(), &given);
        let calm = Account::at(moto::endpoint(), given.account.clone(), &given);
        let world = Self { proxy, account, calm };
        world.stock().await;
        world
    }

    async fn stock(&self) {
        let ec2 = &self.calm.by_hand;
        for hostclass in IMAGES {
            let disk = EbsBlockDevice::builder().volume_size(8).build();
            let disk = BlockDeviceMapping::builder().device_name("/dev/sda1").ebs(disk).build();
            let image = ec2
                .register_image()
                .name(format!("{hostclass} 1760000000"))
                .root_device_name("/dev/sda1")
                .block_device_mappings(disk);
            let image = image.send().await.unwrap().image_id.unwrap();
            let tags = [("hostclass", hostclass), ("stage", "tested"), ("is_private", "False")];
            let tags = tags.map(|(key, value)| Tag::builder().key(key).value(value).build());
            ec2.create_tags().resources(image).set_tags(Some(tags.into())).send().await.unwrap();
        }
        let place = CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
        let bucket = self.calm.s3().create_bucket().bucket(credential_bucket(REGION, PROJECT, &self.calm.id));
        bucket.create_bucket_configuration(place).send().await.unwrap();
        let gateway = ec2.create_vpn_gateway().r#type(GatewayType::Ipsec1).send().await.unwrap();
        let gateway = gateway.vpn_gateway.unwrap().vpn_gateway_id.unwrap();
        let name = Tag::builder().key("Name").value("ci").build();
        ec2.create_tags().resources(gateway).tags(name).send().await.unwrap();
        let content = r#"{"schemaVersion": "2.2", "mainSteps": []}"#;
        let ssm = aws_sdk_ssm::Client::new(&self.calm.sdk);
        let document = ssm.create_document().name("front").content(content);
        let document = document.document_type(aws_sdk_ssm::types::DocumentType::Command);
        document.send().await.unwrap();
        let route53 = aws_sdk_route53::Client::new(&self.calm.sdk);
        route53.create_hosted_zone().name(DOMAIN).caller_reference(DOMAIN).send().await.unwrap();
    }

    /// Observes, plans and applies through the proxy.
    pub(crate) async fn run(&self, program: &Checked, goal: Goal) -> Result<(Plan, Outcome), CloudError> {
        self.run_until(program, goal, &CancellationToken::new()).await
    }

    /// The same, until it is told to stop.
    pub(crate) async fn run_until(
        &self,
        program: &Checked,
        goal: Goal,
        stop: &CancellationToken,
    ) -> Result<(Plan, Outcome), CloudError> {
        let plan = plan_of(&self.account, program, goal).await?;
        let outcome = apply(&self.account.aws, &plan, &Limits::default(), stop, &|_| {}).await;
        Ok((plan, outcome))
    }

    /// Applies without faults, after which nothing is left to do; if not, why.
    pub(crate) async fn arrive(&self, program: &Checked, goal: Goal) -> Result<(), String> {
        let plan = plan_of(&self.calm, program, goal).await.unwrap();
        let outcome =
            apply(&self.calm.aws, &plan, &Limits::default(), &CancellationToken::new(), &|_| {}).await;
        if !outcome.is_complete() {
            return Err(format!("the next run fails: {:?}", outcome.failed));
        }
        let left = plan_of(&self.calm, program, goal).await.unwrap().steps;
        let left: Vec<_> = left.iter().map(|step| (&step.address, &step.action)).collect();
        if left.is_empty() { Ok(()) } else { Err(format!("the next run leaves {left:?}")) }
    }

    /// A program of this account, which is without a mistake.
    pub(super) fn checked(&self, text: &str) -> Checked {
        checked(text.replace(OWN, &self.calm.id))
    }

    /// What lives in the account.
    pub(super) async fn census(&self) -> Census {
        census::take(&self.calm).await
    }
}

async fn plan_of(account: &Account, program: &Checked, goal: Goal) -> Result<Plan, CloudError> {
    let regions = BTreeSet::from([REGION.to_owned()]);
    account.aws.identity().await?;
    let needs = program.needs();
    let needs =
        if goal == Goal::Apply { needs } else { Needs { accounts: needs.accounts, ..Needs::default() } };
    let mut observed = observe_for(&account.aws, PROJECT, &regions, &needs).await?;
    observed.facts.account = Some(account.id.clone());
    let lowered = program.lower_for(&observed.facts, None);
    let errors: Vec<_> = lowered.diagnostics.iter().filter(|said| said.is_error()).collect();
    if !errors.is_empty()
        && let Some(unread) = missing_facts(&observed, program.declared())
    {
        return Err(unread.error.clone());
    }
    assert!(goal == Goal::Destroy || errors.is_empty(), "{errors:#?}");
    let scope = Coverage { goal, ..Coverage::default() };
    // A listing that AWS refused would seem to be empty.
    if let Some(unread) = needed_listing(&observed, &lowered.ir, &scope) {
        return Err(unread.error.clone());
    }
    let decided = plan(&lowered.ir, &observed, &scope, &now());
    if confirm_tags(&account.aws, &decided, &mut observed).await? {
        return Ok(plan(&lowered.ir, &observed, &scope, &now()));
    }
    Ok(decided)
}

/// The time that resources are tagged with: later at each call, and never the clock's.
fn now() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = Duration::from_secs(NEXT.fetch_add(1, Ordering::Relaxed).into()).as_secs();
    let (hour, minute, second) = (next / 3600 % 24, next / 60 % 60, next % 60);
    format!("2026-11-{:02}T{hour:02}:{minute:02}:{second:02}.000000", 1 + next / 86_400)
}

/// A program, which is without a mistake.
pub(crate) fn checked(text: String) -> Checked {
    struct Text(String);
    impl Files for Text {
        fn read(&self, _: &str) -> Result<String, String> {
            Ok(self.0.clone())
        }
    }
    let checked = check(Workspace::load(&["shop.asq".to_owned()], &Text(text)).unwrap());
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    checked
}

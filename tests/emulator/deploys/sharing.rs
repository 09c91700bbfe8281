//! An AMI that a deploy promotes gets to the accounts that the program names, whatever fails.

use super::super::accounts::Two;
use super::*;

/// The program in account one, which shares AMIs with account two.
fn program() -> String {
    let accounts = "account = one }
account one { id = \"ONE\", image_share { to = [two], bakers = [\"jenkins\"] } }
account two { id = \"TWO\", role = \"arn:aws:iam::TWO:role/asiaq\" }";
    PROGRAM.replacen("domain = \"shop.example\" }", &format!("domain = \"shop.example\", {accounts}"), 1)
}

/// A world with a deployed AMI, and its second account.
struct Shared {
    shop: Shop,
    two: World,
}

impl Shared {
    fn new() -> Self {
        let Two { one, two } = Two::new(&program());
        Self { shop: Shop::in_world(one), two }
    }

    fn baked(&self, second: u32, baker: &str) -> String {
        let image = bake(&self.shop.world, second, "untested");
        self.baked_by(&image, baker);
        image
    }

    fn baked_by(&self, image: &str, baker: &str) {
        self.shop.world.boto(&format!(
            "ec2.create_tags(Resources=['{image}'], Tags=[{{'Key': 'baker', 'Value': '{baker}'}}])\nresult = 0"
        ));
    }

    /// The accounts that may use an AMI, and its stage and marks in both accounts.
    fn seen(&self, image: &str) -> Value {
        let launch = self.shop.world.boto(&format!(
            "launch = ec2.describe_image_attribute(ImageId='{image}', Attribute='launchPermission')['LaunchPermissions']
result = [one['UserId'] for one in launch]"
        ));
        let tags = |world: &World| {
            world.boto(&format!(
                "found = ec2.describe_images(ImageIds=['{image}'])['Images'][0].get('Tags', [])
tags = {{tag['Key']: tag['Value'] for tag in found}}
result = [tags.get('stage'), 'asiaq:sharing' in tags]"
            ))
        };
        let there = if launch == json!([]) { Value::Null } else { tags(&self.two) };
        json!([launch, tags(&self.shop.world), there])
    }

    fn all(&self, stage: &str) -> Value {
        json!([[self.two.credentials.account], [stage, false], [stage, false]])
    }
}

#[test]
fn what_passed_is_shared_and_what_is_taken_back_is_told_there() {
    let shared = Shared::new();
    let Shared { shop, .. } = &shared;
    shared.baked_by(&shop.new, "alice");
    // Nobody who is trusted has baked it: it is deployed here, and stays here.
    let said = shop.deploy(&[]);
    assert!(said.code == 0 && joined(&said.stderr).contains("`alice` has baked it"), "{said:#?}");
    assert_eq!(shared.seen(&shop.new), json!([[], ["tested", false], null]));
    let new = shared.baked(1_771_000_000, "jenkins");
    let look = shop.world.asiaq(&["deploy", "web", "--env", "ci", "--dry-run"]);
    assert!(look.code == 10 && look.stdout.contains("share it with `two`"), "{look:#?}");
    assert_eq!(shared.seen(&new), json!([[], ["untested", false], null]));
    let said = shop.deploy(&["--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let ends: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(ends[0]["result"] == json!("deployed") && ends[0].get("not_shared").is_none(), "{ends:#}");
    assert_eq!(shared.seen(&new), shared.all("tested"));
    // Groups there would go on choosing it.
    let words = ["deploy", "rollback", "--env", "ci", "--hostclass", "front", "--yes", "--timeout", "20s"];
    let said = alive(&shop.world, &[], || shop.world.asiaq(&words));
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(shared.seen(&new), shared.all("failed"));
}

#[test]
fn a_sharing_that_fails_undoes_no_deploy_and_is_finished_by_the_next() {
    let shared = Shared::new();
    let Shared { shop, .. } = &shared;
    shared.baked_by(&shop.new, "jenkins");
    let proxy = Proxy::start(moto::endpoint());
    for attempt in 1..=9 {
        proxy.on("ModifyImageAttribute", attempt, Fault::Failed(Moment::Before));
    }
    let words = ["deploy", "web", "--env", "ci", "--yes", "--timeout", "20s", "--format", "json"];
    let said = alive(&shop.world, &[], || shop.world.asiaq_impatient(&proxy, &words));
    assert_eq!(said.code, 3, "{said:#?}");
    let ends: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&ends[0]["result"], &ends[0]["error"]), (&json!("deployed"), &Value::Null), "{ends:#}");
    assert!(ends[0]["not_shared"].as_str().unwrap().contains("asiaq image share"), "{ends:#}");
    shop.only(&shop.new);
    shop.is_settled(&shop.new);
    assert_eq!(shared.seen(&shop.new), json!([[], ["tested", true], null]));
    let look = shop.world.asiaq(&["deploy", "web", "--env", "ci", "--dry-run"]);
    assert!(look.code == 10 && joined(&look.stderr).contains("has not finished to share"), "{look:#?}");
    let said = shop.deploy(&[]);
    assert!(said.code == 0 && said.stdout.contains("shared"), "{said:#?}");
    assert_eq!(shared.seen(&shop.new), shared.all("tested"));
    let said = shop.deploy(&[]);
    assert!(said.code == 0 && said.stderr.contains("nothing to deploy"), "{said:#?}");
}

#[test]
fn a_sharing_that_was_killed_is_finished_with_its_deploy() {
    let shared = Shared::new();
    let Shared { shop, .. } = &shared;
    shared.baked_by(&shop.new, "jenkins");
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("ModifyImageAttribute", 1, Fault::Hanging(Moment::Before));
    let words = ["deploy", "web", "--env", "ci", "--yes", "--timeout", "20s"];
    killed(&shop.world, &proxy, "ModifyImageAttribute 1", &words);
    let said = shop.deploy(&[]);
    assert_eq!(said.code, 0, "{said:#?}");
    shop.only(&shop.new);
    assert_eq!(shared.seen(&shop.new), shared.all("tested"));
}

#[test]
fn the_policy_for_deploys_is_enough_to_share() {
    let shared = Shared::new();
    let Shared { shop, .. } = &shared;
    shared.baked_by(&shop.new, "jenkins");
    let proxy = Proxy::start(moto::endpoint());
    let words = ["deploy", "web", "--env", "ci", "--yes", "--timeout", "20s"];
    alive(&shop.world, &[], || needs(&shop.world, &proxy, &words, 0));
    assert_eq!(shared.seen(&shop.new), shared.all("tested"));
}

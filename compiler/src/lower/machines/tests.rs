//! Programs in, resources out.

mod images;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    Address, AutoScalingGroup, Facts, GroupSize, ImageFact, LaunchTemplate, RegionFacts, Resource, SmokeTest,
    SnapshotFact,
};

use crate::{Checked, Lowered, fixture};

/// A project of one environment that runs what `stages` say, with the hostclass `mhcfoo` and `more` declarations.
fn checked(foo: &str, stages: &str, more: &str) -> Checked {
    let text = format!(
        "project shop {{ region = us-west-2, domain = \"dev.shop.example\", team = \"astro\" }}
envtype sandbox {{ zones = 2, metanetwork app {{}}, metanetwork ops {{}} }}
env ci : sandbox {{ cidr = 10.0.0.0/20, pipeline = all_of_it, tags = {{ environment_class = \"test\" }} }}
hostclass mhcfoo {{ network = app
{foo}
}}
pipeline all_of_it {{ {stages} }}
{more}
"
    );
    let checked = fixture::check(&text);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    checked
}

/// An environment with all that the instances of the original Asiaq got.
fn classic(foo: &str) -> Checked {
    let more = "env old : sandbox { cidr = 10.1.0.0/20, pipeline = all_of_it, instance_data = classic, \
                tags = { environment_class = \"test\" } }";
    checked(foo, "stage { run mhcfoo { desired = 1 } }", more)
}

fn run(foo: &str, run: &str) -> Checked {
    checked(foo, &format!("stage {{ run mhcfoo {{ {run} }} }}"), "")
}

fn resource(lowered: &Lowered, path: &str) -> Resource {
    let found = lowered.ir.resources.get(&Address::new("ci", path));
    found.unwrap_or_else(|| panic!("{path}: {:#?}", lowered.diagnostics)).resource.clone()
}

fn template(lowered: &Lowered) -> LaunchTemplate {
    match resource(lowered, "hostclass/mhcfoo/launch-template") {
        Resource::LaunchTemplate(template) => template,
        other => panic!("{other:?}"),
    }
}

fn group(lowered: &Lowered) -> AutoScalingGroup {
    match resource(lowered, "hostclass/mhcfoo/group") {
        Resource::AutoScalingGroup(group) => group,
        other => panic!("{other:?}"),
    }
}

fn fresh(checked: &Checked) -> Lowered {
    checked.lower(&Facts::default())
}

/// What a group is made with, and what holds of it later.
fn sizes(run_body: &str) -> (GroupSize, [Option<u32>; 3]) {
    let group = group(&fresh(&run("", run_body)));
    (group.initial, [group.min, group.desired, group.max])
}

fn made(min: u32, desired: u32, max: u32) -> GroupSize {
    GroupSize { min, desired, max }
}

#[test]
fn a_group_is_made_as_large_as_it_says() {
    assert_eq!(sizes("desired = 4, max = 5"), (made(0, 4, 5), [Some(0), Some(4), Some(5)]));
    assert_eq!(sizes("min = 1, desired = 4"), (made(1, 4, 4), [Some(1), Some(4), Some(4)]));
    assert_eq!(sizes("min = 1, max = 5"), (made(1, 5, 5), [Some(1), None, Some(5)]));
    assert_eq!(sizes("min = 2"), (made(2, 2, 2), [Some(2), None, Some(2)]));
    assert_eq!(sizes("desired = 0, max = 3"), (made(0, 0, 3), [Some(0), Some(0), Some(3)]));
    assert_eq!(
        sizes("desired = [2 at \"1 0 * * *\", 3 at \"6 0 * * *\"]"),
        (made(0, 3, 3), [Some(0), None, Some(3)])
    );
    assert_eq!(
        sizes("min = [1 at \"0 20 * * *\", 2 at \"0 6 * * *\"], desired = 2, max = 6"),
        (made(1, 2, 6), [None, None, Some(6)])
    );
    // A policy that is declared moves the number; the two that every group has are for people.
    assert_eq!(
        sizes("desired = 4, max = 9, scaling load { track = cpu, target = 60 }"),
        (made(0, 4, 9), [Some(0), None, Some(9)])
    );
}

#[test]
fn times_are_joined_over_the_sizes() {
    let times = |body: &str| -> Vec<String> {
        let shown = |size: Option<u32>| size.map_or("-".to_owned(), |size| size.to_string());
        let schedules = group(&fresh(&run("", body))).schedules;
        let line = |at: &asiaq_ir::Schedule| {
            format!("{}: {} {} {}", at.cron, shown(at.min), shown(at.desired), shown(at.max))
        };
        schedules.iter().map(line).collect()
    };
    assert_eq!(
        times("min = 1, desired = [2 at \"1 0 * * *\", 3 at \"2 0 * * *\"], max = 5"),
        ["1 0 * * *: - 2 -", "2 0 * * *: - 3 -"]
    );
    assert_eq!(
        times(
            "min = [1 at \"1 0 * * *\", 2 at \"4 0 * * *\"]
             desired = [2 at \"1 0 * * *\", 3 at \"2 0 * * *\"]
             max = [6 at \"3 0 * * *\", 9 at \"2 0 * * *\"]"
        ),
        ["1 0 * * *: 1 2 -", "2 0 * * *: - 3 9", "3 0 * * *: - - 6", "4 0 * * *: 2 - -"]
    );
}

#[test]
fn a_reserve_stays_on_demand() {
    let spot = |body: &str| {
        let spot = group(&fresh(&run("", &format!("desired = 2, spot {{ {body} }}")))).spot.unwrap();
        (spot.base, spot.on_demand)
    };
    assert_eq!(spot("reserve = 53%"), (0, 53));
    assert_eq!(spot("reserve = 20"), (20, 0));
    assert_eq!(spot(""), (0, 0));
    assert_eq!(group(&fresh(&run("", "desired = 2"))).spot, None);
}

#[test]
fn machines_are_where_their_static_addresses_are() {
    let subnets = |ips: &str| -> Vec<String> {
        let subnets = group(&fresh(&run(ips, "desired = 1"))).subnets;
        subnets.iter().map(|subnet| serde_json::to_string(subnet).unwrap()).collect()
    };
    let (one, two) = (r#"{"ref":"ci/app/subnet/1"}"#, r#"{"ref":"ci/app/subnet/2"}"#);
    assert_eq!(subnets(""), [one, two]);
    assert_eq!(subnets("ip = +5"), [one]);
    assert_eq!(subnets("ip = -2"), [two]);
    assert_eq!(subnets("ips = [+5, -2]"), [one, two]);
    // The interface is in another metanetwork, in the same zone.
    assert_eq!(subnets("ip = ops - 2"), [two]);
}

#[test]
fn each_further_address_has_an_interface_of_its_own() {
    let lowered = fresh(&run("ips = [+5, -2]", "desired = 2"));
    let address = |path: &str| match resource(&lowered, path) {
        Resource::NetworkInterface(interface) => interface.address.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        ["interface/mhcfoo/10.0.0.5", "interface/mhcfoo/10.0.7.253"].map(address),
        ["10.0.0.5", "10.0.7.253"]
    );
    let user_data = template(&lowered).user_data;
    assert!(
        user_data.contains("floating_ip=\"10.0.0.5\"\nfloating_ips=\"10.0.0.5 10.0.7.253\"\n"),
        "{user_data}"
    );
}

#[test]
fn user_data_is_lines_that_a_shell_sources() {
    let text = "project shop {
  region = us-west-2, domain = \"dev.shop.example\", team = \"astro\"
  http_proxy = squid, logger = logs, log_forwarder = logs
}
env ci {
  cidr = 10.0.0.0/20, zones = 1, pipeline = all_of_it, credential_buckets = [\"shared\", \"ci\"]
  INSTANCE_DATA
  metanetwork app {}
}
hostclass squid { network = app, ip = +5 }
hostclass logs { network = app, ip = +6 }
hostclass mhcfoo {
  network = app, eip = 203.0.113.9, ip = +7, proxy = true, user_data = { role = \"leader of all\" }
  smoke_test { terminates = false }
}
pipeline all_of_it {
  stage { run squid { desired = 1 }, run logs { desired = 1 }, run mhcfoo { desired = 1, spot {} } }
}
";
    let user_data = |data: &str| {
        template(&fresh(&fixture::check(&text.replace("INSTANCE_DATA", data)))).user_data.clone()
    };
    let minimal = r#"credential_buckets="us-west-2.shop.credentials.shared us-west-2.shop.credentials.ci"
eip="203.0.113.9"
floating_ip="10.0.0.7"
floating_ips="10.0.0.7"
http_proxy_ip="10.0.0.5"
logforwarder_ip="10.0.0.6"
logger_ip="10.0.0.6"
role="leader of all"
smoketest_termination="0"
"#;
    assert_eq!(user_data(""), minimal);
    let expected = r#"credential_buckets="us-west-2.shop.credentials.shared us-west-2.shop.credentials.ci"
domain_name="dev.shop.example"
eip="203.0.113.9"
environment_name="ci"
floating_ip="10.0.0.7"
floating_ips="10.0.0.7"
hostclass="mhcfoo"
http_proxy_ip="10.0.0.5"
is_spotinst="1"
logforwarder_ip="10.0.0.6"
logger_ip="10.0.0.6"
owner="astro"
project_name="shop"
role="leader of all"
smoketest_termination="0"
zookeepers="[\"mhczookeeper-ci.dev.shop.example:2181\"]"
"#;
    assert_eq!(user_data("instance_data = classic"), expected);
}

#[test]
fn instances_of_which_nothing_is_said_get_no_user_data() {
    assert_eq!(template(&fresh(&run("", "desired = 1, spot {}"))).user_data, "");
}

#[test]
fn a_script_is_the_user_data_or_a_part_of_it() {
    let user_data = |foo: &str| template(&fresh(&run(foo, "desired = 1"))).user_data.clone();
    let script = "script = \"#!/bin/sh\\necho ${env.name} $HOME \\${HOME}\\n\"";
    assert_eq!(user_data(script), "#!/bin/sh\necho ci $HOME ${HOME}\n");
    let both = user_data(&format!("{script}, eip = 203.0.113.9"));
    let found = asiaq_ir::user_data::contents(&both);
    assert_eq!(found.values, "eip=\"203.0.113.9\"\n");
    assert_eq!(found.scripts[0].text, "#!/bin/sh\necho ci $HOME ${HOME}\n");
    let two = user_data("script = [\"#!/bin/sh\\na\\n\", \"#cloud-config\\nb: 1\\n\"]");
    let texts: Vec<String> =
        asiaq_ir::user_data::contents(&two).scripts.iter().map(|script| script.text.to_string()).collect();
    assert_eq!(texts, ["#!/bin/sh\na\n", "#cloud-config\nb: 1\n"]);
}

#[test]
fn tags_for_chaos_and_deployments_are_written_where_they_are_said() {
    let tags = |foo: &str, run_of: &str| -> Vec<String> {
        let lowered = fresh(&run(foo, run_of));
        let node = &lowered.ir.resources[&Address::new("ci", "hostclass/mhcfoo/group")];
        let own =
            node.tags.iter().filter(|(key, _)| !matches!(key.as_str(), "asiaq:address" | "asiaq:project"));
        own.map(|(key, value)| format!("{key}={value}")).collect()
    };
    let always = [
        "Name=ci_mhcfoo",
        "application=",
        "asiaq:env=ci",
        "asiaq:stage=1",
        "environment=ci",
        "hostclass=mhcfoo",
    ];
    let without_class = |tags: Vec<String>| -> Vec<String> {
        let ours = |tag: &String| !tag.starts_with("environment_class") && !tag.starts_with("asiaq:tags");
        tags.into_iter().filter(|tag| !tag.starts_with("type=") && ours(tag)).collect()
    };
    assert_eq!(without_class(tags("", "desired = 1")), always);
    let chaos = tags("chaos = false", "desired = 1");
    assert!(
        chaos.contains(&"chaos=False".to_owned()) && !chaos.contains(&"is_testing=0".to_owned()),
        "{chaos:?}"
    );
    let deployed = tags("", "desired = 1, deployable = true");
    assert!(deployed.contains(&"is_testing=0".to_owned()), "{deployed:?}");
}

#[test]
fn a_classic_group_carries_the_tags_that_others_rely_on() {
    let foo = "product_line = \"shop\", chaos = false, tags = { tier = \"web\" }";
    let lowered = fresh(&classic(foo));
    let node = &lowered.ir.resources[&Address::new("old", "hostclass/mhcfoo/group")];
    let tags: Vec<String> = node.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let expected = "Name=old_mhcfoo
application=mhcfoo
asiaq:address=old/hostclass/mhcfoo/group
asiaq:env=old
asiaq:project=shop
asiaq:stage=1
asiaq:tags=environment_class productline tier
chaos=False
environment=old
environment_class=test
hostclass=mhcfoo
is_testing=0
owner=astro
productline=shop
tier=web
type=sandbox";
    assert_eq!(tags.join("\n"), expected);
}

#[test]
fn a_stage_comes_after_everything_of_the_stages_before_it() {
    let stages = "stage { run a { desired = 1, smoke_test = true }, run b { desired = 1 } }
stage { run mhcfoo { desired = 1 } }
stage { run c { desired = 1 } }";
    let more = "hostclass a { network = app }\nhostclass b { network = app }\nhostclass c { network = app }";
    let lowered = fresh(&checked("", stages, more));
    let after = |name: &str| -> Vec<String> {
        let node = &lowered.ir.resources[&Address::new("ci", &format!("hostclass/{name}/group"))];
        assert_eq!(
            node.tags["asiaq:stage"],
            match name {
                "a" | "b" => "1",
                "c" => "3",
                _ => "2",
            }
        );
        // Everything that comes before, by way of all barriers.
        let mut before = BTreeSet::new();
        let mut rest: Vec<&Address> = node.after.iter().collect();
        while let Some(address) = rest.pop() {
            match lowered.ir.barriers.get(address) {
                Some(members) => rest.extend(members),
                None => before.extend(address.path().strip_prefix("hostclass/").map(str::to_owned)),
            }
        }
        before.into_iter().collect()
    };
    assert_eq!(after("a"), Vec::<String>::new());
    assert_eq!(after("mhcfoo"), ["a/group", "a/group/smoke-test", "b/group"]);
    assert_eq!(after("c"), ["a/group", "a/group/smoke-test", "b/group", "mhcfoo/group"]);
}

#[test]
fn a_stage_that_runs_nothing_here_does_not_break_the_order() {
    let stages = "stage { run a { desired = 1 } }
stage {}
stage { run mhcfoo { desired = 1 } }";
    let lowered = fresh(&checked("", stages, "hostclass a { network = app }"));
    let node = &lowered.ir.resources[&Address::new("ci", "hostclass/mhcfoo/group")];
    let barrier = Address::new("ci", "pipeline/stage/1");
    assert!(node.after.contains(&barrier), "{:?}", node.after);
    assert_eq!(lowered.ir.barriers[&barrier], BTreeSet::from([Address::new("ci", "hostclass/a/group")]));
}

#[test]
fn the_order_of_stages_takes_a_few_entries_for_each_group() {
    let entries = |hosts: usize, stages: usize| {
        let names: Vec<String> = (0..hosts).map(|at| format!("h{at}")).collect();
        let stage = |names: &[String]| {
            let runs: Vec<String> =
                names.iter().map(|name| format!("run {name} {{ desired = 1 }}")).collect();
            format!("stage {{ {} }}", runs.join("\n"))
        };
        let stages: Vec<String> = names.chunks(hosts / stages).map(stage).collect();
        let more: Vec<String> =
            names.iter().map(|name| format!("hostclass {name} {{ network = app }}")).collect();
        let lowered = fresh(&checked("", &stages.join("\n"), &more.join("\n")));
        let after: usize = lowered.ir.resources.values().map(|node| node.after.len()).sum();
        after + lowered.ir.barriers.values().map(BTreeSet::len).sum::<usize>()
    };
    let (few, many) = (entries(12, 4), entries(48, 4));
    assert!(few > 12 && many <= 4 * few, "{few} {many}");
}

#[test]
fn a_group_comes_after_what_its_machines_find_at_boot() {
    let stages = "stage { run fixed { desired = 1 } }";
    let more = "hostclass fixed { network = app, ip = +5 }\nhostclass fixed_too { network = app, ip = +6 }";
    let lowered = fresh(&checked("", stages, more));
    let node = &lowered.ir.resources[&Address::new("ci", "hostclass/fixed/group")];
    let after: Vec<&str> = node.after.iter().map(Address::path).collect();
    assert!(after.contains(&"interface/fixed") && after.contains(&"app/route-table/1"), "{after:?}");
    assert!(!after.contains(&"app/route-table/2") && !after.contains(&"interface/fixed_too"), "{after:?}");
}

#[test]
fn a_smoke_test_is_there_where_the_run_wants_it() {
    let lowered = fresh(&run("", "desired = 1"));
    assert!(!lowered.ir.resources.contains_key(&Address::new("ci", "hostclass/mhcfoo/group/smoke-test")));
    let test = |foo: &str| -> SmokeTest {
        match resource(
            &fresh(&run(foo, "desired = 1, smoke_test = true")),
            "hostclass/mhcfoo/group/smoke-test",
        ) {
            Resource::SmokeTest(test) => test,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((test("").check, test("").timeout), (asiaq_ir::SmokeCheck::Tag, 1200));
    let http = test("smoke_test { check = http, port = 8080, timeout = 5m }");
    let check = asiaq_ir::SmokeCheck::Http { port: 8080, path: "/".to_owned() };
    assert_eq!((http.check, http.timeout), (check, 300));
}

// --------------------------------------------------------------------------------------- Images and disks

fn image(id: &str, name: &str, tags: &[(&str, &str)]) -> ImageFact {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    ImageFact {
        id: format!("ami-{id}"),
        name: name.to_owned(),
        owner: "111111111111".to_owned(),
        created: "2026-01-01T00:00:00.000Z".to_owned(),
        is_available: true,
        tags: tags.collect(),
        root_device: "/dev/sda1".to_owned(),
        root_size: Some(20),
        architecture: "x86_64".to_owned(),
    }
}

fn holding(images: Vec<ImageFact>, snapshots: Vec<SnapshotFact>) -> Facts {
    let zones = vec!["us-west-2a".to_owned(), "us-west-2b".to_owned()];
    let region = RegionFacts { zones, images, snapshots, ..RegionFacts::default() };
    let account = Some("111111111111".to_owned());
    Facts { account, regions: BTreeMap::from([("us-west-2".to_owned(), region)]), ..Facts::default() }
}

fn disks(foo: &str, run_body: &str) -> Vec<String> {
    let snapshot = |id: &str, started: &str, size| SnapshotFact {
        id: id.to_owned(),
        started: started.to_owned(),
        is_completed: true,
        size,
        tags: [("hostclass", "mhcfoo"), ("env", "ci")].map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
    };
    let snapshots =
        vec![snapshot("snap-1", "2026-01-01T00:00:00Z", 50), snapshot("snap-2", "2026-02-01T00:00:00Z", 60)];
    let facts = holding(vec![image("1", "mhcfoo 1500000000", &[])], snapshots);
    let lowered = run(foo, &format!("desired = 1, {run_body}")).lower(&facts);
    assert_eq!(lowered.diagnostics, []);
    let shown = |disk: &asiaq_ir::Disk| {
        let value = serde_json::to_value(disk).unwrap();
        let said =
            value.as_object().unwrap().iter().filter(|(key, value)| *key != "device" && !value.is_null());
        let said: Vec<String> = said.map(|(key, value)| format!("{key}={value}")).collect();
        format!("{} {}", disk.device, said.join(" ")).trim_end().to_owned()
    };
    template(&lowered).disks.iter().map(shown).collect()
}

#[test]
fn letters_go_to_the_root_the_snapshot_the_further_disks_and_the_machines_own() {
    assert_eq!(disks("", "type = m5.large"), ["/dev/sda1"]);
    assert_eq!(disks("", "extra_space = 10GB"), ["/dev/sda1 size=30"]);
    assert_eq!(disks("root_size = 40GB", "extra_space = 10GB"), ["/dev/sda1 size=50"]);
    assert_eq!(
        disks(
            "stateful = true, disk data { size = 10GB }",
            "type = m3.large, extra_disk = 200GB, iops = 1000"
        ),
        [
            "/dev/sda1",
            "/dev/sdb iops=1000 size=60 snapshot=\"snap-2\" volume=\"io1\"",
            "/dev/sdc iops=1000 size=200 volume=\"io1\"",
            "/dev/sdd encrypted=true size=10 volume=\"gp3\"",
            "/dev/sde ephemeral=0",
        ]
    );
    // As many of the machine's own disks as every instance type has.
    assert_eq!(disks("", "type = m3.2xlarge, types = [m3.large]"), ["/dev/sda1", "/dev/sdb ephemeral=0"]);
    assert_eq!(disks("ephemeral = 0", "type = m3.2xlarge"), ["/dev/sda1"]);
}

//! Saved plans: what of the file is believed, and who can read it.

use serde_json::{Value, json};

use super::World;

const ONE: &str = "project p { region = us-west-2 }
env ci { cidr = 10.0.0.0/20, zones = 1, metanetwork web {} }
";

impl World {
    /// Edits a saved plan as a program that knows its form would.
    fn edit(&self, name: &str, edit: impl FnOnce(&mut Value)) {
        let mut plan: Value = serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap();
        edit(&mut plan);
        std::fs::write(self.path(name), plan.to_string()).unwrap();
    }
}

#[test]
fn protection_is_read_from_the_account_and_not_from_the_file() {
    let protected = ONE.replace("zones = 1", "zones = 1, protect = true");
    let world = World::new(&protected);
    world.apply();
    let before = world.look();
    world.write("project p { region = us-west-2 }");
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    world.edit("plan.json", |plan| {
        plan["plan"]["protected"] = json!([]);
        plan["plan"]["scope"]["named"] = json!(true);
    });
    let said = world.asiaq(&["apply", "plan.json", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("protected by the tag `asiaq:protect` of the VPC"), "{said:#?}");

    // A declared environment: the flag is edited, and the tag of the VPC still wanted.
    world.write(&protected.replace("metanetwork web {}", "metanetwork app {}, metanetwork ops {}"));
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    world.edit("plan.json", |plan| {
        plan["plan"]["protected"] = json!([]);
        plan["plan"]["ir"]["environments"]["ci"]["protect"] = json!(false);
    });
    let said = world.asiaq(&["apply", "plan.json", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("protected"), "{said:#?}");
    assert_eq!(world.look(), before);

    // A tag that was set after the plan was saved counts.
    let world = World::new(ONE);
    world.apply();
    world.write("project p { region = us-west-2 }");
    assert_eq!(world.asiaq(&["plan", "--env", "ci", "-o", "plan.json"]).code, 10);
    world.boto(
        "ids = [vpc['VpcId'] for vpc in ec2.describe_vpcs()['Vpcs'] if not vpc['IsDefault']]
ec2.create_tags(Resources=ids, Tags=[{'Key': 'asiaq:protect', 'Value': 'true'}])",
    );
    let said = world.asiaq(&["apply", "plan.json", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
}

#[test]
fn a_digest_tells_whether_the_file_is_the_one_that_was_reviewed() {
    let world = World::new(ONE);
    let said = world.asiaq(&["plan", "-o", "plan.json"]);
    let digest = said.stderr.split_whitespace().find(|word| word.starts_with("sha256:")).unwrap().to_owned();
    assert_eq!(digest.len(), "sha256:".len() + 64);
    let plan: Value = serde_json::from_slice(&std::fs::read(world.path("plan.json")).unwrap()).unwrap();
    assert_eq!(plan["asiaq"], env!("CARGO_PKG_VERSION"));

    let bytes = std::fs::read(world.path("plan.json")).unwrap();
    world.edit("plan.json", |plan| plan["plan"]["notes"] = json!([]));
    let other = world.asiaq(&["apply", "plan.json", "--yes", "--digest", &digest]);
    assert_eq!(other.code, 2, "{other:#?}");
    assert!(other.stderr.contains("is not the plan of this digest"), "{other:#?}");
    for (arguments, words) in [
        (&["apply", "plan.json", "--yes", "--digest", "abc"][..], "64 hexadecimal digits"),
        (&["apply", "--yes", "--digest", &digest], "`--digest` is about a saved plan"),
    ] {
        let said = world.asiaq(arguments);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(words), "{said:#?}");
    }
    assert_eq!(world.look().trim(), "", "nothing is made");

    std::fs::write(world.path("plan.json"), bytes).unwrap();
    let said = world.asiaq(&["apply", "plan.json", "--yes", "--digest", &digest]);
    assert_eq!(said.code, 0, "{said:#?}");
    world.assert_settled();
}

#[test]
fn a_plan_of_an_older_asiaq_is_still_applied() {
    let world = World::new(ONE);
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    world.edit("plan.json", |plan| {
        plan.as_object_mut().unwrap().remove("asiaq");
        // It rated some steps differently.
        for step in plan["plan"]["steps"].as_array_mut().unwrap() {
            step["risk"] = json!("disruptive");
        }
    });
    let said = world.asiaq(&["apply", "plan.json", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world.assert_settled();
}

#[cfg(unix)]
#[test]
fn a_plan_is_for_its_owner_and_is_written_in_one_step() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let world = World::new(ONE);
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    let mode = || std::fs::metadata(world.path("plan.json")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(world.path("plan.json"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    assert_eq!(mode(), 0o600);

    std::fs::write(world.path("target"), "").unwrap();
    symlink(world.path("target"), world.path("link")).unwrap();
    let said = world.asiaq(&["plan", "-o", "link"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("it is a link: name the file itself"), "{said:#?}");
    assert_eq!(std::fs::read_to_string(world.path("target")).unwrap(), "");
    // What cannot be written leaves what was there.
    let before = std::fs::read(world.path("plan.json")).unwrap();
    assert_eq!(world.asiaq(&["plan", "-o", "/dev/full"]).code, 2);
    assert_eq!(std::fs::read(world.path("plan.json")).unwrap(), before);
    let left: Vec<_> =
        std::fs::read_dir(world.path(".")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".asiaq-")), "{left:?}");
}

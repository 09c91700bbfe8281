//! Where a program is from: clones are one project, another repository is not, and a new name is noticed.

use super::World;

const SHOP: &str = "project shop { region = us-west-2 }
env ci {
  cidr  = 10.0.0.0/20
  zones = 1
  metanetwork web {}
}
";

/// Makes the world's folder a clone of `url`.
fn clone_of(world: &World, url: &str) {
    std::fs::create_dir_all(world.path(".git")).unwrap();
    std::fs::write(world.path(".git/config"), format!("[remote \"origin\"]\n\turl = {url}\n")).unwrap();
}

fn origin(world: &World) -> serde_json::Value {
    world.boto(
        "vpcs = ec2.describe_vpcs(Filters=[{'Name': 'tag:asiaq:address', 'Values': ['ci/vpc']}])['Vpcs']
result = [tag['Value'] for vpc in vpcs for tag in vpc['Tags'] if tag['Key'] == 'asiaq:origin']",
    )
}

#[test]
fn another_repository_with_the_same_project_is_refused() {
    let world = World::new(SHOP);
    // In no repository: nothing is said, and nothing is refused later.
    world.apply();
    assert_eq!(origin(&world), serde_json::json!([]));
    clone_of(&world, "git@github.com:acme/infra.git");
    let said = world.apply();
    assert!(said.stdout.contains("asiaq:origin"), "{}", said.stdout);
    assert_eq!(origin(&world), serde_json::json!(["github.com/acme/infra"]));
    clone_of(&world, "https://token:secret@github.com/acme/infra");
    world.assert_settled();

    clone_of(&world, "https://github.com/other/example.git");
    world.write(&SHOP.replace("env ci", "env qa"));
    let before = world.look();
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"]] {
        let said = world.asiaq(command);
        assert_eq!(said.code, 2, "{said:#?}");
        let refusal = "project `shop` has been applied to `ci` from `github.com/acme/infra`, and this program is from \
                       `github.com/other/example`: two projects in an account need two names; if the program has \
                       moved, add `--take-over`\n";
        assert!(said.stderr.ends_with(refusal), "{}", said.stderr);
    }
    std::fs::remove_dir_all(world.path(".git")).unwrap();
    let said = world.asiaq(&["apply", "--yes"]);
    assert!(said.stderr.contains("this program is in no Git repository with a remote"), "{said:#?}");
    assert_eq!(world.look(), before);

    clone_of(&world, "https://github.com/other/example.git");
    world.write(SHOP);
    let said = world.asiaq(&["apply", "--yes", "--take-over"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(origin(&world), serde_json::json!(["github.com/other/example"]));
    world.assert_settled();
}

#[test]
fn a_renamed_project_sees_what_stood_under_its_old_name() {
    let world = World::new(SHOP);
    clone_of(&world, "git@github.com:acme/infra.git");
    world.apply();
    let note = |program: &str| {
        world.write(program);
        let plan = world.asiaq(&["plan"]);
        assert_eq!(plan.code, 10, "{plan:#?}");
        let words: Vec<&str> = plan.stdout.split_whitespace().collect();
        words.join(" ").contains("of project `shop` may be what it was under another name of this project")
    };
    let renamed = SHOP.replace("project shop", "project store");
    assert!(note(&renamed), "of the same block and origin");
    assert!(note(&renamed.replace("10.0.0.0/20", "10.9.0.0/20")), "of the same origin");
    assert!(!note(&renamed.replace("10.0.0.0/20", "10.9.0.0/20").replace("env ci", "env qa")));
}

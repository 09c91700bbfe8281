//! `asiaq new project`: what it writes is sound, laid out, and can be applied.

use super::World;

const ANSWERS: [&str; 6] = ["--name", "shop", "--region", "us-west-2", "--domain", "shop.example"];

fn new_project(world: &World, more: &[&str]) -> super::Said {
    world.asiaq(&[&["new", "project", "site"], &ANSWERS[..], more].concat())
}

#[test]
fn a_new_project_is_sound_and_can_be_applied() {
    let world = World::empty();
    let said = new_project(&world, &[]);
    assert_eq!(said.code, 0, "{said:#?}");
    for path in said.stdout.lines() {
        assert!(world.path(path).exists(), "{path}");
    }
    let check = world.asiaq(&["check", "site"]);
    assert!(check.code == 0 && check.stdout.contains("no errors, no warnings"), "{check:#?}");
    assert_eq!(world.asiaq(&["fmt", "--check", "site"]).code, 0);

    let made = world.stock_for("site");
    assert!(made.contains("us-west-2 newest-image 099720109477 ubuntu/images/"), "{made}");
    assert_eq!(world.stock_for("site"), "", "what is there is not made again");
    let apply = world.asiaq(&["apply", "--yes", "site"]);
    assert_eq!(apply.code, 0, "{apply:#?}");
    let plan = world.asiaq(&["plan", "site"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    let balancers = world.boto(
        "result = sorted(lb['LoadBalancerName'] for lb in client('elbv2').describe_load_balancers()['LoadBalancers'])",
    );
    assert_eq!(balancers, serde_json::json!(["dev-web", "live-web"]));

    let refused = world.asiaq(&["destroy", "--yes", "site"]);
    assert!(refused.code == 2 && refused.stderr.contains("--allow data-loss"), "{refused:#?}");
    let destroy = world.asiaq(&["destroy", "--yes", "--allow", "data-loss", "site"]);
    assert_eq!(destroy.code, 0, "{destroy:#?}");
}

#[test]
fn a_new_project_overwrites_nothing() {
    let world = World::empty();
    assert_eq!(new_project(&world, &["--ci", "gitlab"]).code, 0);
    let again = new_project(&world, &[]);
    assert_eq!(again.code, 2, "{again:#?}");
    assert!(again.stderr.contains("has a project already"), "{again:#?}");

    let other = World::empty();
    std::fs::create_dir(other.path("site")).unwrap();
    std::fs::write(other.path("site/.gitlab-ci.yml"), "mine").unwrap();
    let refused = new_project(&other, &["--ci", "gitlab"]);
    assert!(refused.code == 2 && refused.stderr.contains("--ci none"), "{refused:#?}");
    assert_eq!(std::fs::read_dir(other.path("site")).unwrap().count(), 1, "nothing was written");
    assert_eq!(new_project(&other, &["--ci", "none"]).code, 0);
    assert_eq!(std::fs::read_to_string(other.path("site/.gitlab-ci.yml")).unwrap(), "mine");
}

#[test]
fn answers_that_make_no_project_are_refused() {
    let world = World::empty();
    let refusals = [
        (
            vec!["--name", "my shop", "--region", "us-west-2", "--domain", "shop.example"],
            "`my shop` cannot be the name",
        ),
        (vec!["--name", "1st", "--region", "us-west-2", "--domain", "shop.example"], "1st"),
        (vec!["--name", "shop", "--region", "us-wst-2", "--domain", "shop.example"], "us-wst-2"),
        (vec!["--name", "shop", "--region", "us-west-2", "--domain", "shop..example"], "shop..example"),
        (vec!["--name", "shop", "--domain", "shop.example"], "add `--region`"),
        (vec!["--region", "us-west-2"], "add `--domain`"),
    ];
    for (answers, why) in refusals {
        let said = world.asiaq(&[&["new", "project", "site"], &answers[..]].concat());
        assert!(said.code == 2 && said.stderr.contains(why), "{why}: {said:#?}");
        assert!(!world.path("site").exists(), "nothing is written");
    }
}

#[test]
fn the_workflows_are_yaml_with_the_region() {
    for (ci, path) in [("github", "site/.github/workflows/asiaq.yml"), ("gitlab", "site/.gitlab-ci.yml")] {
        let world = World::empty();
        assert_eq!(new_project(&world, &["--ci", ci]).code, 0);
        let text = std::fs::read_to_string(world.path(path)).unwrap();
        assert!(text.contains("us-west-2") && !text.contains("{{region}}"), "{text}");
        let jobs = world.boto(&format!(
            "import yaml
found = yaml.safe_load(open({path:?}))
result = sorted(found.get('jobs', found))"
        ));
        let jobs: Vec<&str> = jobs.as_array().unwrap().iter().filter_map(serde_json::Value::as_str).collect();
        for job in ["apply", "check", "plan"] {
            assert!(jobs.contains(&job), "{jobs:?}");
        }
    }
}

#[test]
fn a_new_hostclass_has_its_script_and_its_place() {
    let world = World::empty();
    assert_eq!(new_project(&world, &[]).code, 0);
    let add = |arguments: &[&str]| world.asiaq(&[&["new", "hostclass"], arguments].concat());
    let read = |path: &str| std::fs::read_to_string(world.path(path)).unwrap();
    // Without a bakery its script runs at the first boot.
    let before = read("site/web.asq");
    let unclear = add(&["worker", "site"]);
    assert!(unclear.code == 2 && unclear.stderr.contains("more than one metanetwork"), "{unclear:#?}");
    assert_eq!(read("site/web.asq"), before, "nothing was written");
    let said = add(&["worker", "site", "--network", "app"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(read("site/worker.asq").contains("script  = file \"init/worker.sh\""));
    assert!(
        read("site/web.asq").contains("  stage { run worker { desired = 1 } }\n}"),
        "{}",
        read("site/web.asq")
    );
    // The project claims something of all instances in that metanetwork.
    assert!(said.stderr.contains("a claim in `site/infra.asq` does not hold with it"), "{said:#?}");
    assert_eq!(world.asiaq(&["fmt", "--check", "site"]).code, 0);
    let again = add(&["worker", "site", "--network", "app"]);
    assert!(again.code == 2 && again.stderr.contains("already"), "{again:#?}");

    // With one, and with a template of the project's own, in a program that is one file.
    std::fs::create_dir_all(world.path("one/init")).unwrap();
    std::fs::write(
        world.path("one/init/template.sh"),
        "#!/bin/sh\necho $TEMPLATED_HOSTCLASS $TEMPLATED_NAME {{name}}\n",
    )
    .unwrap();
    std::fs::write(
        world.path("one/main.asq"),
        "project shop { region = us-west-2, bakery { env = build } }
env build { cidr = 10.20.0.0/20, metanetwork tunnel { ingress = [tcp 22 from internet], routes = [internet via igw] } }
image base { ami { newest = \"debian-12-amd64-*\", owner = \"136693071363\" } }
",
    )
    .unwrap();
    let said = add(&["mhcfoo", "one/main.asq", "--image", "bsae"]);
    assert!(said.code == 2 && said.stderr.contains("did you mean `base`?"), "{said:#?}");
    let said = add(&["mhcfoo", "one/main.asq"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(read("one/init/mhcfoo.sh"), "#!/bin/sh\necho mhcfoo foo mhcfoo\n");
    assert!(
        read("one/main.asq").starts_with("use mhcfoo\n") && read("one/mhcfoo.asq").contains("image  = base")
    );
    assert_eq!(world.asiaq(&["check", "one/main.asq"]).code, 0);
    let wrong = add(&["Mhc", "one/main.asq"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("lower-case"), "{wrong:#?}");
}

//! Sandboxes, which no file declares, are deployed to like other environments.

use super::*;

const PROGRAM: &str = "
project shop { region = us-west-2 }
envtype sandbox {
  cidr  = auto /22 in 10.128.0.0/16
  zones = 1
  metanetwork app {}
}
hostclass front { network = app }
pipeline web { stage { run front { desired = 1, deployable = true } } }
";

#[test]
fn a_sandbox_gets_a_new_ami_and_goes_with_all_it_has() {
    let world = World::new(PROGRAM);
    let before = world.script("census.py", &[]);
    let run = |words: &[&str], code: i32| {
        let said = alive(&world, &[], || world.asiaq(words));
        assert_eq!(said.code, code, "{words:?}: {said:#?}");
        said
    };
    let old = bake(&world, 1_760_000_000, "tested");
    run(&["sandbox", "trial", "--pipeline", "web", "--yes"], 0);
    let new = bake(&world, 1_770_000_000, "untested");
    let look = run(&["deploy", "web", "--env", "trial", "--dry-run"], 10);
    assert!(look.stdout.contains(&format!("{new} in place of {old}")), "{look:#?}");
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("CreateAutoScalingGroup", 1, Fault::Hanging(Moment::After));
    let words = ["deploy", "web", "--env", "trial", "--yes", "--timeout", "20s"];
    killed(&world, &proxy, "CreateAutoScalingGroup 1", &words);
    // The lease of the run that died is that of the sandbox.
    let broken = run(&["unlock", "--env", "trial", "--yes", "--format", "json"], 0);
    assert!(broken.stdout.contains("trial"), "{broken:#?}");
    run(&words, 0);
    let status = run(&["deploy", "status", "--env", "trial", "--format", "json"], 0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((&status[0]["image"], &status[0]["last"]["before"]), (&json!(new), &json!(old)), "{status:#}");
    run(&["plan", "--env", "trial"], 0);
    let said = run(&["test", "front", "--env", "trial"], 2);
    assert!(joined(&said.stderr).contains("has no `integration_test` in `trial`"), "{said:#?}");
    let limits = run(&["limits", "--env", "trial", "--format", "json"], 0);
    assert!(limits.stdout.contains("us-west-2"), "{limits:#?}");
    for words in [&["deploy", "web", "--env", "trail", "--yes"][..], &["limits", "--env", "trail"]] {
        let said = run(words, 2);
        assert!(joined(&said.stderr).contains("`trail`"), "{said:#?}");
    }
    run(&["sandbox", "trial", "--destroy", "--yes"], 0);
    for image in [&old, &new] {
        world.boto(&format!("ec2.deregister_image(ImageId='{image}')\nresult = 0"));
    }
    assert_eq!(world.script("census.py", &[]), before);
}

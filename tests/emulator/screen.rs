//! Plans and answers fit the screen.

use insta::assert_snapshot;

use super::World;

const PROGRAM: &str = r#"
project shop { region = us-west-2, domain = "dev.shop.example" }
envtype shops {
  zones    = 2
  pipeline = web
  tags     = { tier = "small" }
  metanetwork edge {
    routes  = [internet via igw]
    ingress = [tcp 80 from internet "customers"]
    nat     = auto
  }
  metanetwork app {
    routes  = [internet via nat edge]
    ingress = [tcp 8080 from edge]
  }
}
allow(over-quota)
env dev : shops { cidr = 10.1.0.0/20 }
env staging : shops { cidr = 10.2.0.0/20 }
env prod : shops {
  cidr    = 10.3.0.0/20
  protect = true
}
hostclass api {
  network = app
  lb {
    kind      = application
    network   = edge
    public    = true
    listeners = [http 80 -> http 8080]
  }
}
pipeline web { stage { run api { desired = 1 } } }
"#;

const ACCOUNT: &str = r#"{"images": ["api"], "zones": ["dev.shop.example"]}"#;

fn world() -> World {
    let world = World::new(PROGRAM);
    world.stock_with(ACCOUNT);
    world
}

/// What a command says on a screen of a width, or in a pipe.
fn said(world: &World, arguments: &[&str], columns: Option<&str>) -> String {
    let said = world.asiaq_with(arguments, columns.map(|columns| ("COLUMNS", columns)));
    let text = settled(&(said.stdout + &said.stderr));
    let width = columns.map_or(100, |columns| columns.parse().unwrap());
    for line in text.lines() {
        assert!(line.chars().count() <= width, "{} characters: {line}\n{text}", line.chars().count());
    }
    text
}

/// Text in which each AWS id has the digit zero for all of its random digits.
fn settled(text: &str) -> String {
    let mut settled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('-') {
        let (before, after) = rest.split_at(at + 1);
        settled += before;
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        settled += &if digits >= 8 { "0".repeat(digits) } else { after[..digits].to_owned() };
        rest = &after[digits..];
    }
    settled + rest
}

#[test]
fn the_same_change_is_one_line_at_every_width() {
    let world = world();
    world.apply();
    world.write(&PROGRAM.replace("\"small\"", "\"large\"").replace("tcp 8080 from", "tcp [8080, 9000] from"));
    assert_snapshot!("same_in_a_pipe", said(&world, &["plan"], None));
    assert_snapshot!("same_at_100", said(&world, &["plan"], Some("100")));
    assert_snapshot!("same_at_80", said(&world, &["plan"], Some("80")));
    assert_snapshot!("same_at_60", said(&world, &["plan"], Some("60")));
    assert_eq!(said(&world, &["plan"], None), said(&world, &["plan"], Some("200")));

    // Each step is still there for who asks, and for programs.
    let full = said(&world, &["plan", "--full"], None);
    let data = world.asiaq(&["plan", "--format", "json"]).stdout;
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let steps = data["steps"].as_array().unwrap().len();
    assert_eq!(full.lines().filter(|line| line.starts_with("  ~ ")).count(), steps, "{full}");
    assert!(steps > 40, "{steps}");
}

#[test]
fn what_follows_from_a_new_id_is_below_its_cause() {
    let world = world();
    world.apply();
    world.write(&PROGRAM.replace("10.1.0.0/20", "10.8.0.0/20").replace("10.3.0.0/20", "10.9.0.0/20"));
    assert_snapshot!("anew_in_a_pipe", said(&world, &["plan"], None));
    assert_snapshot!("anew_at_80", said(&world, &["plan", "--env", "prod"], Some("80")));
    assert_snapshot!("anew_at_60", said(&world, &["plan", "--env", "prod"], Some("60")));
    assert_snapshot!("refused", said(&world, &["apply", "--env", "prod", "--yes", "--dry-run"], None));
}

const SCALED: &str = r#"
project shop { region = us-west-2, domain = "dev.shop.example" }
env dev {
  cidr     = 10.1.0.0/20
  zones    = 2
  pipeline = web
  metanetwork app {}
}
hostclass api {
  network = app
  elb { listeners = [http 80 -> http 8080, http 81 -> http 8080] }
}
pipeline web {
  stage {
    run api {
      min     = 1
      desired = [1 at "45 19 * * *", 3 at "33 6 * * mon-fri"]
      max     = 5
      scaling load { track = cpu, target = 60 }
      scaling surge {
        step { to = 20, add = 1 }
        step { from = 20, add = 5 }
      }
    }
  }
}
"#;

#[test]
fn what_changes_the_size_of_a_new_group_is_below_it() {
    let world = World::new(SCALED);
    world.stock_with(ACCOUNT);
    assert_snapshot!("new_group_in_a_pipe", said(&world, &["plan"], None));
    assert_snapshot!("new_group_at_100", said(&world, &["plan"], Some("100")));
    assert_snapshot!("new_group_at_80", said(&world, &["plan"], Some("80")));
    assert_snapshot!("new_group_at_60", said(&world, &["plan"], Some("60")));
}

#[test]
fn what_stops_during_an_apply_is_below_its_step_and_after_the_totals() {
    let world = World::new(SCALED);
    world.stock_with(ACCOUNT);
    world.apply();
    world.write(&SCALED.replace("8080", "9090"));
    assert_snapshot!("stops_in_a_pipe", said(&world, &["plan"], None));
    assert_snapshot!("stops_at_80", said(&world, &["plan"], Some("80")));
    assert_snapshot!("stops_at_60", said(&world, &["plan"], Some("60")));
    let data = world.asiaq(&["plan", "--format", "json"]).stdout;
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let steps = data["steps"].as_array().unwrap().iter();
    let found: Vec<_> = steps.filter_map(|step| step["interruptions"].as_array()).flatten().collect();
    let closed = |port: u16| serde_json::json!({ "what": format!("port {port} is closed"), "seconds": 5 });
    assert_eq!(found, [&closed(80), &closed(81)]);
}

#[test]
fn answers_fit_the_screen() {
    let world = world();
    for columns in [Some("60"), Some("80"), Some("100"), None] {
        for arguments in [
            &["check", "--report"][..],
            &["reach"],
            &["reach", "internet", "dev/app"],
            &["explain", "dev.pipeline"],
            &["explain", "prod/hostclass/api/launch-template"],
            &["explain", "prod/hostclass/api/lb"],
        ] {
            let said = said(&world, arguments, columns);
            assert!(said.lines().count() > 1, "{said}");
        }
    }
}

#[test]
fn lists_of_an_account_fit_the_screen() {
    let world = world();
    world.apply();
    for columns in [Some("60"), Some("80"), Some("100"), None] {
        for arguments in [
            &["hosts"][..],
            &["apply", "--yes"],
            &["scale", "api", "--env", "dev", "--desired", "0", "--dry-run"],
            &["destroy", "--dry-run", "--env", "dev"],
            &["permissions", "--format", "text"],
        ] {
            let said = said(&world, arguments, columns);
            assert!(!said.is_empty(), "{arguments:?}");
        }
    }
}

#[test]
fn a_terminal_has_a_width() {
    let world = world();
    let shown = world.boto(&format!(
        "import fcntl, os, pty, struct, subprocess, termios
main, side = pty.openpty()
fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 70, 0, 0))
run = subprocess.Popen([{:?}, 'plan'], stdout=side, stderr=side, env={{**os.environ, 'NO_COLOR': '1', 'COLUMNS': '90'}})
os.close(side)
result = ''
while True:
    try:
        result += os.read(main, 65536).decode(errors='replace')
    except OSError:
        break",
        env!("CARGO_BIN_EXE_asiaq")
    ));
    let shown = shown.as_str().unwrap();
    let widest = shown.lines().map(|line| line.chars().count()).max();
    assert!(shown.contains("Plan: ") && widest <= Some(70), "{shown}");
}

//! Projects made up for benches, fuzzing and tests: as many lines and environments as asked for, the same every
//! time, and without a mistake.

use std::fmt::Write as _;

/// What every project begins with: values, and the envtypes that its environments descend from.
const HEAD: &str = r#"/// A company that was made up, with as many teams as there is room for.
use std/classic

project made-up {
  region            = us-west-2
  domain            = "dev.made-up.example"
  domain@production = "made-up.example"
  team              = "${project.name}"
}

/// Where operators come from.
let office    = 198.51.100.0/28
let ssh       = [22, 2222]
let discovery = [514, 2181, 9200, 9300]
let clock     = udp 123 from all "time"

envtype base : classic {
  application = "made-up"

  dhcp {
    domain_name = "us-west-2.compute.internal"
    dns         = [amazon]
    ntp         = [tunnel + 5]
  }

  metanetwork intranet {
    ingress = [
      tcp from intranet
      tcp discovery from [tunnel, dmz] "discovery and logs"
      tcp 22 from maintenance   // operators pass through `maintenance`
    ]
    routes = [internet via nat tunnel]
  }
  metanetwork tunnel {
    ingress = [clock, tcp 3128 from [intranet, maintenance] "proxy"]
    routes  = [internet via igw]
    nat     = auto
  }
  metanetwork dmz {
    cidr    = auto /24
    ingress = [tcp 22 from maintenance]
    routes  = [internet via igw]
  }
  metanetwork maintenance {
    ingress = [tcp ssh from office "operators"]
    routes  = [office via igw]
  }
}

/// What customers use.
envtype production : base {
  protect = true
  customer { ports = [443, 11200..11210], from = [internet] }
}

/// Short-lived environments.
envtype development : base {
  metanetwork intranet { ingress += [tcp 8000..8099 from maintenance "debugging"] }
}
"#;

/// A project of about so many lines, at least a hundred, with so many environments, at most 200.
pub(crate) fn project(lines: usize, environments: usize) -> String {
    let mut text = HEAD.to_owned();
    let mut written = HEAD.lines().count();
    let mut add = |part: String| {
        written += part.lines().count();
        text.push_str(&part);
        written
    };
    for at in 0..environments {
        add(environment(at));
    }
    for at in 1..environments {
        add(format!("peering line{at} = env{}/intranet <-> env{at}/intranet\n", at - 1));
    }
    let mut part = 0;
    while add(if part % PARTS == 0 { team(part / PARTS) } else { hostclass(part, environments) }) < lines {
        part += 1;
    }
    text
}

/// A team and its hostclasses, in numbers.
const PARTS: usize = 10;

fn environment(at: usize) -> String {
    let parent = if at.is_multiple_of(4) { "production" } else { "development" };
    let mut text = format!("\n/// Environment {at}.\nenv env{at} : {parent} {{\n  cidr = 10.{at}.0.0/16\n");
    if at % 3 == 2 {
        text.push_str("  zones = 2\n");
    }
    text.push_str("  metanetwork intranet {\n    ingress += [\n");
    let _ = writeln!(text, "      tcp {}..{} from dmz \"balancers of {at}\"", 9000 + at, 9400 + at);
    if at > 0 {
        let _ = writeln!(text, "      tcp 5432 from env{}/intranet \"replicas\"", at - 1);
    }
    text.push_str("    ]\n  }\n}\n");
    text
}

/// An envtype that a team may give to its own environments, and what its hostclasses inherit from.
fn team(at: usize) -> String {
    format!(
        r#"
// ------------------------------------------------------------ team {at}

/// Environments of team {at} have ports of their own.
envtype team{at}-shape : development {{
  metanetwork intranet {{
    ingress += [
      tcp [{port}, {admin}] from [dmz, tunnel] "team {at}"
      udp {port} from 10.0.0.0/8
    ]
    routes += [192.0.2.{block}/32 via nat tunnel]
  }}
}}

/// What all of team {at} runs.
hostclass team{at} {{ network = intranet }}
"#,
        port = 10_000 + at % 20_000,
        admin = 31_000 + at % 20_000,
        block = at % 250,
    )
}

fn hostclass(part: usize, environments: usize) -> String {
    let (team, role) = (part / PARTS, part % PARTS);
    let mut text =
        format!("\n/// Does part {role} of the work.\nhostclass team{team}-part{role} : team{team}");
    match role {
        1 => text.push('\n'),
        2 => text.push_str(" {}\n"),
        3 => {
            let _ = writeln!(text, " {{\n  network = tunnel   // near the way out\n  public_ip = true\n}}");
        }
        4 => {
            let _ = writeln!(text, " {{\n  ip = +{}\n}}", 10 + team % 4000);
        }
        5 => {
            let env = team % environments.max(1);
            let (high, low) = (team / 250 % 250, team % 250);
            let _ = writeln!(text, " {{\n  network = dmz\n  eip@env{env} = 203.{high}.113.{low}\n}}");
        }
        _ => text.push_str(
            " {\n  network   = maintenance\n  public_ip = false\n  public_ip@production = true\n  @development {\n    \
             network = intranet\n  }\n}\n",
        ),
    }
    text
}

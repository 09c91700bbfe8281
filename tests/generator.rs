//! Projects made up for benches, fuzzing and tests: as many lines and environments as asked for, or as many of one thing
//! ([`Shape`]), the same every time, and without a mistake.

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

/// The last rule of the metanetwork that most hostclasses are in.
const RULE: &str = "      tcp 22 from maintenance   // operators pass through `maintenance`\n";

/// A project of about so many lines, at least a hundred, with so many environments, at most 200.
pub(crate) fn project(lines: usize, environments: usize) -> String {
    let mut text = HEAD.to_owned();
    let mut written = HEAD.lines().count();
    let mut add = |part: String| {
        written += part.lines().count();
        text.push_str(&part);
        written
    };
    add(all_environments(environments));
    let mut part = 0;
    while add(if part % PARTS == 0 { team(part / PARTS) } else { hostclass(part, environments) }) < lines {
        part += 1;
    }
    text
}

/// A project in which every hostclass runs in one pipeline: how many there are of each thing. Each grows alone.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code)] // not every bench measures all of it
pub(crate) struct Shape {
    /// Hostclasses that run.
    pub(crate) hostclasses: usize,
    /// Stages of the pipeline, with as many runs each.
    pub(crate) stages: usize,
    /// Environments, at most 200.
    pub(crate) environments: usize,
    /// Rules of the metanetwork that most hostclasses are in, beside a few.
    pub(crate) rules: usize,
    /// Alarms, each for all hostclasses.
    pub(crate) alarms: usize,
    /// Records of a hosted zone that the first environment has.
    pub(crate) records: usize,
}

#[allow(dead_code)] // not every bench measures all of it
impl Shape {
    /// The shape of a project with so many hostclasses and environments, and nothing else.
    pub(crate) const fn of(hostclasses: usize, environments: usize) -> Self {
        let stages = hostclasses.div_ceil(20);
        Self { hostclasses, stages, environments, rules: 0, alarms: 0, records: 0 }
    }

    /// The program.
    pub(crate) fn project(self) -> String {
        let runs = "application = \"made-up\"\n  pipeline    = everything\n  instance_data = minimal\n";
        let head = HEAD.replacen("application = \"made-up\"\n", runs, 1);
        let mut text = head.replacen(RULE, &(RULE.to_owned() + &self.more_rules()), 1);
        text.push_str("\nallow(over-quota)\n");
        let first = "env env0 : production {\n";
        let zone = first.to_owned() + &self.zone();
        text.push_str(&all_environments(self.environments).replacen(first, &zone, 1));
        for part in 0..self.hostclasses {
            if part % PARTS == 0 {
                text.push_str(&team(part / PARTS));
            }
            text.push_str(&hostclass(part, self.environments));
        }
        self.pipeline(&mut text);
        self.alarms(&mut text);
        text
    }

    fn pipeline(self, text: &mut String) {
        text.push_str("\npipeline everything {\n");
        let runs = self.hostclasses.div_ceil(self.stages.max(1)).max(1);
        for part in 0..self.hostclasses {
            if part % runs == 0 {
                text.push_str(if part == 0 { "  stage {\n" } else { "  }\n  stage {\n" });
            }
            let (team, role) = (part / PARTS, part % PARTS);
            let _ = writeln!(text, "    run team{team}-part{role} {{ desired = 1 }}");
        }
        text.push_str("  }\n}\n");
    }

    fn more_rules(self) -> String {
        // No two are next to each other, so that each stays a rule of its own.
        let rule = |at: usize| format!("      tcp {} from tunnel\n", 10_000 + 2 * at % 50_000);
        (0..self.rules).map(rule).collect()
    }

    /// A hosted zone, if there are records.
    fn zone(self) -> String {
        if self.records == 0 {
            return String::new();
        }
        let record = |at: usize| {
            let (high, low) = (at / 250 % 250, at % 250);
            format!("    record r{at} {{ type = A, values = [\"203.{high}.113.{low}\"] }}\n")
        };
        let records: String = (0..self.records).map(record).collect();
        format!("  zone world {{\n    domain = \"made-up.example\"\n{records}  }}\n")
    }

    fn alarms(self, text: &mut String) {
        if self.alarms > 0 {
            text.push_str(
                "\ntopic critical { subscribers = [\"arn:aws:sqs:us-west-2:123456789012:pages\"] }\n",
            );
        }
        for at in 0..self.alarms {
            let _ = writeln!(
                text,
                "alarm busy{at} {{ name = \"busy{at}\", namespace = \"AWS/EC2\", metric = \"CPUUtilization\", when = average > {}.{:04} for 3 x 5m, level = critical }}",
                50 + at % 40,
                at / 40,
            );
        }
    }
}

/// A team and its hostclasses, in numbers.
const PARTS: usize = 10;

/// So many environments, each with a peering to the one before.
fn all_environments(count: usize) -> String {
    let mut text: String = (0..count).map(environment).collect();
    for at in 1..count {
        let _ = writeln!(text, "peering line{at} = env{}/intranet <-> env{at}/intranet", at - 1);
    }
    text
}

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

//! An infrastructure of the size that a company runs, once for each environment: a VPC of four metanetworks over
//! three zones, 40 rules, ten hostclasses in one pipeline, three load balancers with names, a database, a cache, two
//! tables, 20 alarms, two topics, three metrics of logs.

use std::fmt::Write as _;

const HEAD: &str = r#"project reference {
  region = us-west-2
  domain = "dev.reference.example"
  team   = "ops"
}

envtype base {
  pipeline = everything

  dhcp { domain_name = "reference.internal", dns = [amazon] }

  metanetwork public {
    ingress = [tcp [80, 443] from internet, tcp 22 from operators, icmp from all]
    routes  = [internet via igw]
    nat     = auto
  }
  metanetwork operators {
    ingress = [tcp [22, 2222, 3389] from 198.51.100.0/28, icmp from all]
    routes  = [internet via igw]
  }
  metanetwork application {
    ingress = [tcp [80, 8081, 8082, 8443] from public, tcp [22, 514, 9100] from operators, tcp from application, icmp from all]
    routes  = [internet via nat public]
  }
  metanetwork storage {
    ingress = [tcp [5432, 6379, 9200] from application, tcp [22, 9100] from operators, icmp from all]
    routes  = [internet via nat public]
  }

  database orders {
    engine     = postgres
    version    = "17.6"
    class      = db.m7g.large
    storage    = 100GB
    network    = storage
    backups    = 7d
    parameters = { log_min_duration_statement = 500 }
  }
  cache sessions {
    engine     = valkey
    version    = "8.0"
    type       = cache.t4g.small
    nodes      = 2
    network    = storage
    parameters = { maxmemory-policy = "allkeys-lru" }
  }
  table users {
    key      = "id"
    recovery = true
    index by_mail { key = "mail" }
  }
  table jobs {
    key  = "id"
    sort = "at"
    ttl  = "expires_at"
    capacity { read = 5, write = 5, max_read = 100, max_write = 50 }
  }
}

topic critical { subscribers = ["arn:aws:sqs:us-west-2:123456789012:pages"] }
topic info     { subscribers = ["arn:aws:sqs:us-west-2:123456789012:mail"] }

hostclass machine { network = application, instance_profile = "machine" }
"#;

/// What its account has before: images, and the zone of its domain.
pub(crate) const ACCOUNT: &str = r#"{
  "images": ["mhc0", "mhc1", "mhc2", "mhc3", "mhc4", "mhc5", "mhc6", "mhc7", "mhc8", "mhc9"],
  "zones": ["dev.reference.example"]
}"#;

/// The infrastructure in so many environments, at most 200.
pub(crate) fn project(environments: usize) -> String {
    let mut text = HEAD.to_owned();
    for at in 0..10 {
        // Writing to a string does not fail.
        let _ = match at {
            0..2 => {
                writeln!(text, "hostclass mhc{at} : machine {{ elb {{ public = true, network = public }} }}")
            }
            2 => writeln!(text, "hostclass mhc2 : machine {{ elb {{}} }}"),
            _ => writeln!(text, "hostclass mhc{at} : machine"),
        };
    }
    text.push_str("\npipeline everything {\n");
    for stage in 0..2 {
        text.push_str("  stage {\n");
        for at in stage * 5..stage * 5 + 5 {
            let _ = writeln!(text, "    run mhc{at} {{ min = 1, desired = 1, max = 4 }}");
        }
        text.push_str("  }\n");
    }
    text.push_str("}\n\n");
    for (name, metric, level) in
        [("busy", "CPUUtilization", "info"), ("broken", "StatusCheckFailed", "critical")]
    {
        let _ = writeln!(
            text,
            "alarm {name} {{ namespace = \"AWS/EC2\", metric = \"{metric}\", when = average > 90 for 3 x 5m, level = {level} }}"
        );
    }
    for at in 0..3 {
        let _ = writeln!(
            text,
            "log_metric errors{at} {{ on = mhc{at}, file = \"/var/log/app/error.log\", pattern = \"error\", retention = 30d }}"
        );
    }
    if environments > 1 {
        // Three NAT gateways each are more than five elastic IP addresses.
        text.push_str("allow(over-quota)\n");
    }
    for at in 0..environments {
        let _ = writeln!(text, "env e{at} : base {{ cidr = 10.{at}.0.0/20 }}");
    }
    text
}

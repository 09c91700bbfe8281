//! The same network through Terraform, where it is installed with its AWS provider. Nothing is fetched for that: the
//! provider is taken from the folder that `TERRAFORM_PLUGINS` names (`terraform providers mirror` makes one).

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::run::{Bench, Run};

const NETWORK: &str = "
project network { region = us-west-2 }
env e0 {
  cidr  = 10.0.0.0/20
  zones = 3
  metanetwork public { ingress = [tcp 443 from internet], routes = [internet via igw], nat = auto }
  metanetwork application { ingress = [tcp 8080 from public], routes = [internet via nat public] }
}
";

/// Prints what both need, and the ratios; or why not.
pub(crate) fn compare() {
    let Some(plugins) = std::env::var_os("TERRAFORM_PLUGINS") else {
        println!("\nnot compared with Terraform: `TERRAFORM_PLUGINS` names no folder with its AWS provider");
        return;
    };
    let bench = Bench::new(NETWORK);
    let said = bench.command(env!("CARGO_BIN_EXE_asiaq")).arg("ir").stdout(Stdio::piped()).output().unwrap();
    let ir: Value = serde_json::from_slice(&said.stdout).unwrap();
    std::fs::write(bench.path("main.tf.json"), program(&ir, &bench.endpoint()).to_string()).unwrap();
    let plugins = format!("-plugin-dir={}", plugins.to_string_lossy());
    if let Err(why) = terraform(&bench, &["init", "-input=false", &plugins]) {
        println!("\nnot compared with Terraform: {why}");
        return;
    }
    println!(
        "\na network of {} resources, Terraform and asiaq\n",
        ir["resources"].as_object().unwrap().len()
    );
    println!("{:>8} {:>14} {:>16} {:>8}", "", "calls", "s", "times");
    let other = Bench::new(NETWORK);
    let steps: [(&str, &[&str], &[&str]); 3] = [
        ("apply", &["apply", "-auto-approve", "-input=false", "-no-color"], &["apply", "--yes"]),
        ("nothing", &["plan", "-input=false"], &["plan"]),
        ("destroy", &["destroy", "-auto-approve", "-input=false", "-no-color"], &["destroy", "--yes"]),
    ];
    for (name, theirs, ours) in steps {
        let theirs = match terraform(&bench, theirs) {
            Ok(theirs) => theirs,
            Err(why) => return println!("not compared any further: {why}"),
        };
        let ours = other.asiaq(ours, Duration::ZERO);
        let (a, b) = (theirs.calls.values().sum::<usize>(), ours.calls.values().sum::<usize>());
        let (s, t) = (theirs.wall.as_secs_f64(), ours.wall.as_secs_f64());
        println!("{name:>8} {a:>6} to {b:>4} {s:>8.2} to {t:>4.2} {:>8.1}", s / t);
    }
}

fn terraform(bench: &Bench, arguments: &[&str]) -> Result<Run, String> {
    let log = bench.path("terraform.log");
    let mut command: Command = bench.command("terraform");
    command.args(arguments).env("AWS_REGION", "us-west-2").env("CHECKPOINT_DISABLE", "1");
    command.stderr(File::create(&log).unwrap());
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    let told = |why| format!("`terraform {}` {why}\n{}", arguments.join(" "), said());
    bench.watch(command, Duration::ZERO).map_err(told)
}

/// What `asiaq ir` says, as Terraform reads it.
fn program(ir: &Value, endpoint: &str) -> Value {
    let mut resources: Map<String, Value> = Map::new();
    let mut add = |kind: &str, address: &str, mut fields: Value, tags: &Value| {
        if !tags.is_null() {
            fields["tags"] = tags.clone();
        }
        resources.entry(kind).or_insert_with(|| json!({}))[name(address)] = fields;
    };
    for (address, node) in ir["resources"].as_object().unwrap() {
        let tags = &node["tags"];
        match node["kind"].as_str().unwrap() {
            "vpc" => {
                let fields = json!({ "cidr_block": node["cidr"], "enable_dns_hostnames": true });
                add("aws_vpc", address, fields, tags);
            }
            "subnet" => {
                let fields = json!({
                    "vpc_id": id("aws_vpc", &node["vpc"]), "cidr_block": node["cidr"], "availability_zone": node["zone"]
                });
                add("aws_subnet", address, fields, tags);
            }
            "internet-gateway" => {
                add("aws_internet_gateway", address, json!({ "vpc_id": id("aws_vpc", &node["vpc"]) }), tags);
            }
            "elastic-ip" => add("aws_eip", address, json!({ "domain": "vpc" }), tags),
            "nat-gateway" => {
                let fields = json!({
                    "subnet_id": id("aws_subnet", &node["subnet"]), "allocation_id": id("aws_eip", &node["elastic_ip"])
                });
                add("aws_nat_gateway", address, fields, tags);
            }
            "security-group" => {
                let fields = json!({
                    "vpc_id": id("aws_vpc", &node["vpc"]), "name": node["name"], "description": node["description"]
                });
                add("aws_security_group", address, fields, tags);
            }
            "route-table" => {
                add("aws_route_table", address, json!({ "vpc_id": id("aws_vpc", &node["vpc"]) }), tags);
                let table = json!({ "ref": address });
                let served = json!({
                    "route_table_id": id("aws_route_table", &table), "subnet_id": id("aws_subnet", &node["subnet"])
                });
                add("aws_route_table_association", address, served, &Value::Null);
                for route in node["routes"].as_array().unwrap() {
                    let target = &route["target"];
                    let (field, kind) = match target["ref"].as_str().unwrap() {
                        nat if nat.contains("/nat-gateway/") => ("nat_gateway_id", "aws_nat_gateway"),
                        _ => ("gateway_id", "aws_internet_gateway"),
                    };
                    let mut fields = json!({
                        "route_table_id": id("aws_route_table", &table),
                        "destination_cidr_block": route["destination"],
                    });
                    fields[field] = id(kind, target);
                    add("aws_route", address, fields, &Value::Null);
                }
            }
            "ingress-rules" => {
                for (at, rule) in node["rules"].as_array().unwrap().iter().enumerate() {
                    let mut fields = json!({
                        "security_group_id": id("aws_security_group", &node["group"]),
                        "ip_protocol": rule["protocol"], "from_port": rule["from"], "to_port": rule["to"],
                    });
                    let source = &rule["source"];
                    if source["group"].is_null() {
                        fields["cidr_ipv4"] = source["cidr"].clone();
                    } else {
                        fields["referenced_security_group_id"] = id("aws_security_group", &source["group"]);
                    }
                    let address = format!("{address}/{at}");
                    add("aws_vpc_security_group_ingress_rule", &address, fields, &Value::Null);
                }
            }
            other => panic!("the network has a {other}"),
        }
    }
    let provider = json!({
        "region": "us-west-2", "skip_metadata_api_check": "true", "skip_requesting_account_id": false,
        "endpoints": { "ec2": endpoint, "sts": endpoint },
    });
    json!({ "provider": { "aws": provider }, "resource": resources })
}

/// An address as the name of a resource.
fn name(address: &str) -> String {
    address.replace('/', "_")
}

/// The id of what is pointed at, which is of `kind`.
fn id(kind: &str, reference: &Value) -> Value {
    json!(format!("${{{kind}.{}.id}}", name(reference["ref"].as_str().unwrap())))
}

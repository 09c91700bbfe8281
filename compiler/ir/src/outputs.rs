//! What can be said of a live resource: what other tools and people want to know of it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::Partition;

/// What is said of the live resources of a kind. `derive(ResourceKind)` writes it from `#[resource(outputs(…))]`.
///
/// In the patterns, `{region}`, `{account}` and `{id}` stand for those of the resource, `{name}` for the end of an id
/// that is an ARN, and `{$id}` for the id as the console of CloudWatch Logs writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Its ARN after `arn:PARTITION:`, or `{id}` if the id is an ARN; absent if the id does not tell it.
    pub arn: Option<&'static str>,
    /// Its page in the AWS Management Console, after the host.
    pub console: Option<&'static str>,
    /// Fields that are shown, by their names in JSON.
    pub fields: &'static [&'static str],
    /// Values that AWS chooses, and that no field has.
    pub assigned: &'static [Assigned],
}

/// A value that AWS chooses for a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assigned {
    /// ARN, where the id does not tell it.
    Arn,
    /// DNS name.
    DnsName,
    /// Id of the hosted zone of the DNS name, which an alias record names.
    DnsZone,
    /// Name servers of a zone.
    NameServers,
    /// Public IP address.
    PublicIp,
    /// Private IP address.
    PrivateIp,
}

impl Assigned {
    /// Its name, as that of a field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arn => "arn",
            Self::DnsName => "dns_name",
            Self::DnsZone => "dns_zone",
            Self::NameServers => "name_servers",
            Self::PublicIp => "public_ip",
            Self::PrivateIp => "private_ip",
        }
    }

    /// Whether a resource can have several of them.
    pub fn is_list(self) -> bool {
        self == Self::NameServers
    }
}

impl Outputs {
    /// The ARN of the resource with this id; absent if the id does not tell it.
    pub fn arn(&self, region: &str, account: &str, id: &str) -> Option<String> {
        let pattern = self.arn?;
        if pattern == "{id}" {
            return Some(id.to_owned());
        }
        let rest = pattern.replace("{region}", region).replace("{account}", account).replace("{id}", id);
        Some(format!("arn:{}:{rest}", Partition::of(region).name()))
    }

    /// The page of the resource in the AWS Management Console; absent if there is none.
    pub fn console(&self, region: &str, id: &str) -> Option<String> {
        console(self.console?, region, id)
    }
}

/// The page of an EC2 instance in the AWS Management Console.
pub fn instance_console(region: &str, id: &str) -> Option<String> {
    console("ec2/home?region={region}#InstanceDetails:instanceId={id}", region, id)
}

fn console(pattern: &str, region: &str, id: &str) -> Option<String> {
    let host = Partition::of(region).console()?;
    let path = pattern
        .replace("{region}", region)
        .replace("{$id}", &escaped(id, "", "$25"))
        .replace("{name}", &escaped(id.rsplit('/').next().unwrap_or(id), "", "%"))
        .replace("{id}", &escaped(id, ":/", "%"));
    Some(format!("https://{host}/{path}"))
}

/// A text as a part of a URL: everything but letters, digits, `-._~` and `plain` as `sign` and two digits.
fn escaped(text: &str, plain: &str, sign: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric() || "-._~".contains(letter) || plain.contains(letter) {
            escaped.push(letter);
        } else {
            let _ = write!(escaped, "{sign}{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    fn links(kind: Kind, region: &str, id: &str) -> (String, String) {
        let outputs = kind.outputs();
        let arn = outputs.arn(region, "123456789012", id).unwrap_or_default();
        (arn, outputs.console(region, id).unwrap_or_default())
    }

    fn pair(arn: &str, console: &str) -> (String, String) {
        (arn.to_owned(), console.to_owned())
    }

    #[test]
    fn links_lead_to_the_partition_and_the_region() {
        assert_eq!(
            links(Kind::Vpc, "us-west-2", "vpc-1"),
            pair(
                "arn:aws:ec2:us-west-2:123456789012:vpc/vpc-1",
                "https://console.aws.amazon.com/vpcconsole/home?region=us-west-2#VpcDetails:VpcId=vpc-1"
            )
        );
        assert_eq!(
            links(Kind::Vpc, "cn-north-1", "vpc-1"),
            pair(
                "arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1",
                "https://console.amazonaws.cn/vpcconsole/home?region=cn-north-1#VpcDetails:VpcId=vpc-1"
            )
        );
        assert_eq!(
            links(Kind::Vpc, "us-gov-west-1", "vpc-1"),
            pair(
                "arn:aws-us-gov:ec2:us-gov-west-1:123456789012:vpc/vpc-1",
                "https://console.amazonaws-us-gov.com/vpcconsole/home?region=us-gov-west-1#VpcDetails:VpcId=vpc-1"
            )
        );
        assert_eq!(
            links(Kind::Vpc, "us-iso-east-1", "vpc-1"),
            pair("arn:aws-iso:ec2:us-iso-east-1:123456789012:vpc/vpc-1", ""),
            "no public console is known"
        );
    }

    #[test]
    fn ids_are_escaped_as_the_console_wants_them() {
        assert_eq!(
            links(Kind::LogGroup, "us-west-2", "ci/web/var log"),
            pair(
                "arn:aws:logs:us-west-2:123456789012:log-group:ci/web/var log",
                "https://console.aws.amazon.com/cloudwatch/home?region=us-west-2\
                 #logsV2:log-groups/log-group/ci$252Fweb$252Fvar$2520log"
            )
        );
        assert_eq!(
            links(Kind::HostedZone, "us-west-2", "Z1"),
            pair(
                "arn:aws:route53:::hostedzone/Z1",
                "https://console.aws.amazon.com/route53/v2/hostedzones#ListRecordSets/Z1"
            )
        );
        let arn = "arn:aws:sns:us-west-2:123456789012:p_ci_all";
        assert_eq!(
            links(Kind::Topic, "us-west-2", arn),
            pair(arn, &format!("https://console.aws.amazon.com/sns/v3/home?region=us-west-2#/topic/{arn}"))
        );
    }

    #[test]
    fn every_shown_field_exists_and_patterns_have_known_parts() {
        for kind in Kind::ALL {
            let outputs = kind.outputs();
            for field in outputs.fields {
                assert!(kind.fields().contains(field), "{kind:?} {field}");
            }
            for pattern in [outputs.arn, outputs.console].into_iter().flatten() {
                let known = ["{region}", "{account}", "{id}", "{$id}", "{name}"];
                let rest = known.iter().fold(pattern.to_owned(), |rest, part| rest.replace(part, ""));
                assert!(!rest.contains(['{', '}']), "{kind:?} {pattern}");
            }
        }
    }
}

//! AWS's quotas: how much of something an account, a region or another resource may have.
//!
//! The codes are those of Service Quotas. The defaults are AWS's of 2025: the pages "Quotas" of the user guides of VPC, EC2,
//! Elastic Load Balancing, EC2 Auto Scaling, `CloudWatch` and `CloudTrail`, "IAM and AWS STS quotas", the endpoints and
//! quotas of S3 and Route 53 in the AWS General Reference, and "Service, account, and table quotas" of the DynamoDB developer
//! guide.

/// One quota. Two of the same name are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quota {
    /// What has so much at most.
    pub per: Per,
    /// What is counted, in the plural, such as `VPCs`.
    pub name: &'static str,
    /// The service in Service Quotas, such as `vpc`.
    pub service: &'static str,
    /// The code in Service Quotas; empty if it is not there.
    pub code: &'static str,
    /// How many an account has as long as nobody asks for more.
    pub default: usize,
}

/// What a quota is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// The account, in all regions together.
    Account,
    /// A region of the account.
    Region,
    /// An availability zone of the account.
    Zone,
    /// Each resource of one kind.
    Resource,
}

const fn quota(
    per: Per,
    name: &'static str,
    (service, code): (&'static str, &'static str),
    default: usize,
) -> Quota {
    Quota { per, name, service, code, default }
}

macro_rules! quotas {
    ($($name:ident: $per:ident, $words:literal, $service:literal $code:literal, $default:literal;)+) => {
        $(
            #[doc = concat!("`", $words, "`")]
            pub const $name: Quota = quota(Per::$per, $words, ($service, $code), $default);
        )+

        impl Quota {
            /// All of them.
            pub const ALL: &'static [Self] = &[$($name),+];
        }
    };
}

quotas! {
    USERS: Account, "users", "iam" "L-F55AF5E4", 5000;
    USER_GROUPS: Account, "user groups", "iam" "L-F4A5425F", 300;
    ROLES: Account, "roles", "iam" "L-FE177D64", 1000;
    INSTANCE_PROFILES: Account, "instance profiles", "iam" "L-6E65F664", 1000;
    MANAGED_POLICIES: Account, "customer managed policies", "iam" "L-E95E4862", 1500;
    SAML_PROVIDERS: Account, "SAML providers", "iam" "L-DB618D39", 100;
    BUCKETS: Account, "buckets", "s3" "L-DC2B2D3D", 10_000;
    HOSTED_ZONES: Account, "hosted zones", "route53" "L-4EA4796A", 500;

    VPCS: Region, "VPCs", "vpc" "L-F678F1CE", 5;
    INTERNET_GATEWAYS: Region, "internet gateways", "vpc" "L-A4707A72", 5;
    ELASTIC_IPS: Region, "elastic IP addresses", "ec2" "L-0263D0A3", 5;
    GATEWAY_ENDPOINTS: Region, "gateway endpoints", "vpc" "L-1B52E74A", 20;
    DHCP_OPTION_SETS: Region, "DHCP option sets", "vpc" "", 100;
    SECURITY_GROUPS: Region, "security groups", "vpc" "L-E79EC296", 2500;
    CLASSIC_LOAD_BALANCERS: Region, "Classic Load Balancers", "elasticloadbalancing" "L-E9E9831D", 20;
    APPLICATION_LOAD_BALANCERS: Region, "Application Load Balancers", "elasticloadbalancing" "L-53DA6B97", 50;
    NETWORK_LOAD_BALANCERS: Region, "Network Load Balancers", "elasticloadbalancing" "L-69A177A2", 50;
    TARGET_GROUPS: Region, "target groups", "elasticloadbalancing" "L-B22855CB", 3000;
    AUTO_SCALING_GROUPS: Region, "Auto Scaling groups", "autoscaling" "L-CDE20ADC", 500;
    LAUNCH_TEMPLATES: Region, "launch templates", "ec2" "L-FB451C26", 5000;
    ALARMS: Region, "alarms", "monitoring" "", 5000;
    TABLES: Region, "tables", "dynamodb" "L-F98FE922", 2500;
    TRAILS: Region, "trails", "cloudtrail" "", 5;
    STANDARD_VCPUS: Region, "vCPUs of On-Demand Standard instances", "ec2" "L-1216C47A", 5;
    F_VCPUS: Region, "vCPUs of On-Demand F instances", "ec2" "L-74FC7D96", 0;
    G_VCPUS: Region, "vCPUs of On-Demand G and VT instances", "ec2" "L-DB2E81BA", 0;
    INF_VCPUS: Region, "vCPUs of On-Demand Inf instances", "ec2" "L-1945791B", 0;
    P_VCPUS: Region, "vCPUs of On-Demand P instances", "ec2" "L-417A185B", 0;
    TRN_VCPUS: Region, "vCPUs of On-Demand Trn instances", "ec2" "L-2C3B7624", 0;
    X_VCPUS: Region, "vCPUs of On-Demand X instances", "ec2" "L-7295265B", 0;
    SPOT_STANDARD_VCPUS: Region, "vCPUs of Standard Spot Instances", "ec2" "L-34B43A08", 5;

    NAT_GATEWAYS: Zone, "NAT gateways", "vpc" "L-FE5A380F", 5;

    SUBNETS_OF_VPC: Resource, "subnets of a VPC", "vpc" "L-407747CB", 200;
    ROUTE_TABLES_OF_VPC: Resource, "route tables of a VPC", "vpc" "L-589F43AA", 200;
    PEERINGS_OF_VPC: Resource, "peering connections of a VPC", "vpc" "L-7E9ECCDB", 50;
    RULES_OF_GROUP: Resource, "inbound rules of a security group", "vpc" "L-0EA8095F", 60;
    GROUPS_OF_INTERFACE: Resource, "security groups of a network interface", "vpc" "L-2AFB9258", 5;
    ROUTES_OF_TABLE: Resource, "routes of a route table", "vpc" "L-93826ACB", 500;
    LISTENERS_OF_CLASSIC: Resource, "listeners of a Classic Load Balancer", "elasticloadbalancing" "L-1A491844", 100;
    LISTENERS_OF_APPLICATION: Resource, "listeners of an Application Load Balancer", "elasticloadbalancing" "L-B6DF7632", 50;
    LISTENERS_OF_NETWORK: Resource, "listeners of a Network Load Balancer", "elasticloadbalancing" "L-57A373D6", 50;
    POLICIES_OF_SCALING_GROUP: Resource, "scaling policies of an Auto Scaling group", "autoscaling" "", 50;
    POLICIES_OF_ROLE: Resource, "managed policies of a role", "iam" "L-0DA4ABF3", 10;
    POLICIES_OF_USER: Resource, "managed policies of a user", "iam" "L-4019AD8B", 10;
    POLICIES_OF_USER_GROUP: Resource, "managed policies of a user group", "iam" "L-384571C4", 10;
    GROUPS_OF_USER: Resource, "user groups of a user", "iam" "L-7A1621EC", 10;
    RECORDS_OF_ZONE: Resource, "records of a hosted zone", "route53" "L-E209CC9F", 10_000;
}

impl Quota {
    /// Whether the service belongs to no region.
    pub fn is_global(self) -> bool {
        matches!(self.service, "iam" | "route53" | "s3")
    }
}

/// The quota of virtual processors that instances of a type count against; absent for types whose quota is another one
/// ("Amazon EC2 instance quotas").
pub fn vcpus_of(instance_type: &str, is_spot: bool) -> Option<Quota> {
    let family = instance_type.split('.').next().unwrap_or_default();
    let letters = family.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
    let quota = match letters {
        "dl" | "hpc" | "mac" | "u" => return None,
        "inf" => INF_VCPUS,
        "trn" => TRN_VCPUS,
        "vt" => G_VCPUS,
        letters => match letters.as_bytes().first()? {
            b'f' => F_VCPUS,
            b'g' => G_VCPUS,
            b'p' => P_VCPUS,
            b'x' => X_VCPUS,
            b'a' | b'c' | b'd' | b'h' | b'i' | b'm' | b'r' | b't' | b'z' => STANDARD_VCPUS,
            _ => return None,
        },
    };
    match (is_spot, quota) {
        (false, quota) => Some(quota),
        (true, STANDARD_VCPUS) => Some(SPOT_STANDARD_VCPUS),
        (true, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn quotas_differ_in_names_and_codes() {
        let names: BTreeSet<&str> = Quota::ALL.iter().map(|quota| quota.name).collect();
        assert_eq!(names.len(), Quota::ALL.len());
        let codes: Vec<&str> =
            Quota::ALL.iter().map(|quota| quota.code).filter(|code| !code.is_empty()).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        let is_code = |code: &&str| {
            code.strip_prefix("L-").is_some_and(|rest| {
                rest.len() == 8 && rest.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
            })
        };
        assert_eq!(codes.iter().find(|code| !is_code(code)), None);
    }

    #[test]
    fn instances_count_against_the_quota_of_their_family() {
        let name = |of: &str, is_spot| vcpus_of(of, is_spot).map_or("-", |quota| quota.code);
        for (of, code) in [
            ("t3.micro", "L-1216C47A"),
            ("im4gn.large", "L-1216C47A"),
            ("g5.xlarge", "L-DB2E81BA"),
            ("vt1.3xlarge", "L-DB2E81BA"),
            ("trn1.2xlarge", "L-2C3B7624"),
            ("inf2.xlarge", "L-1945791B"),
            ("x2gd.large", "L-7295265B"),
            ("u-6tb1.metal", "-"),
            ("hpc7a.96xlarge", "-"),
            ("mac2.metal", "-"),
        ] {
            assert_eq!(name(of, false), code, "{of}");
        }
        assert_eq!([name("m5.large", true), name("g5.xlarge", true)], ["L-34B43A08", "-"]);
    }
}

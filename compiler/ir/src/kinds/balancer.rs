//! Classic, Application and Network Load Balancers, and target groups.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use asiaq_ir_derive::{Element, Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::{Ref, TlsPolicy};

const SCHEME_IS_FIXED: &str = "AWS cannot turn an internal load balancer into a public one or back";

/// From where a load balancer can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// The VPC and the networks connected to it.
    Internal,
    /// The internet.
    InternetFacing,
}

/// A Classic Load Balancer. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnets), renamed = Kept)]
#[resource(outputs(
    arn = "elasticloadbalancing:{region}:{account}:loadbalancer/{id}",
    console = "ec2/home?region={region}#LoadBalancers:search={id}",
    assigned(DnsName, DnsZone)
))]
#[resource(outage(seconds = 120, what = "its ports are closed"))]
#[resource(summary(listeners))]
#[aws(tags = "elb:CreateLoadBalancer.Tags", own_tags = 1, shown = "Classic Load Balancer")]
pub struct ClassicLoadBalancer {
    /// Its name, unique in the region: 32 hexadecimal digits.
    #[resource(create_only, exclusive, chosen_name, derived_name)]
    #[aws("elb:CreateLoadBalancer.LoadBalancerName")]
    pub name: String,
    /// From where it can be reached.
    #[resource(replace = SCHEME_IS_FIXED)]
    #[aws("elb:CreateLoadBalancer.Scheme")]
    pub scheme: Scheme,
    /// Its subnets.
    #[resource(elements(changed = Disruptive, removed = Disruptive), min = 1, vpc_bound_by, in_use)]
    #[aws("elb:CreateLoadBalancer.Subnets")]
    pub subnets: BTreeSet<Ref>,
    /// Security groups.
    #[resource(elements(changed = Disruptive, removed = Disruptive), min = 1, in_use)]
    #[aws("elb:CreateLoadBalancer.SecurityGroups")]
    pub groups: BTreeSet<Ref>,
    /// Its listeners.
    #[resource(
        elements(changed = Disruptive, removed = Disruptive),
        serving,
        // AWS changes only these in place; the other fields take a call that closes the port and one that opens it.
        reopened(seconds = 5, what = "port {key} is closed", unless(certificate, tls_policy))
    )]
    #[aws("elb:CreateLoadBalancer.Listeners")]
    pub listeners: BTreeSet<ClassicListener>,
    /// Health check of the registered instances.
    // Instances that fail it get no requests.
    #[resource(in_place = Disruptive)]
    #[aws("elb:ConfigureHealthCheck.HealthCheck")]
    pub health_check: ClassicHealthCheck,
    /// What binds a client to one instance. Default: nothing.
    #[resource(in_place = Disruptive, initial = None)]
    #[aws("elb:SetLoadBalancerPoliciesOfListener.PolicyNames")]
    pub stickiness: Option<Stickiness>,
    /// Seconds before an idle connection is closed.
    #[aws("elb:ModifyLoadBalancerAttributes.LoadBalancerAttributes.ConnectionSettings.IdleTimeout")]
    pub idle_timeout: u32,
    /// Seconds that requests in flight have when an instance is deregistered; 0 for none.
    #[aws("elb:ModifyLoadBalancerAttributes.LoadBalancerAttributes.ConnectionDraining.Timeout")]
    pub draining: u32,
    /// Whether it sends requests to instances in all availability zones.
    #[aws("elb:ModifyLoadBalancerAttributes.LoadBalancerAttributes.CrossZoneLoadBalancing.Enabled")]
    pub cross_zone: bool,
    /// Attributes beside those above that are not AWS's default: those of the access log after `access_log.`, others by
    /// AWS's names. The program does not know them: what somebody set by hand stays, and a load balancer that takes the
    /// place of another one gets it too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[resource(create_only, initial = BTreeMap::new())]
    #[aws(not_sent = "AWS had the values before")]
    pub attributes: BTreeMap<String, String>,
}

/// A listener of a [`ClassicLoadBalancer`]. Protocols are AWS's: `HTTP`, `HTTPS`, `TCP`, `SSL`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct ClassicListener {
    /// Port of the load balancer.
    #[element(key)]
    #[aws("elb:CreateLoadBalancer.Listeners.LoadBalancerPort")]
    pub port: u16,
    /// Protocol of the load balancer.
    #[aws("elb:CreateLoadBalancer.Listeners.Protocol")]
    pub protocol: String,
    /// Port of the instances.
    #[aws("elb:CreateLoadBalancer.Listeners.InstancePort")]
    pub to_port: u16,
    /// Protocol of the instances.
    #[aws("elb:CreateLoadBalancer.Listeners.InstanceProtocol")]
    pub to_protocol: String,
    /// Certificate, for `HTTPS` and `SSL`; its id is its ARN.
    #[aws("elb:CreateLoadBalancer.Listeners.SSLCertificateId")]
    pub certificate: Option<Ref>,
    /// Security policy, for `HTTPS` and `SSL`. Absent in plans of older versions: then AWS's stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[aws("elb:CreateLoadBalancerPolicy.PolicyAttributes.AttributeValue", if_set)]
    pub tls_policy: Option<TlsPolicy>,
}

/// The health check of a [`ClassicLoadBalancer`]. Times are seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
pub struct ClassicHealthCheck {
    /// Protocol, port and path: `HTTP:80/ping`, `TCP:9001`.
    #[aws("elb:ConfigureHealthCheck.HealthCheck.Target")]
    pub target: String,
    /// Time between two checks.
    #[aws("elb:ConfigureHealthCheck.HealthCheck.Interval")]
    pub interval: u32,
    /// Time to wait for a response.
    #[aws("elb:ConfigureHealthCheck.HealthCheck.Timeout")]
    pub timeout: u32,
    /// Failed checks after which an instance is unhealthy.
    #[aws("elb:ConfigureHealthCheck.HealthCheck.UnhealthyThreshold")]
    pub unhealthy: u32,
    /// Successful checks after which an instance is healthy.
    #[aws("elb:ConfigureHealthCheck.HealthCheck.HealthyThreshold")]
    pub healthy: u32,
}

/// What binds a client to one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
#[aws(shown = "load balancer")]
pub enum Stickiness {
    /// A cookie of the application, by name.
    #[aws(
        "elb:CreateAppCookieStickinessPolicy.CookieName",
        "elbv2:ModifyTargetGroupAttributes.Attributes.Value@stickiness.app_cookie.cookie_name",
        shown = "cookie name"
    )]
    Application(String),
    /// A cookie of the load balancer, and the seconds that it is valid. Where absent: until the browser is closed; for
    /// a target group, which has no such cookies, one day, which AWS reports as 86400 seconds.
    #[aws(
        "elb:CreateLBCookieStickinessPolicy.CookieExpirationPeriod",
        "elbv2:ModifyTargetGroupAttributes.Attributes.Value@stickiness.lb_cookie.duration_seconds",
        shown = "cookie duration"
    )]
    Balancer(Option<u32>),
}

/// A target group of a [`LoadBalancer`]. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(vpc), renamed = Kept)]
#[resource(outputs(
    arn = "{id}",
    console = "ec2/home?region={region}#TargetGroup:targetGroupArn={id}",
    fields(name)
))]
#[resource(outage(seconds = 60, what = "its targets get no requests"))]
#[resource(summary(protocol, port))]
#[aws(tags = "elbv2:CreateTargetGroup.Tags", own_tags = 1)]
pub struct TargetGroup {
    /// Its name, unique in the region, at most 32 characters: `ci-mhcbanana-80-http`.
    #[resource(create_only, exclusive, chosen_name, derived_name)]
    #[aws("elbv2:CreateTargetGroup.Name")]
    pub name: String,
    /// VPC of the instances.
    #[resource(replace = "a target group cannot move to another VPC", in_use)]
    #[aws("elbv2:CreateTargetGroup.VpcId")]
    pub vpc: Ref,
    /// Protocol: `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`.
    #[resource(replace = "AWS cannot change the protocol of a target group", identity)]
    #[aws("elbv2:CreateTargetGroup.Protocol")]
    pub protocol: String,
    /// Port of the instances.
    #[resource(replace = "AWS cannot change the port of a target group", identity)]
    #[aws("elbv2:CreateTargetGroup.Port")]
    pub port: u16,
    /// Health check of the registered instances.
    // Instances that fail it get no requests.
    #[resource(in_place = Disruptive)]
    #[aws("elbv2:CreateTargetGroup")]
    pub health_check: TargetHealthCheck,
    /// Seconds that requests in flight have when an instance is deregistered.
    #[aws("elbv2:ModifyTargetGroupAttributes.Attributes.Value@deregistration_delay.timeout_seconds")]
    pub draining: u32,
    /// What binds a client to one instance. Default: nothing.
    #[resource(in_place = Disruptive, initial = None)]
    #[aws("elbv2:ModifyTargetGroupAttributes.Attributes.Value@stickiness.type")]
    pub stickiness: Option<Stickiness>,
    /// Attributes beside those above that are not AWS's default, by AWS's names. The program does not know them: what
    /// somebody set by hand stays, and a resource that takes the place of another one gets it too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[resource(create_only, initial = BTreeMap::new())]
    #[aws(not_sent = "AWS had the values before")]
    pub attributes: BTreeMap<String, String>,
}

/// The health check of a [`TargetGroup`]. Times are seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
pub struct TargetHealthCheck {
    /// Protocol: `HTTP`, `HTTPS` or `TCP`.
    #[aws("elbv2:CreateTargetGroup.HealthCheckProtocol")]
    pub protocol: String,
    /// Port of the check.
    #[aws("elbv2:CreateTargetGroup.HealthCheckPort")]
    pub port: u16,
    /// Path, for `HTTP` and `HTTPS`.
    #[aws("elbv2:CreateTargetGroup.HealthCheckPath")]
    pub path: Option<String>,
    /// Time between two checks.
    #[aws("elbv2:CreateTargetGroup.HealthCheckIntervalSeconds")]
    pub interval: u32,
    /// Time to wait for a response.
    #[aws("elbv2:CreateTargetGroup.HealthCheckTimeoutSeconds")]
    pub timeout: u32,
    /// Failed checks after which an instance is unhealthy.
    #[aws("elbv2:CreateTargetGroup.UnhealthyThresholdCount")]
    pub unhealthy: u32,
    /// Successful checks after which an instance is healthy.
    #[aws("elbv2:CreateTargetGroup.HealthyThresholdCount")]
    pub healthy: u32,
}

/// An Application or Network Load Balancer. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnets), renamed = Kept)]
#[resource(outputs(
    arn = "{id}",
    console = "ec2/home?region={region}#LoadBalancer:loadBalancerArn={id}",
    fields(name),
    assigned(DnsName, DnsZone)
))]
#[resource(outage(seconds = 180, what = "its ports are closed"))]
// It still serves requests of instances that are terminated.
#[resource(delete_after(AutoScalingGroup), summary(listeners))]
#[aws(tags = "elbv2:CreateLoadBalancer.Tags", own_tags = 1)]
pub struct LoadBalancer {
    /// Its name, unique in the region, at most 32 characters: `ci-mhcbanana`.
    #[resource(create_only, exclusive, chosen_name, derived_name)]
    #[aws("elbv2:CreateLoadBalancer.Name")]
    pub name: String,
    /// Application or network.
    #[resource(replace = "a load balancer of one kind cannot become one of the other")]
    #[aws("elbv2:CreateLoadBalancer.Type")]
    pub family: BalancerFamily,
    /// From where it can be reached.
    #[resource(replace = SCHEME_IS_FIXED)]
    #[aws("elbv2:CreateLoadBalancer.Scheme")]
    pub scheme: Scheme,
    /// Its subnets.
    #[resource(
        elements(changed = Disruptive, removed = Disruptive),
        min = self.family.min_subnets(),
        vpc_bound_by,
        in_use
    )]
    #[aws("elbv2:CreateLoadBalancer.Subnets")]
    pub subnets: BTreeSet<Ref>,
    /// Security groups.
    #[resource(elements(changed = Disruptive, removed = Disruptive), in_use)]
    #[aws("elbv2:CreateLoadBalancer.SecurityGroups")]
    pub groups: BTreeSet<Ref>,
    /// Its listeners.
    #[resource(
        elements(changed = Disruptive, removed = Disruptive),
        in_use,
        serving,
        initial = BTreeSet::new()
    )]
    #[aws("elbv2:CreateListener")]
    pub listeners: BTreeSet<Listener>,
    /// Rules that somebody added to its listeners in AWS. The program does not know them: they stay while their port is
    /// open, and a load balancer that takes the place of another one gets those that it can have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[resource(elements, in_use, initial = BTreeSet::new())]
    #[aws(not_sent = "AWS had the values before")]
    pub listener_rules: BTreeSet<ListenerRule>,
    /// Seconds before an idle connection is closed; absent for a Network Load Balancer, where it is fixed.
    #[aws("elbv2:ModifyLoadBalancerAttributes.Attributes.Value@idle_timeout.timeout_seconds")]
    pub idle_timeout: Option<u32>,
    /// Whether it sends requests to instances in all availability zones; absent for an Application Load Balancer,
    /// which always does.
    #[aws("elbv2:ModifyLoadBalancerAttributes.Attributes.Value@load_balancing.cross_zone.enabled")]
    pub cross_zone: Option<bool>,
    /// Attributes beside those above that are not AWS's default, by AWS's names. The program does not know them: what
    /// somebody set by hand stays, and a resource that takes the place of another one gets it too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[resource(create_only, initial = BTreeMap::new())]
    #[aws(not_sent = "AWS had the values before")]
    pub attributes: BTreeMap<String, String>,
}

/// The kind of a [`LoadBalancer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
pub enum BalancerFamily {
    /// It forwards HTTP requests.
    Application,
    /// It forwards connections.
    Network,
}

impl BalancerFamily {
    /// An Application Load Balancer needs two availability zones, and has one subnet in each.
    fn min_subnets(self) -> usize {
        match self {
            Self::Application => 2,
            Self::Network => 1,
        }
    }
}

/// A listener of a [`LoadBalancer`]. Protocols are AWS's: `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Listener {
    /// Port of the load balancer.
    #[element(key)]
    #[aws("elbv2:CreateListener.Port")]
    pub port: u16,
    /// Protocol of the load balancer.
    #[aws("elbv2:CreateListener.Protocol")]
    pub protocol: String,
    /// Certificate, for `HTTPS` and `TLS`; its id is its ARN.
    #[aws("elbv2:CreateListener.Certificates.CertificateArn")]
    pub certificate: Option<Ref>,
    /// Security policy, for `HTTPS` and `TLS`. Absent in plans of older versions: then AWS's stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[aws("elbv2:CreateListener.SslPolicy")]
    pub tls_policy: Option<TlsPolicy>,
    /// Certificates that clients get by the server name they ask for, beside `certificate`. Where the program names none,
    /// what somebody added in AWS stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[aws("elbv2:AddListenerCertificates.Certificates.CertificateArn")]
    pub further_certificates: Option<BTreeSet<Ref>>,
    /// Target group that receives everything; absent where clients are redirected. Another action of a live listener is
    /// named in place of the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[aws("elbv2:CreateListener.DefaultActions.TargetGroupArn")]
    pub target: Option<Ref>,
    /// Where clients are redirected to, with the same host, path and query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[aws("elbv2:CreateListener.DefaultActions.RedirectConfig")]
    pub redirect: Option<Redirect>,
}

/// The protocol and port that a [`Listener`] redirects clients to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct Redirect {
    /// Protocol: `HTTP` or `HTTPS`.
    #[aws("elbv2:CreateListener.DefaultActions.RedirectConfig.Protocol")]
    pub protocol: String,
    /// Port.
    #[aws("elbv2:CreateListener.DefaultActions.RedirectConfig.Port")]
    pub port: u16,
}

/// A rule that somebody added to a [`Listener`] in AWS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct ListenerRule {
    /// Port of the listener.
    #[element(key)]
    #[aws(not_sent = "AWS had the value before")]
    pub port: u16,
    /// Its priority, unique in the listener.
    #[element(key)]
    #[aws(not_sent = "AWS had the value before")]
    pub priority: u32,
    /// What it is for and what it does: `path-pattern /api/* → forward`.
    #[aws(not_sent = "AWS had the value before")]
    pub text: String,
    /// The target groups that it forwards to, in its order. Those of the program are named by their address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[aws(not_sent = "AWS had the values before")]
    pub targets: Vec<Ref>,
    /// Whether it has a client secret, which AWS shows nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[aws(not_sent = "AWS had the value before")]
    pub has_secret: bool,
    /// Its ARN.
    #[aws(not_sent = "AWS had the value before")]
    pub arn: String,
}

impl ListenerRule {
    /// Whether a listener of another load balancer can have it. A target group serves one load balancer only, so that
    /// the new one can have those of the program alone.
    pub fn can_move(&self) -> bool {
        !self.has_secret && self.targets.iter().all(|target| matches!(target, Ref::To(_)))
    }
}

impl fmt::Display for ListenerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {}: {}", self.port, self.text)
    }
}

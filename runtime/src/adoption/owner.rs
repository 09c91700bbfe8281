//! Who else manages a live resource, as its tags say.

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, Imagined, PROJECT_TAG};

/// Keys whose value names what manages the resource, and what that is.
const NAMED: [(&str, &str); 13] = [
    ("aws:cloudformation:stack-name", "CloudFormation stack"),
    ("aws:autoscaling:groupName", "Auto Scaling group"),
    ("aws:eks:cluster-name", "EKS cluster"),
    ("eks:cluster-name", "EKS cluster"),
    ("elasticbeanstalk:environment-name", "Elastic Beanstalk environment"),
    ("elbv2.k8s.aws/cluster", "Kubernetes cluster"),
    ("kubernetes.io/service-name", "Kubernetes service"),
    ("aws:elasticmapreduce:job-flow-id", "EMR cluster"),
    ("aws:servicecatalog:provisionedProductArn", "Service Catalog product"),
    ("spotinst:aws:ec2:group:id", "Spotinst group"),
    ("spotinst:accountId", "Spotinst account"),
    ("pulumi:project", "Pulumi project"),
    // What ExternalDNS writes in a TXT record.
    ("external-dns/owner", "ExternalDNS"),
];
/// The beginnings of keys that say the same without a name, or with the name in the key.
const PREFIXES: [(&str, &str); 5] = [
    ("kubernetes.io/cluster/", "Kubernetes cluster"),
    ("aws:cloudformation:", "CloudFormation"),
    ("elasticbeanstalk:", "Elastic Beanstalk"),
    ("spotinst", "Spotinst"),
    ("k8s.io/", "Kubernetes"),
];
/// Tools that people name in tags such as `ManagedBy`.
const TOOLS: [(&str, &str); 6] = [
    ("terraform", "Terraform"),
    ("opentofu", "OpenTofu"),
    ("terragrunt", "Terraform"),
    ("pulumi", "Pulumi"),
    ("cloudformation", "CloudFormation"),
    ("cdk", "the AWS CDK"),
];

/// Who manages a resource instead of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Another project of asiaq.
    Project(String),
    /// Another tool, with what it calls its own: `CloudFormation stack "web"`.
    Tool(String),
}

impl Manager {
    /// Its name, for people.
    pub fn name(&self) -> String {
        match self {
            Self::Project(project) => format!("project `{project}` of asiaq"),
            Self::Tool(tool) => tool.clone(),
        }
    }
}

/// The manager that the tags of a resource name, if it is another than `project`.
pub fn manager(tags: &BTreeMap<String, String>, project: &str) -> Option<Manager> {
    if let Some(other) = tags.get(Imagined::OWNER) {
        return Some(Manager::Project(other.clone()));
    }
    if let Some(other) = tags.get(PROJECT_TAG).filter(|_| tags.contains_key(ADDRESS_TAG)) {
        return (other != project).then(|| Manager::Project(other.clone()));
    }
    let named = NAMED.iter().find_map(|(key, what)| Some(format!("{what} `{}`", tags.get(*key)?)));
    let tool = named.or_else(|| tags.iter().find_map(|(key, value)| of_tag(key, value)));
    tool.map(Manager::Tool)
}

fn of_tag(key: &str, value: &str) -> Option<String> {
    for (prefix, what) in PREFIXES {
        if let Some(rest) = key.strip_prefix(prefix) {
            let is_named = prefix.ends_with("cluster/") && !rest.is_empty();
            return Some(if is_named { format!("{what} `{rest}`") } else { what.to_owned() });
        }
    }
    let plain: String = key.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let says_no = ["false", "no", "0", ""].contains(&value.to_lowercase().trim());
    if (plain == "terraform" || plain.starts_with("terraformworkspace")) && !says_no {
        return Some("Terraform".to_owned());
    }
    if ["managedby", "createdby", "provisioner", "provisionedby", "tool", "iac"].contains(&plain.as_str()) {
        let value = value.to_lowercase();
        let tool = TOOLS.iter().find(|(word, _)| value.contains(word));
        return tool.map(|(_, name)| (*name).to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(key: &str, value: &str) -> Option<String> {
        manager(&BTreeMap::from([(key.to_owned(), value.to_owned())]), "astro").map(|one| one.name())
    }

    #[test]
    fn tags_say_who_manages_a_resource() {
        let stack = named("aws:cloudformation:stack-name", "web").unwrap();
        assert_eq!(stack, "CloudFormation stack `web`");
        assert_eq!(named("kubernetes.io/cluster/prod", "owned").unwrap(), "Kubernetes cluster `prod`");
        assert_eq!(named("spotinst", "True").unwrap(), "Spotinst");
        assert_eq!(named("ManagedBy", "Terraform 1.11").unwrap(), "Terraform");
        assert_eq!(named("managed-by", "ops"), None);
        assert_eq!(named("terraform", "true").unwrap(), "Terraform");
        assert_eq!(named("terraform", "false"), None);
        assert_eq!(named("Name", "terraform-host"), None);
        assert_eq!(named("environment", "ci"), None);
    }

    #[test]
    fn tags_say_which_project_owns_a_resource() {
        let tags = |project: &str| {
            let both = [(PROJECT_TAG, project), (ADDRESS_TAG, "ci/vpc")];
            both.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
        };
        assert_eq!(manager(&tags("other"), "astro").unwrap().name(), "project `other` of asiaq");
        assert_eq!(manager(&tags("astro"), "astro"), None);
    }
}

//! Fields of instances, their volumes and their scaling, by the names that AWS, Terraform and `CloudFormation` give them.

use super::{AwsWord, missing, of, written};

pub(super) const FIELDS: &[AwsWord] = &[
    of(
        &["hostclass", "run"],
        written(
            &["security_group", "security_groups", "security_group_ids", "vpc_security_group_ids", "sg"],
            "an instance is in the security group of its metanetwork; name others in the hostclass: `security = [NETWORK]`",
        ),
    ),
    of(
        &["lb", "elb"],
        missing(
            &["security", "security_group", "security_groups", "security_group_ids", "sg"],
            "further security groups of load balancers",
        ),
    ),
    of(
        &["hostclass", "lb", "elb"],
        written(
            &[
                "meta_network",
                "metanetwork",
                "subnet",
                "subnet_id",
                "subnet_ids",
                "subnets",
                "vpc_zone_identifier",
            ],
            "write the metanetwork as `network = intranet`",
        ),
    ),
    of(
        &["hostclass", "run"],
        written(
            &["instance_type", "instance_types", "instance_class", "machine_type", "size"],
            "write `type = m7i.large` in a `run`",
        ),
    ),
    of(
        &["hostclass"],
        written(
            &["image", "image_id", "ami_id", "ami", "ami_name"],
            "write `ami { id = \"ami-0123456789abcdef0\" }`",
        ),
    ),
    of(
        &["run"],
        written(&["image", "image_id", "ami_id", "ami_name"], "write `ami = \"ami-0123456789abcdef0\"`"),
    ),
    of(
        &["hostclass", "run"],
        written(&["key_name", "key_pair", "keypair", "ssh_key"], "write `key = \"NAME\"` in the hostclass"),
    ),
    of(
        &["hostclass", "run"],
        written(
            &["iam_instance_profile", "iam_role", "profile", "role", "instance_role"],
            "write `instance_profile = \"NAME\"` in the hostclass",
        ),
    ),
    of(
        &["hostclass", "run"],
        written(
            &["associate_public_ip_address", "public", "assign_public_ip"],
            "write `public_ip` in the hostclass: whether its instances get a public address",
        ),
    ),
    of(
        &["hostclass", "run"],
        written(
            &[
                "root_block_device",
                "root_volume",
                "root_volume_size",
                "volume_size",
                "root_disk",
                "disk_size",
            ],
            "write the size of the root volume as `root_size = 20GB` in the hostclass",
        ),
    ),
    of(
        &["hostclass", "run"],
        written(
            &["startup_script", "user_data_base64", "cloud_init", "user_data_script", "init"],
            "write `script = file \"boot.sh\"` in the hostclass",
        ),
    ),
    of(
        &["hostclass", "run"],
        missing(
            &[
                "cpu_options",
                "credit_specification",
                "disable_api_termination",
                "hibernation",
                "host_id",
                "lifecycle_hook",
                "metadata_options",
                "placement_group",
                "instance_requirements",
                "mixed_instances_policy",
                "spot_price",
                "suspended_processes",
                "warm_pool",
                "notify",
                "enabled_metrics",
                "target_group_arns",
            ],
            "such settings of instances and Auto Scaling groups",
        ),
    ),
    of(
        &["run"],
        written(&["desired_capacity", "count", "instances", "capacity", "replicas"], "write `desired = 2`"),
    ),
    of(&["run"], written(&["min_size", "minimum", "min_capacity"], "write `min = 2`")),
    of(&["run"], written(&["max_size", "maximum", "max_capacity"], "write `max = 2`")),
    of(
        &["run"],
        written(&["health_check_type", "health_check"], "write `health = balancer` or `health = machine`"),
    ),
    of(&["run"], written(&["health_check_grace_period"], "write `grace = 5m`")),
    of(
        &["hostclass"],
        written(
            &["desired", "min", "max", "desired_capacity", "min_size", "max_size"],
            "sizes belong to a `run` of the hostclass: `run NAME { desired = 2 }` in a stage of a `pipeline`",
        ),
    ),
    of(&["disk"], written(&["volume_size"], "write `size = 100GB`")),
    of(&["disk"], written(&["volume_type"], "write `type = gp3`")),
    of(
        &["disk"],
        missing(
            &[
                "kms_key_id",
                "key",
                "kms_key",
                "snapshot_id",
                "snapshot",
                "delete_on_termination",
                "device_name",
                "device",
            ],
            "such settings of volumes",
        ),
    ),
    of(
        &["scaling"],
        written(
            &["predefined_metric_type", "metric", "target_tracking"],
            "write `track = cpu`, `network_in` or `network_out`",
        ),
    ),
    of(&["scaling"], written(&["target_value"], "write `target = 60`")),
    of(
        &["scaling"],
        written(&["scaling_adjustment", "adjustment", "change"], "write `add = 1` or `remove = 1`"),
    ),
];

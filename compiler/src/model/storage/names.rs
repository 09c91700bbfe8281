//! What buckets, trails and documents are called in AWS, so that policies can refer to them before they are read.

use crate::block::Block;
use crate::evaluate::Evaluator;
use crate::library::fields::{BucketFields, DocumentFields, TrailFields};
use crate::library::kinds;
use crate::model::identity::Arns;
use crate::typing::Variables;

/// Adds the ARNs of what an account in `region` declares here.
pub(in crate::model) fn add_arns(
    arns: &mut Arns,
    region: &str,
    account: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
) {
    for kind in [kinds::BUCKET, kinds::TRAIL, kinds::DOCUMENT] {
        for name in account.nested(kind) {
            let Some(block) = account.child(kind, Some(name), &[]) else { continue };
            let span = account.last_span(kind, Some(name));
            // Mistakes are reported when all is read.
            let fields = evaluator.fields(kind, &block, span, &mut Vec::new());
            let set = match kind {
                kinds::BUCKET => BucketFields::of(&fields, span).name,
                kinds::TRAIL => TrailFields::of(&fields, span).name,
                _ => DocumentFields::of(&fields, span).name,
            };
            let aws = set.map_or_else(|| usual(kind, name, &evaluator.variables), |set| set.value);
            let (partition, id) = (arns.partition, &arns.account);
            let all = match kind {
                kinds::BUCKET => bucket_arns(partition, &aws).to_vec(),
                kinds::TRAIL => vec![format!("arn:{partition}:cloudtrail:{region}:{id}:trail/{aws}")],
                _ => vec![format!("arn:{partition}:ssm:{region}:{id}:document/{aws}")],
            };
            arns.add(kind, name, all);
        }
    }
}

/// What a declaration is called in AWS if it does not say so. All accounts share the names of buckets: `shop-logs-audit`.
pub(super) fn usual(kind: &str, name: &str, variables: &Variables) -> String {
    if kind != kinds::BUCKET {
        return name.to_owned();
    }
    let of = |path| variables.get(path).map(String::as_str).unwrap_or_default();
    format!("{}-{name}-{}", of("project.name"), of("account.name")).to_ascii_lowercase().replace('_', "-")
}

/// The ARN of a bucket, and that of its objects.
pub(super) fn bucket_arns(partition: &str, aws: &str) -> [String; 2] {
    let bucket = format!("arn:{partition}:s3:::{aws}");
    let objects = format!("{bucket}/*");
    [bucket, objects]
}

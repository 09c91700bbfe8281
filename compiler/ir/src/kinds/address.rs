use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

/// An Elastic IP address that asiaq allocates, and releases when no resource needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:elastic-ip/{id}",
    console = "ec2/home?region={region}#ElasticIpDetails:AllocationId={id}",
    assigned(PublicIp)
))]
#[resource(outage(seconds = 10, what = "nothing answers at its address"))]
// A released address cannot be allocated again.
#[resource(deletion = DataLoss)]
#[aws(tags = "ec2:AllocateAddress.TagSpecifications.Tags", shown = "Elastic IP address")]
pub struct ElasticIp {}

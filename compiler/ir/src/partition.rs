/// A partition of AWS: regions that share accounts and the beginning of ARNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// The public regions.
    Aws,
    /// China.
    China,
    /// AWS `GovCloud` (US).
    GovCloud,
    /// Another one, by its name in ARNs.
    Other(&'static str),
}

impl Partition {
    /// The partition of a region.
    pub fn of(region: &str) -> Self {
        match region {
            region if region.starts_with("cn-") => Self::China,
            region if region.starts_with("us-gov-") => Self::GovCloud,
            region if region.starts_with("eusc-") => Self::Other("aws-eusc"),
            region if region.starts_with("us-iso-") => Self::Other("aws-iso"),
            region if region.starts_with("us-isob-") => Self::Other("aws-iso-b"),
            region if region.starts_with("eu-isoe-") => Self::Other("aws-iso-e"),
            region if region.starts_with("us-isof-") => Self::Other("aws-iso-f"),
            _ => Self::Aws,
        }
    }

    /// Its name in ARNs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::Other(name) => name,
        }
    }

    /// The region in which the index of tags has what is in no region ("Services that support the Resource Groups Tagging
    /// API"); `region` where that is not public.
    pub fn home_or(self, region: &str) -> &str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-north-1",
            Self::GovCloud => "us-gov-west-1",
            Self::Other(_) => region,
        }
    }

    /// The host of the AWS Management Console ("AWS Management Console endpoints"); absent where it is not public.
    pub fn console(self) -> Option<&'static str> {
        match self {
            Self::Aws => Some("console.aws.amazon.com"),
            Self::China => Some("console.amazonaws.cn"),
            Self::GovCloud => Some("console.amazonaws-us-gov.com"),
            Self::Other(_) => None,
        }
    }
}

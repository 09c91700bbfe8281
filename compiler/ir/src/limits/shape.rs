use super::{Characters, Class, Problem};

use table::TABLE;

#[allow(clippy::unreadable_literal, reason = "the build script writes them")]
mod table {
    use super::{Characters, Class, NOTHING, Range, Shape};

    include!(concat!(env!("OUT_DIR"), "/shapes.rs"));
}

/// A member of a request, and what AWS accepts for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Service, operation and path, as in `sns:CreateTopic.Name`; after `@` which of several values of one member.
    pub name: &'static str,
    /// Characters of a text; of each text in a list.
    pub length: Option<Range>,
    /// Most bytes of a text in UTF-8.
    pub bytes: Option<usize>,
    /// A number.
    pub value: Option<Range>,
    /// Elements of a list or map.
    pub count: Option<Range>,
    /// Characters that a text consists of.
    pub chars: Option<&'static Characters>,
    /// Characters that a text begins with.
    pub first: Option<&'static Characters>,
    /// The words that a text is one of; empty for any.
    pub words: &'static [&'static str],
    /// Whether the request needs the member.
    pub is_required: bool,
    /// A pattern of the models that is more than a character class, and is not checked.
    pub unread: Option<&'static str>,
    /// The manual that says what the service models do not.
    pub manual: Option<&'static str>,
}

/// A range of numbers with its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The smallest number; `i64::MIN` for none.
    pub least: i64,
    /// The largest number; `i64::MAX` for none.
    pub most: i64,
}

impl Range {
    pub(super) fn contains(self, number: i64) -> bool {
        (self.least..=self.most).contains(&number)
    }
}

const NOTHING: Shape = Shape {
    name: "",
    length: None,
    bytes: None,
    value: None,
    count: None,
    chars: None,
    first: None,
    words: &[],
    is_required: false,
    unread: None,
    manual: None,
};

impl Shape {
    /// Whether the table says anything about the values.
    pub fn is_limited(&self) -> bool {
        let Self { length, bytes, value, count, chars, first, words, .. } = self;
        let ranges = [length, value, count].iter().any(|range| range.is_some());
        ranges || bytes.is_some() || chars.is_some() || first.is_some() || !words.is_empty()
    }

    /// Whether AWS accepts a text.
    pub fn accepts_text(&self, text: &str) -> bool {
        Problem::of_text(self, text, 0).is_none()
    }

    /// Whether AWS accepts a number.
    pub fn accepts_number(&self, number: i64) -> bool {
        self.value.is_none_or(|range| range.contains(number))
    }

    /// Whether AWS accepts a list or map of this length.
    pub fn accepts_count(&self, count: usize) -> bool {
        Problem::of_count(self, count).is_none()
    }

    /// The page that says so, for people: the manual, or the API reference of the service.
    pub fn page(&self) -> String {
        if let Some(manual) = self.manual {
            return manual.to_owned();
        }
        let (service, path) = self.name.split_once(':').unwrap_or_default();
        let service = match service {
            "application-autoscaling" => "Application Auto Scaling",
            "autoscaling" => "Amazon EC2 Auto Scaling",
            "cloudtrail" => "AWS CloudTrail",
            "cloudwatch" => "Amazon CloudWatch",
            "dynamodb" => "Amazon DynamoDB",
            "ec2" => "Amazon EC2",
            "elb" | "elbv2" => "Elastic Load Balancing",
            "iam" => "AWS IAM",
            "logs" => "Amazon CloudWatch Logs",
            "opensearch" => "Amazon OpenSearch Service",
            "route53" => "Amazon Route 53",
            "s3" => "Amazon S3",
            "sns" => "Amazon SNS",
            "ssm" => "AWS Systems Manager",
            other => other,
        };
        let operation = path.split('.').next().unwrap_or_default();
        format!("{service} API reference, `{operation}`")
    }
}

/// A field of the IR, and the members that it is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The struct or enum in words, as in "metric filter".
    pub owner: &'static str,
    /// The field in words, as in "name".
    pub field: &'static str,
    /// What it is sent as; none for a field that is not sent.
    pub shapes: &'static [&'static Shape],
    /// Characters that the adapter adds to the text.
    pub plus: usize,
    /// Whether no call is made if the value is absent.
    pub is_call: bool,
    /// Why the field is not sent.
    pub not_sent: Option<&'static str>,
}

/// The members that the tags of a kind are sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagShapes {
    /// The kind in words.
    pub owner: &'static str,
    /// The list.
    pub tags: &'static Shape,
    /// The key of a tag.
    pub key: &'static Shape,
    /// The value of a tag.
    pub value: &'static Shape,
    /// Tags that the engine adds to those of the IR.
    pub own: usize,
}

/// The member called `name`. A name that the table does not have fails the build.
pub(crate) const fn shape(name: &str) -> &'static Shape {
    let mut rest = TABLE;
    while let [first, others @ ..] = rest {
        if is_same(first.name, name) {
            return first;
        }
        rest = others;
    }
    #[allow(clippy::panic, reason = "runs at compile time")]
    {
        panic!("`limits/models.txt` has no such member: check its name and run `make limits`")
    }
}

const fn is_same(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([first, others @ ..], [second, more @ ..]) = (a, b) {
        if *first != *second {
            return false;
        }
        (a, b) = (others, more);
    }
    true
}

//! Condition operators, as "IAM JSON policy elements: Condition operators" has them.

/// How the values of a condition are compared with those of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator {
    /// Which of several values of a request have to compare.
    pub quantifier: Option<Quantifier>,
    /// The comparison.
    pub test: Test,
    /// Whether a request without the key passes (`IfExists`).
    pub if_exists: bool,
}

/// Which of several values of a request have to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantifier {
    /// All; true where there are none.
    ForAllValues,
    /// One at least.
    ForAnyValue,
}

macro_rules! tests {
    ($($name:ident $family:ident $is_negated:literal,)*) => {
        /// A comparison.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "they are IAM's own words")]
        pub enum Test { $($name,)* }

        impl Test {
            /// All comparisons.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As a policy has it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// What it compares.
            pub(crate) fn family(self) -> Family {
                match self { $(Self::$name => Family::$family,)* }
            }

            /// Whether it holds where the comparison does not, and for a request without the key.
            pub fn is_negated(self) -> bool {
                match self { $(Self::$name => $is_negated,)* }
            }
        }
    };
}

/// What a comparison compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Arn,
    Binary,
    Bool,
    Date,
    Ip,
    Null,
    Numeric,
    String,
}

tests! {
    ArnEquals Arn false,
    ArnLike Arn false,
    ArnNotEquals Arn true,
    ArnNotLike Arn true,
    BinaryEquals Binary false,
    Bool Bool false,
    DateEquals Date false,
    DateGreaterThan Date false,
    DateGreaterThanEquals Date false,
    DateLessThan Date false,
    DateLessThanEquals Date false,
    DateNotEquals Date true,
    IpAddress Ip false,
    NotIpAddress Ip true,
    Null Null false,
    NumericEquals Numeric false,
    NumericGreaterThan Numeric false,
    NumericGreaterThanEquals Numeric false,
    NumericLessThan Numeric false,
    NumericLessThanEquals Numeric false,
    NumericNotEquals Numeric true,
    StringEquals String false,
    StringEqualsIgnoreCase String false,
    StringLike String false,
    StringNotEquals String true,
    StringNotEqualsIgnoreCase String true,
    StringNotLike String true,
}

impl Test {
    /// Whether it compares texts without regard to case.
    pub(crate) fn is_caseless(self) -> bool {
        matches!(self, Self::StringEqualsIgnoreCase | Self::StringNotEqualsIgnoreCase)
    }

    /// Whether it compares texts in which `*` and `?` are themselves.
    pub(crate) fn is_exact(self) -> bool {
        self.is_caseless() || matches!(self, Self::StringEquals | Self::StringNotEquals)
    }
}

impl Operator {
    /// A comparison by itself.
    pub fn new(test: Test) -> Self {
        Self { quantifier: None, test, if_exists: false }
    }

    /// Reads `ForAllValues:StringLikeIfExists` and the like; letters count as they are.
    pub fn read(word: &str) -> Option<Self> {
        let all = word.strip_prefix("ForAllValues:").map(|rest| (Some(Quantifier::ForAllValues), rest));
        let any = || word.strip_prefix("ForAnyValue:").map(|rest| (Some(Quantifier::ForAnyValue), rest));
        let (quantifier, rest) = all.or_else(any).unwrap_or((None, word));
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let test = Test::ALL.iter().copied().find(|test| test.word() == name)?;
        // `Null` asks for the presence of a key itself.
        (test != Test::Null || !if_exists && quantifier.is_none()).then_some(Self {
            quantifier,
            test,
            if_exists,
        })
    }

    /// Whether a condition holds for a request without the key. `Null` asks for just that: its value says whether it does.
    pub(crate) fn passes_without_key(self) -> bool {
        self.if_exists
            || match self.quantifier {
                None => self.test.is_negated(),
                Some(Quantifier::ForAllValues) => true,
                Some(Quantifier::ForAnyValue) => false,
            }
    }

    /// As a policy has it.
    pub fn word(self) -> String {
        let quantifier = match self.quantifier {
            None => "",
            Some(Quantifier::ForAllValues) => "ForAllValues:",
            Some(Quantifier::ForAnyValue) => "ForAnyValue:",
        };
        format!("{quantifier}{}{}", self.test.word(), if self.if_exists { "IfExists" } else { "" })
    }
}

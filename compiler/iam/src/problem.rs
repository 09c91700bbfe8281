//! What is wrong with a policy, as data: whoever reads it has the places and draws them.

use serde::Serialize;

/// One mistake, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem<P> {
    /// Which mistake it is.
    pub code: Code,
    /// The smallest place that is wrong.
    pub place: P,
    /// Headline.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
    /// What to write in place of the text at the place, where that is plain.
    pub replacement: Option<String>,
    /// Other places that contributed, each with its part in it.
    pub related: Vec<(P, String)>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// AWS accepts it, and it may be meant.
    Warning,
    /// AWS refuses it, or it cannot be meant.
    Error,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal $severity:ident,)*) => {
        /// Which mistake it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its word, as in `policy-json`.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    /// Every action on every resource is allowed.
    AllOnAll = "policy-all-on-all" Warning,
    /// A text that is not an action.
    BadAction = "policy-action" Error,
    /// A text that is not an ARN.
    BadArn = "policy-arn" Error,
    /// A text that is not a condition key.
    BadKey = "policy-condition-key" Error,
    /// A name that a statement of IAM cannot have.
    BadName = "policy-statement-name" Error,
    /// A text that is no principal.
    BadPrincipal = "policy-principal" Error,
    /// A value that the operator cannot read.
    BadValue = "policy-condition-value" Error,
    /// A text that is not a variable, or is none here.
    BadVariable = "policy-variable" Warning,
    /// The id of a user or role that is deleted.
    DeletedPrincipal = "policy-deleted-principal" Error,
    /// A value that is in a list already.
    Duplicate = "policy-duplicate" Warning,
    /// Permissions with which their holder can get others.
    Escalation = "policy-escalation" Warning,
    /// A key that requests for the actions do not have.
    KeyNotOfAction = "policy-key-of-other-action" Warning,
    /// A pattern that no action matches.
    MatchesNothing = "policy-matches-nothing" Warning,
    /// An element that a policy needs is missing.
    MissingElement = "policy-missing-element" Error,
    /// An action and a resource that do not go together.
    NotApplicable = "policy-not-applicable" Warning,
    /// The text is no JSON.
    NotJson = "policy-json" Error,
    /// Everyone is allowed.
    OpenToEveryone = "policy-open-to-everyone" Warning,
    /// An operator that does not fit the values of the key.
    OperatorType = "policy-operator-type" Warning,
    /// An allow that a deny takes back.
    Pointless = "policy-pointless-allow" Warning,
    /// A policy of an identity names principals.
    PrincipalInIdentity = "policy-principal-in-identity" Error,
    /// A private address where requests have public ones.
    PrivateAddress = "policy-private-address" Warning,
    /// A quantifier that is missing, or one too many.
    Quantifier = "policy-quantifier" Warning,
    /// A key or a name of a statement is there twice.
    Repeated = "policy-repeated" Error,
    /// A policy that is too long.
    TooLarge = "policy-too-large" Error,
    /// A trust policy that lets nobody in.
    TrustForNobody = "policy-trust-for-nobody" Error,
    /// An element that a trust policy does not have.
    TrustElement = "policy-trust-element" Error,
    /// An action that the service is not known to have.
    UnknownAction = "policy-unknown-action" Warning,
    /// An element that policies do not have.
    UnknownElement = "policy-element" Error,
    /// A condition key that is not known.
    UnknownKey = "policy-unknown-key" Warning,
    /// A condition operator that IAM does not have.
    UnknownOperator = "policy-operator" Error,
    /// A service that is not known.
    UnknownService = "policy-unknown-service" Warning,
    /// A version of the language that IAM does not have.
    UnknownVersion = "policy-version" Error,
    /// A wildcard where it is none.
    Wildcard = "policy-wildcard" Warning,
    /// A value of another type than the element has.
    WrongShape = "policy-shape" Error,
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<P> Problem<P> {
    /// The problem `code` at `place`.
    pub(crate) fn new(code: Code, place: P, message: impl Into<String>) -> Self {
        Self { code, place, message: message.into(), help: None, replacement: None, related: Vec::new() }
    }

    /// With a way to fix it.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a text for the place, if there is one, and the help that says so.
    #[must_use]
    pub(crate) fn instead(mut self, text: Option<impl Into<String>>) -> Self {
        if let Some(text) = text {
            let text = text.into();
            self.help = Some(format!("write `{text}`"));
            self.replacement = Some(text);
        }
        self
    }

    /// With another place.
    #[must_use]
    pub(crate) fn related(mut self, place: P, message: impl Into<String>) -> Self {
        self.related.push((place, message.into()));
        self
    }

    /// The same with other places.
    pub fn map<Q>(self, place: &impl Fn(P) -> Q) -> Problem<Q> {
        Problem {
            code: self.code,
            place: place(self.place),
            message: self.message,
            help: self.help,
            replacement: self.replacement,
            related: self.related.into_iter().map(|(of, message)| (place(of), message)).collect(),
        }
    }

    /// Whether the policy is refused for it.
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }
}

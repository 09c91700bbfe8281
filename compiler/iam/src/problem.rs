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
    /// An element that a policy needs is missing.
    MissingElement = "policy-missing-element" Error,
    /// The text is no JSON.
    NotJson = "policy-json" Error,
    /// A key or a statement identifier is there twice.
    Repeated = "policy-repeated" Error,
    /// An element that policies do not have.
    UnknownElement = "policy-element" Error,
    /// A condition operator that IAM does not have.
    UnknownOperator = "policy-operator" Error,
    /// A version of the language that IAM does not have.
    UnknownVersion = "policy-version" Error,
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

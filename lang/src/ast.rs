//! The syntax tree. The compiler resolves names and checks types.

mod statements;

use std::fmt;

use crate::{FileId, Span};

pub use statements::{Choice, Effect, Permitted, Statement, Test};

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Which file.
    pub file: FileId,
    /// Its items in order; broken ones are left out.
    pub items: Vec<Item>,
    /// Every comment that is not documentation, in order.
    pub comments: Vec<Span>,
    /// Every `allow`, in order.
    pub allows: Vec<Allow>,
}

/// `allow(CODE, …)`: warnings to suppress in the next item or member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The codes of the warnings.
    pub codes: Vec<Name>,
    /// From the word to the closing parenthesis.
    pub span: Span,
    /// The item or member that follows.
    pub covers: Span,
}

/// Something at the top of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `use std/classic`
    Use(Use),
    /// `let office = 54.201.1.1/32`
    Let(Let),
    /// `env ci : sandbox { … }`, `peering ops_ci = …`
    Decl(Decl),
    /// `expect production { … }`
    Expect(Expect),
    /// `moved hostclass app -> api`
    Moved(Moved),
    /// `kind database in env { … }`, in the library
    Kind(KindDecl),
}

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// `use PATH`: a library file (`std/…`) or a file beside this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The path without quotes, as written.
    pub path: Name,
    /// The whole item.
    pub span: Span,
}

/// `let NAME [: TYPE] = VALUE`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// Documentation above it.
    pub docs: Docs,
    /// Name.
    pub name: Name,
    /// Type, where one is given.
    pub ty: Option<TypeExpr>,
    /// Value.
    pub value: Expr,
    /// The whole item.
    pub span: Span,
}

/// `[replace] KIND [NAME] [: PARENT] [{ … }]`, or `KIND NAME = VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub struct Decl {
    /// Documentation above it.
    pub docs: Docs,
    /// The word `replace`, where it starts afresh.
    pub replace: Option<Span>,
    /// Kind.
    pub kind: Name,
    /// Name; absent for a block such as `dhcp { … }`.
    pub name: Option<Name>,
    /// Declaration it inherits from.
    pub parent: Option<Name>,
    /// `= VALUE` in place of a body.
    pub value: Option<Expr>,
    /// Body; empty where there is none.
    pub body: Body,
    /// The whole declaration.
    pub span: Span,
}

/// The content of a pair of braces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Its members in order; broken ones are left out.
    pub members: Vec<Member>,
    /// Braces included; empty where there are none.
    pub span: Span,
}

/// A member of a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// `zones = 3`
    Field(Setting),
    /// `metanetwork dmz { … }`, `dhcp { … }`
    Decl(Decl),
    /// `@staging { … }`
    Override(Override),
    /// `allow s3:GetObject on config`
    Statement(Statement),
}

/// `NAME[@CONTEXT] = VALUE` or `NAME[@CONTEXT] += VALUE`
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Documentation above it.
    pub docs: Docs,
    /// Field.
    pub name: Name,
    /// For which environments; everywhere where absent.
    pub context: Option<Context>,
    /// Whether the value replaces or extends.
    pub op: Op,
    /// Value.
    pub value: Expr,
    /// The whole setting.
    pub span: Span,
}

/// How a setting treats the inherited value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Set,
    /// `+=`
    Append,
}

/// `@NAME` or `@[NAME, …]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The environments and envtypes.
    pub names: Vec<Name>,
    /// `@` included.
    pub span: Span,
}

/// `@CONTEXT { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// For which environments.
    pub context: Context,
    /// The overrides.
    pub body: Body,
    /// The whole block.
    pub span: Span,
}

/// `moved KIND OLD -> NEW`: a declaration of `KIND` that was called `OLD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Kind.
    pub kind: Name,
    /// The name that it had.
    pub old: MovedName,
    /// The name that it has.
    pub new: MovedName,
    /// The whole item.
    pub span: Span,
}

impl Moved {
    /// The environment or envtype that the move is limited to.
    pub fn place(&self) -> Option<&Name> {
        self.old.place.as_ref().or(self.new.place.as_ref())
    }
}

/// `NAME` or `PLACE/NAME` in a [`Moved`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedName {
    /// The environment or envtype that it is in, where one is given.
    pub place: Option<Name>,
    /// The name of the declaration.
    pub name: Name,
}

impl fmt::Display for MovedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}/", place.text)?;
        }
        f.write_str(&self.name.text)
    }
}

/// `expect CONTEXT { FROM can reach TO … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// An environment or envtype, or an account or accounttype.
    pub context: Name,
    /// The claims about the network in order.
    pub expectations: Vec<Expectation>,
    /// The claims about who may do what in order.
    pub permissions: Vec<Permitted>,
    /// The whole item.
    pub span: Span,
}

/// `FROM can reach TO[:PORT]` or `FROM cannot reach TO[:PORT]`
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Source of the traffic.
    pub from: Expr,
    /// Whether the traffic should get through.
    pub can: bool,
    /// Target of the traffic.
    pub to: Expr,
    /// Port of the target; any port if absent.
    pub port: Option<Expr>,
    /// The whole claim.
    pub span: Span,
}

/// `kind NAME [in PARENT, …] [: ATTRIBUTE, …] { … }`: the schema of a kind, in the library.
#[derive(Clone, Debug, PartialEq)]
pub struct KindDecl {
    /// Documentation above it.
    pub docs: Docs,
    /// Name.
    pub name: Name,
    /// Kinds it may be nested in; the top of a file where empty.
    pub parents: Vec<Name>,
    /// Properties of the kind.
    pub attributes: Vec<Attribute>,
    /// Fields in order.
    pub fields: Vec<FieldDecl>,
    /// The whole item.
    pub span: Span,
}

/// A property of a kind with its arguments: `inheritable`, or `named dynamodb s3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The first word.
    pub name: Name,
    /// The words after it.
    pub arguments: Vec<Name>,
}

/// `NAME: TYPE [= DEFAULT] [where RANGE]`
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDecl {
    /// Documentation above it.
    pub docs: Docs,
    /// Name.
    pub name: Name,
    /// Type.
    pub ty: TypeExpr,
    /// Value where nothing is set.
    pub default: Option<Expr>,
    /// Legal range.
    pub bounds: Option<Expr>,
    /// The whole field.
    pub span: Span,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeExpr {
    /// The kind of type.
    pub kind: TypeKind,
    /// Where.
    pub span: Span,
}

/// The forms of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// `Cidr`, or the name of a kind: a reference to one.
    Named(String),
    /// `[Rule]`
    List(Box<TypeExpr>),
    /// `Ip?`
    Optional(Box<TypeExpr>),
    /// `enum { s3, dynamodb }`
    Enum(Vec<Name>),
}

/// Documentation: the `///` lines above something, without the slashes and the one blank after them.
pub type Docs = Vec<String>;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// The kind of expression.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

impl Expr {
    /// The values that stand directly in it, in order; of a record those of its fields.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Range(first, second)
            | ExprKind::Link(first, second)
            | ExprKind::Arrow(first, second)
            | ExprKind::Redirect(first, second)
            | ExprKind::Timed(first, second) => vec![first, second],
            ExprKind::Phrase(_, argument) => vec![argument],
            ExprKind::Condition(condition) => condition.parts().collect(),
            ExprKind::List(items) => items.iter().collect(),
            ExprKind::Record(fields) => fields.iter().map(|field| &field.value).collect(),
            ExprKind::Rule(rule) => {
                rule.number.iter().chain(&rule.ports).chain([&rule.sources]).chain(&rule.why).collect()
            }
            ExprKind::Route(route) => vec![&route.destination],
            ExprKind::Auto { pool, .. } => pool.iter().map(AsRef::as_ref).collect(),
            ExprKind::Error
            | ExprKind::Int(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(..)
            | ExprKind::String(_)
            | ExprKind::Name(_)
            | ExprKind::Path(..)
            | ExprKind::Ip(_)
            | ExprKind::Cidr(_)
            | ExprKind::Window(_)
            | ExprKind::Offset(_)
            | ExprKind::Sum(..) => Vec::new(),
        }
    }
}

/// The forms of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Something broken that has been reported; absorbs every check.
    Error,
    /// `5`; digits as written.
    Int(String),
    /// `0.5`; as written.
    Number(String),
    /// `300s`, `200GB`, `33.3%`: the number as written and its unit.
    Quantity(String, String),
    /// `"text ${env.name}"`
    String(Vec<StringPart>),
    /// A bare word, dots included: `intranet`, `true`, `all`, `us-west-2`, `m3.large`.
    Name(String),
    /// `ENV/NETWORK`: two bare words.
    Path(Name, Name),
    /// `10.0.0.5`; as written, octets unchecked.
    Ip(String),
    /// `10.0.0.0/16`; as written, octets and prefix unchecked.
    Cidr(String),
    /// `+5`, `-2`; sign included.
    Offset(String),
    /// `tunnel + 5`, `tunnel - 2`: a network and a signed offset.
    Sum(Name, String),
    /// `auto`, `auto /22`, `auto /20 in 10.0.0.0/8`
    Auto {
        /// Prefix length as written, without the slash.
        prefix: Option<Name>,
        /// Where to take it from.
        pool: Option<Box<Expr>>,
    },
    /// `sat 05:00..sat 06:00`, `05:04..05:34`; as written, days and hours unchecked.
    Window(String),
    /// `1000..1006`
    Range(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ name = value, … }`
    Record(Vec<Setting>),
    /// `tcp [80, 443] from all "why"`
    Rule(Box<Rule>),
    /// `internet via igw`
    Route(Box<Route>),
    /// `staging/tunnel <-> ci/intranet`
    Link(Box<Expr>, Box<Expr>),
    /// `https 443`, `cookie "banana_session"`, `file "boot.sh"`: a word with its argument.
    Phrase(Name, Box<Expr>),
    /// `https 443 -> http 80`: each side a word, a number or a phrase.
    Arrow(Box<Expr>, Box<Expr>),
    /// `http 80 => https 443`: each side as in an arrow.
    Redirect(Box<Expr>, Box<Expr>),
    /// `3 at "33 19 * * *"`: how many, and from when on.
    Timed(Box<Expr>, Box<Expr>),
    /// `average > 99 or average < 1 for 5 x 5m`
    Condition(Box<Condition>),
}

/// Part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StringPart {
    /// Text with its escapes undone.
    Text(String),
    /// `${env.name}`: the text between the braces, trimmed.
    Interpolation(Name),
}

/// `PROTO [PORTS] from SOURCES ["why"]`
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, `any` or `proto`, or an unknown word.
    pub protocol: Name,
    /// The number after `proto`.
    pub number: Option<Expr>,
    /// Port, range, list or name; an ICMP type's name. Every port where absent.
    pub ports: Option<Expr>,
    /// Source or list of sources.
    pub sources: Expr,
    /// Why.
    pub why: Option<Expr>,
}

/// `DESTINATION via TARGET`
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Block, `internet`, or the name of a `let`.
    pub destination: Expr,
    /// `igw`, `vgw` or `nat`, or an unknown word.
    pub via: Name,
    /// The network after `nat`.
    pub network: Option<Name>,
}

/// `BOUND or BOUND … for PERIODS x PERIOD`
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The bounds, one at least.
    pub bounds: Vec<Bound>,
    /// How many periods in a row.
    pub periods: Expr,
    /// How long a period is.
    pub period: Expr,
}

impl Condition {
    /// The values in it, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Expr> {
        self.bounds.iter().map(|bound| &bound.threshold).chain([&self.periods, &self.period])
    }
}

/// `average > 99`
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// `average`, `p99.9`, or an unknown word.
    pub statistic: Name,
    /// Comparison.
    pub comparison: Comparison,
    /// The threshold. With a sign it is an offset, which may have decimals here.
    pub threshold: Expr,
    /// The whole bound.
    pub span: Span,
}

/// How a statistic is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

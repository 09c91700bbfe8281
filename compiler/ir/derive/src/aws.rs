//! `#[aws(…)]`: the members of requests that a field is sent as.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Ident, LitInt, LitStr, Result, Token};

/// `#[aws(…)]` of a field or a struct.
#[derive(Default)]
pub(crate) struct Aws {
    /// As in `sns:CreateTopic.Name`.
    members: Vec<LitStr>,
    /// Why a field is not sent.
    not_sent: Option<LitStr>,
    plus: Option<LitInt>,
    is_call: bool,
    /// The field or struct in words, where its name does not say it.
    shown: Option<LitStr>,
    tags: Option<LitStr>,
    own_tags: Option<LitInt>,
    is_untagged: bool,
}

/// One entry of the attribute.
enum Entry {
    Member(LitStr),
    Text(Ident, LitStr),
    Number(Ident, LitInt),
    Flag(Ident),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return Ok(Self::Member(input.parse()?));
        }
        let name: Ident = input.parse()?;
        if !input.peek(Token![=]) {
            return Ok(Self::Flag(name));
        }
        input.parse::<Token![=]>()?;
        if input.peek(LitInt) {
            Ok(Self::Number(name, input.parse()?))
        } else {
            Ok(Self::Text(name, input.parse()?))
        }
    }
}

impl Aws {
    fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("aws")) {
            for entry in attribute.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated)? {
                read.entry(entry)?;
            }
        }
        Ok(read)
    }

    fn entry(&mut self, entry: Entry) -> Result<()> {
        match entry {
            Entry::Member(member) => self.members.push(member),
            Entry::Text(name, text) if name == "not_sent" => self.not_sent = Some(text),
            Entry::Text(name, text) if name == "shown" => self.shown = Some(text),
            Entry::Text(name, text) if name == "tags" => self.tags = Some(text),
            Entry::Text(name, _) if name == "not_tagged" => self.is_untagged = true,
            Entry::Number(name, number) if name == "plus" => self.plus = Some(number),
            Entry::Number(name, number) if name == "own_tags" => self.own_tags = Some(number),
            Entry::Flag(name) if name == "if_set" => self.is_call = true,
            Entry::Text(name, _) | Entry::Number(name, _) | Entry::Flag(name) => {
                return Err(Error::new(name.span(), "not an attribute `aws`"));
            }
        }
        Ok(())
    }

    /// What the attribute of a field says; an error unless it says how the field is sent, or why not.
    pub(crate) fn of_field(attributes: &[Attribute], name: &Ident) -> Result<Self> {
        let read = Self::read(attributes)?;
        if read.members.is_empty() == read.not_sent.is_none() {
            return Err(Error::new(
                name.span(),
                "a field says either which member of a request it is sent as, as in \
                 `#[aws(\"sns:CreateTopic.Name\")]`, or why it is not sent, `#[aws(not_sent = \"…\")]`",
            ));
        }
        Ok(read)
    }

    /// What the attribute of a struct or enum says.
    pub(crate) fn of_type(attributes: &[Attribute]) -> Result<Self> {
        Self::read(attributes)
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.not_sent.is_none()
    }

    /// The `Sent` of field `field` of `owner`.
    pub(crate) fn sent(&self, owner: &str, field: &str) -> TokenStream {
        let field = self.shown.as_ref().map_or_else(|| field.replace('_', " "), LitStr::value);
        let shapes = self.members.iter().map(shape);
        let plus = self.plus.as_ref().map_or_else(|| quote!(0), |plus| quote!(#plus));
        let is_call = self.is_call;
        let not_sent = self.not_sent.as_ref().map_or_else(|| quote!(None), |why| quote!(Some(#why)));
        quote! {
            const {
                &crate::Sent {
                    owner: #owner,
                    field: #field,
                    shapes: &[#(#shapes),*],
                    plus: #plus,
                    is_call: #is_call,
                    not_sent: #not_sent,
                }
            }
        }
    }

    /// The struct or enum called `name` in words: "metric filter".
    pub(crate) fn words(&self, name: &Ident) -> String {
        if let Some(shown) = &self.shown {
            return shown.value();
        }
        let mut words = String::new();
        for letter in name.to_string().chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
        }
        words
    }

    /// The `TagShapes` of a kind; an error unless the attribute says how its tags are sent, or why it has none.
    pub(crate) fn tag_shapes(&self, name: &Ident) -> Result<TokenStream> {
        match &self.tags {
            None if self.is_untagged => Ok(quote!(None)),
            Some(tags) if !self.is_untagged => {
                let part = |part: &str| shape(&LitStr::new(&format!("{}{part}", tags.value()), tags.span()));
                let (tags, key, value) = (part(""), part(".Key"), part(".Value"));
                let own = self.own_tags.as_ref().map_or_else(|| quote!(0), |own| quote!(#own));
                let owner = self.words(name);
                Ok(quote! {
                    Some(&crate::TagShapes { owner: #owner, tags: #tags, key: #key, value: #value, own: #own })
                })
            }
            _ => Err(Error::new(
                name.span(),
                "a kind says either which member of a request its tags are sent as, `#[aws(tags = \"…\")]`, or why \
                 it has none, `#[aws(not_tagged = \"…\")]`",
            )),
        }
    }
}

/// The look-up of a member, which fails at the place of its name.
fn shape(member: &LitStr) -> TokenStream {
    let span: Span = member.span();
    quote_spanned!(span=> crate::limits::shape(#member))
}

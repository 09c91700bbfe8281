//! The derives by which `asiaq-ir` declares an AWS resource once, as a struct with attributes.
//!
//! `#[derive(ResourceKind)]` reads `#[resource(…)]`. On the struct:
//!
//! | Attribute | Meaning |
//! |---|---|
//! | `home = HOME` | where AWS keeps the resource. Default: `Region` |
//! | `scope = SCOPE` | what resources of the kind belong to. Default: `Environment` |
//! | `deletion = RISK` | risk of a deletion. Default: `Disruptive` |
//! | `replacement = ORDER` | order of a replacement. Default: `CreateFirst` |
//! | `delete_after(KIND, …)` | kinds that are deleted first although they do not reference this one |
//! | `outlives(KIND, …)` | kinds that are deleted first if nothing else waits for the deletion of this one |
//! | `retain_on_destroy` | the resource stays when its environment is destroyed |
//! | `hides_tags` | listings may show only the ownership tags |
//! | `is_setting` | AWS keeps the resource as a setting of another one |
//! | `mark = MARK` | what tells the resource from a copy that has its tags; required |
//! | `lies_in(FIELD, …)` | fields with the VPC, the subnets or the resource that it lies in; required, may be empty |
//! | `outputs(arn = "…", console = "…", fields(FIELD, …), assigned(VALUE, …))` | what `asiaq show` says of a live resource, see `Outputs`; required, each part may be left out |
//! | `outage(seconds = NUMBER, what = "…")`, `outage(none)` | what stops while it is deleted before the next one exists; required |
//! | `renamed = RENAMED` | what stays of the resource when its declaration is renamed; required |
//! | `handed_over` | one call deletes the resource and creates another one in its place |
//! | `summary(FIELD, …)` | fields that describe the resource in one line of a plan |
//!
//! On a field, what a change of it takes; without one of these it changes in place at no risk:
//!
//! | Attribute | Meaning |
//! |---|---|
//! | `replace = "REASON"` | the resource is replaced |
//! | `in_place = RISK` | changed in place at a risk |
//! | `create_only = "why"` | set at creation and kept; a difference is a note of the plan |
//! | `create_only_unread = "why"` | the same, of a value that listings do not show |
//! | `if_set = RISK` | a number that is changed in place; a decrease has this risk; null accepts any value |
//! | `decrease_risk = RISK` | a number or a boolean that is changed in place; a decrease has this risk |
//! | `set_once = "REASON"` | changed in place while it is absent or false, afterwards the resource is replaced; null accepts any value |
//! | `elements(changed = RISK, removed = RISK)` | a set, changed element by element. Default: `Safe` for both |
//!
//! and its other properties:
//!
//! | Attribute | Meaning |
//! |---|---|
//! | `exclusive` | part of the value that only one live resource of the kind may have |
//! | `min = NUMBER` | elements that AWS requires in the set; an expression that may use `self` |
//! | `in_use` | AWS does not delete what the field references |
//! | `initial = VALUE` | value after the first request of a creation that takes several |
//! | `replaced_with = "REASON"` | the resource is replaced if what the field references is |
//! | `reopened(seconds = NUMBER, what = "…", unless(FIELD, …))` | elements that AWS closes and opens again to change other fields |
//! | `auto_detached`, `deleted_after_user`, `detach_before_delete`, `vpc_bound_by`, `data_in`, `serving` | see `Schema` |
//! | `identity`, `released_last`, `chosen_name`, `derived_name`, `windowed` | see `Schema` |
//!
//! `#[derive(Element)]` reads `#[element(key)]`: the fields that identify an element of a set. `#[derive(Part)]` is for
//! the other structs and enums in a resource.
//!
//! All three read `#[aws(…)]`. Each field, and each variant with a value, says how it is sent or why it is not sent:
//!
//! | Attribute | Meaning |
//! |---|---|
//! | `"SERVICE:OPERATION.MEMBER"`, … | members of requests that the value is sent as; `@NAME` after a member with several uses |
//! | `not_sent = "REASON"` | no call contains the value |
//! | `plus = NUMBER` | characters that the adapter adds to the text |
//! | `if_set` | without a value the call is not made |
//! | `shown = "WORDS"` | the field, or the struct, in messages. Default: its name |
//! | `tags = "SERVICE:OPERATION.MEMBER"` | of a kind: the list of tags |
//! | `own_tags = NUMBER` | of a kind: tags that the engine adds |
//! | `not_tagged = "REASON"` | of a kind: it has no tags |

mod attributes;
mod aws;
mod expand;
mod measured;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error, parse_macro_input};

/// Implements `ResourceKind` and declares a `Field` constant for each field.
#[proc_macro_derive(ResourceKind, attributes(resource, aws))]
pub fn resource_kind(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::resource_kind(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Implements `Element`.
#[proc_macro_derive(Element, attributes(element, aws))]
pub fn element(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::element(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Implements `Measured` for a struct or an enum that is neither a resource nor an element.
#[proc_macro_derive(Part, attributes(aws))]
pub fn part(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    measured::measured(&input).unwrap_or_else(Error::into_compile_error).into()
}

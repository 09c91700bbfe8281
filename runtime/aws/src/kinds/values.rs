//! Values between the IR's form and AWS's.

use asiaq_ir::Ref;
use ipnet::Ipv4Net;

/// A CIDR block as AWS writes it, without host bits.
pub(super) fn cidr_block(text: &str) -> Option<Ipv4Net> {
    text.parse().ok().map(|block: Ipv4Net| block.trunc())
}

/// The ids of references. A reference without one is to a resource that AWS does not have.
pub(super) fn ids<'a>(refs: impl IntoIterator<Item = &'a Ref>) -> Vec<String> {
    refs.into_iter().filter_map(Ref::id).map(ToOwned::to_owned).collect()
}

/// The id of a reference, as the SDK's builders take it.
pub(super) fn id_of(reference: &Ref) -> Option<String> {
    reference.id().map(ToOwned::to_owned)
}

/// The name at the end of an ARN.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A number as the SDK has it.
pub(crate) fn signed(number: u32) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// A number of the SDK. AWS has none below zero.
pub(super) fn unsigned(number: i32) -> u32 {
    number.try_into().unwrap_or_default()
}

/// A text in which every byte but letters, digits and `-_.:/@+,` is `%` and two hexadecimal digits.
pub(super) fn escaped(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@+,".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") };
    value.bytes().map(one).collect()
}

/// A text in which bytes may be written as `%` and two hexadecimal digits.
pub(super) fn unescaped(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let digits: Vec<u8> = rest.clone().take(2).collect();
        let coded = std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match coded.filter(|_| byte == b'%') {
            Some(coded) => {
                bytes.push(coded);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

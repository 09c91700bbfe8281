//! The diagnostics of the parser. Each has a page in `docs/diagnostics`.

crate::declare_diagnostics! {
    pub
    AUTO_SIZE = "auto-size", Error;
    BAD_PORT = "bad-port", Error;
    CURLY_QUOTES = "curly-quotes", Error;
    DASHED_LIST = "dashed-list", Error;
    EXPECTED_BLOCK = "expected-block", Error;
    EXPECTED_CLAIM = "expected-claim", Error;
    EXPECTED_COLON = "expected-colon", Error;
    EXPECTED_COMPARISON = "expected-comparison", Error;
    EXPECTED_EQUALS = "expected-equals", Error;
    EXPECTED_LINK = "expected-link", Error;
    EXPECTED_MOVE = "expected-move", Error;
    EXPECTED_NAME = "expected-name", Error;
    EXPECTED_SOURCE = "expected-source", Error;
    EXPECTED_TYPE = "expected-type", Error;
    EXPECTED_VALUE = "expected-value", Error;
    EXPECTED_VIA = "expected-via", Error;
    FOREIGN_CHARACTER = "foreign-character", Error;
    FOREIGN_COMMENT = "foreign-comment", Error;
    INDENTED_BODY = "indented-body", Error;
    MALFORMED_NUMBER = "malformed-number", Error;
    MALFORMED_RULE = "malformed-rule", Error;
    MALFORMED_STATEMENT = "malformed-statement", Error;
    MISPLACED = "misplaced", Error;
    MISSING_BRACKETS = "missing-brackets", Error;
    MISSING_PERIOD = "missing-period", Error;
    MISSING_SEPARATOR = "missing-separator", Error;
    NESTED_TOO_DEEPLY = "nested-too-deeply", Error;
    NETMASK = "netmask", Error;
    PORT_RANGE = "port-range", Error;
    QUOTED_VALUE = "quoted-value", Error;
    SECTION_HEADER = "section-header", Error;
    SEMICOLON = "semicolon", Error;
    SINGLE_QUOTES = "single-quotes", Error;
    SPLIT_QUANTITY = "split-quantity", Error;
    STRAY_CLOSE = "stray-close", Error, Delimiter;
    TOO_MANY_MISTAKES = "too-many-mistakes", Error;
    UNCLOSED_ALLOW = "unclosed-allow", Error;
    UNCLOSED_BLOCK = "unclosed-block", Error, Delimiter;
    UNCLOSED_INTERPOLATION = "unclosed-interpolation", Error;
    UNCLOSED_LIST = "unclosed-list", Error, Delimiter;
    UNCLOSED_STRING = "unclosed-string", Error;
    UNEXPECTED_TEXT = "unexpected-text", Error;
    UNKNOWN_ESCAPE = "unknown-escape", Error;
    UNKNOWN_KIND = "unknown-kind", Error;
    UNKNOWN_PROTOCOL = "unknown-protocol", Error;
    UNKNOWN_ROUTE_TARGET = "unknown-route-target", Error;
    UNOPENED_BLOCK = "unopened-block", Error, Delimiter;
    UNSUPPORTED_ADDRESS = "unsupported-address", Error;
}

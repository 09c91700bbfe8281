//! What can be wrong with the files of the original. `docs/migrate.md` has a row for each.

asiaq_lang::declare_diagnostics! {
    pub(crate)
    ACCOUNT_WITHOUT_ID = "account-without-id", Warning;
    ADDRESSES_REORDERED = "addresses-reordered", Warning;
    ALARM_WITHOUT_TOPIC = "alarm-without-topic", Warning;
    BAD_INTERPOLATION = "bad-interpolation", Error;
    BAD_JSON = "bad-json", Error;
    BAD_OPTION_VALUE = "bad-option-value", Error;
    BROKEN_LINE = "broken-line", Error;
    CANNOT_BE_SAID = "cannot-be-said", Warning;
    CUSTOMER_PORTS_CLOSED = "customer-ports-closed", Warning;
    EMPTY_ROLE_PREFIX = "empty-role-prefix", Warning;
    ENVIRONMENT_WITHOUT_TYPE = "environment-without-type", Warning;
    GATEWAYS_LEFT_OUT = "gateways-left-out", Warning;
    HASH_IN_VALUE = "hash-in-value", Warning;
    HOST_BITS_IGNORED = "host-bits-ignored", Warning;
    INDENTED_COMMENT = "indented-comment", Warning;
    MISSING_OPTION = "missing-option", Error;
    NAME_WITH_HYPHEN = "name-with-hyphen", Warning;
    NO_SUCH_POLICY = "no-such-policy", Error;
    NOT_UTF8 = "not-utf8", Warning;
    OVERRIDE_IGNORED = "override-ignored", Warning;
    OVERRIDE_WITHOUT_ENVIRONMENT = "override-without-environment", Warning;
    PEERING_NEVER_MATCHES = "peering-never-matches", Warning;
    PIPELINE_WITHOUT_ENVIRONMENT = "pipeline-without-environment", Warning;
    REGION_ASSUMED = "region-assumed", Warning;
    REPEATED_OPTION = "repeated-option", Warning;
    REPEATED_ROW = "repeated-row", Warning;
    REPEATED_SECTION = "repeated-section", Warning;
    SECTION_OF_TWO = "section-of-two", Warning;
    SILENTLY_FALSE = "silently-false", Warning;
    TABLE_WITHOUT_ENVIRONMENT = "table-without-environment", Warning;
    TRUST_ASSUMED = "trust-assumed", Warning;
    UNREAD_CELL = "unread-cell", Warning;
    UNREAD_FILE = "unread-file", Warning;
    UNREAD_OPTION = "unread-option", Warning;
    UNREAD_SECTION = "unread-section", Warning;
    WRONG_SEPARATOR = "wrong-separator", Error;
}

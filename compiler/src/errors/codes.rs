//! The diagnostics of the compiler, and those that it shares with the parser. Each has a page in `docs/diagnostics`.

use asiaq_lang::{Code, Severity, codes};

pub(crate) use asiaq_lang::codes::{
    BAD_PORT, EXPECTED_SOURCE, MALFORMED_NUMBER, QUOTED_VALUE, UNKNOWN_KIND, UNKNOWN_PROTOCOL,
    UNKNOWN_ROUTE_TARGET, UNSUPPORTED_ADDRESS,
};

asiaq_lang::declare_diagnostics! {
    pub(crate)
    ADDRESS_FOR_BLOCK = "address-for-block", Error;
    ADDRESS_IN_POOL = "address-in-pool", Error;
    ADDRESS_OUTSIDE = "address-outside", Error;
    ADDRESS_WITHOUT_NETWORK = "address-without-network", Error;
    ALARM_NAMED_TWICE = "alarm-named-twice", Error;
    ALARM_OF_OTHERS = "alarm-of-others", Error;
    ALARM_WITHOUT_METRIC = "alarm-without-metric", Error, WholeBlock;
    ALIAS_TYPE = "alias-type", Error, WholeBlock;
    ALIAS_WITH_VALUES = "alias-with-values", Error;
    ALIAS_WITHOUT_BALANCER = "alias-without-balancer", Error;
    ALWAYS_HOLDS = "always-holds", Error;
    AMBIGUOUS_ALARM_NAME = "ambiguous-alarm-name", Warning;
    AMBIGUOUS_OVERRIDE = "ambiguous-override", Error;
    APPEND_TO_ONE = "append-to-one", Error;
    BAD_ADDRESS = "bad-address", Error;
    BAD_PERIOD = "bad-period", Error;
    BAD_PREFIX = "bad-prefix", Error;
    BAD_TIME = "bad-time", Error;
    BALANCER_IN_ONE_ZONE = "balancer-in-one-zone", Error;
    BALANCER_NAME = "balancer-name", Error;
    BALANCER_NAME_TAKEN = "balancer-name-taken", Error;
    BALANCER_SETTING = "balancer-setting", Error;
    BALANCER_WITHOUT_DOMAIN = "balancer-without-domain", Error;
    BALANCER_WITHOUT_INTERNET = "balancer-without-internet", Error;
    BLOCK_WITH_NAME = "block-with-name", Error;
    BODY_EXPECTED = "body-expected", Error;
    CANNOT_INHERIT = "cannot-inherit", Error;
    CERTIFICATE_NAME = "certificate-name", Error;
    CERTIFICATE_UNKNOWN = "certificate-unknown", Error;
    CLAIM_OUTSIDE = "claim-outside", Error;
    CNAME_BESIDE_OTHERS = "cname-beside-others", Error;
    CROWDED_NETWORK = "crowded-network", Warning;
    DECLARED_TWICE = "declared-twice", Error;
    DESCRIPTION_CHARACTER = "description-character", Error;
    DESCRIPTION_TOO_LONG = "description-too-long", Error;
    DISK_SIZE = "disk-size", Error;
    DISK_SPEED = "disk-speed", Error, WholeBlock;
    DUPLICATE_ADDRESS = "duplicate-address", Error;
    DUPLICATE_FRONT_PORT = "duplicate-front-port", Error;
    DUPLICATE_RECORD = "duplicate-record", Error;
    DUPLICATE_RUN = "duplicate-run", Error;
    DUPLICATE_ZONE = "duplicate-zone", Error;
    ELASTIC_IP_SHARED = "elastic-ip-shared", Error;
    ELASTIC_IP_UNKNOWN = "elastic-ip-unknown", Error;
    EMPTY_DESCRIPTION = "empty-description", Error;
    EMPTY_LIST = "empty-list", Error;
    EMPTY_PATTERN = "empty-pattern", Warning;
    EMPTY_SMOKE_TEST = "empty-smoke-test", Warning;
    ENVIRONMENT_WITHOUT_POOL = "environment-without-pool", Error;
    ERROR_NOT_ALLOWED = "error-not-allowed", Error;
    EXPECTATION_FAILED = "expectation-failed", Error;
    EXPECTATION_UNKNOWN = "expectation-unknown", Error;
    FIXED_IN_POOL = "fixed-in-pool", Error;
    HEALTH_CHECK_PATH = "health-check-path", Error;
    HEALTH_CHECK_WITHOUT_HTTP = "health-check-without-http", Error;
    HEALTH_WITHOUT_BALANCER = "health-without-balancer", Warning;
    HOST_BITS_SET = "host-bits-set", Error;
    HOST_NAME_TAKEN = "host-name-taken", Error;
    HOST_NAME_TOO_LONG = "host-name-too-long", Error;
    IDLE_ALARM = "idle-alarm", Warning, Unnecessary;
    IDLE_ALLOW = "idle-allow", Warning, Unnecessary;
    IDLE_HOSTCLASS = "idle-hostclass", Warning, Unnecessary;
    IDLE_OVERRIDE = "idle-override", Warning, Unnecessary;
    IDLE_PEERING = "idle-peering", Warning, Unnecessary;
    IDLE_SCALING = "idle-scaling", Warning;
    IDLE_SMOKE_TEST = "idle-smoke-test", Warning, Unnecessary;
    IMAGE_ARCHITECTURE = "image-architecture", Error;
    IMAGE_OF_ANOTHER = "image-of-another", Error;
    IMAGE_UNKNOWN = "image-unknown", Error;
    INHERITANCE_CYCLE = "inheritance-cycle", Error;
    IP_AND_IPS = "ip-and-ips", Error;
    LARGER_THAN_POOL = "larger-than-pool", Error;
    LET_CYCLE = "let-cycle", Error;
    LISTENER_LAYERS = "listener-layers", Error;
    LISTENER_PROTOCOL = "listener-protocol", Error;
    LOG_FILE = "log-file", Error;
    LOG_METRIC_TWICE = "log-metric-twice", Error;
    LOG_PATTERN = "log-pattern", Error;
    LOG_RETENTION = "log-retention", Error;
    LOG_RETENTIONS_DIFFER = "log-retentions-differ", Error;
    LOG_VALUE = "log-value", Error;
    MISPLACED_KIND = "misplaced-kind", Error;
    MISPLACED_REPLACE = "misplaced-replace", Error;
    MISSING_FIELD = "missing-field", Error;
    MISSING_NAME = "missing-name", Error;
    MISSING_UNIT = "missing-unit", Error;
    MIXED_ARCHITECTURES = "mixed-architectures", Error;
    MORE_THAN_ALL = "more-than-all", Error;
    NAME_OVER_LIMIT = "name-over-limit", Error;
    NAME_TOO_LONG = "name-too-long", Error;
    NAT_ADDRESSES_AND_ZONES = "nat-addresses-and-zones", Error;
    NAT_MISSING = "nat-missing", Error;
    NAT_OF_ITSELF = "nat-of-itself", Error;
    NAT_WITHOUT_INTERNET = "nat-without-internet", Error;
    NAT_WITHOUT_NETWORK = "nat-without-network", Error;
    NEEDLESS_BOUND = "needless-bound", Error;
    NESTED_OVERRIDE = "nested-override", Error;
    NETWORK_OF_ITSELF = "network-of-itself", Error;
    NETWORK_OUTSIDE_VPC = "network-outside-vpc", Error;
    NETWORKS_OVERLAP = "networks-overlap", Error;
    NO_INTERPOLATION = "no-interpolation", Error;
    NO_NAME_SERVER = "no-name-server", Error;
    NO_PROJECT = "no-project", Error;
    NO_PROXY = "no-proxy", Error;
    NO_RETURN_ROUTE = "no-return-route", Warning;
    NO_ROOM = "no-room", Error;
    NO_SIZE = "no-size", Error, WholeBlock;
    NO_SIZES = "no-sizes", Error;
    NO_STATIC_ADDRESS = "no-static-address", Warning;
    NO_TARGET_GROUP = "no-target-group", Error;
    NO_VPN_GATEWAY = "no-vpn-gateway", Warning, AccountFacts;
    NOT_A_BOOL = "not-a-bool", Error;
    NOT_A_COOKIE = "not-a-cookie", Error;
    NOT_A_DOMAIN = "not-a-domain", Error;
    NOT_A_LABEL = "not-a-label", Error;
    NOT_A_LIST = "not-a-list", Error;
    NOT_A_REGION = "not-a-region", Error;
    NOT_A_SUBSCRIBER = "not-a-subscriber", Error;
    NOT_A_VARIABLE = "not-a-variable", Error;
    NOT_AN_ACCOUNT_ID = "not-an-account-id", Error;
    NOT_AN_END = "not-an-end", Error;
    NOT_AN_IMAGE = "not-an-image", Error;
    NOT_AN_INSTANCE_TYPE = "not-an-instance-type", Error;
    NOT_ENOUGH_ZONES = "not-enough-zones", Error;
    NOT_PUBLIC = "not-public", Error;
    NOT_WHOLE = "not-whole", Error;
    NULL_VALUE = "null-value", Error;
    NUMBER_TOO_LARGE = "number-too-large", Error;
    OFFSET_OF_NOTHING = "offset-of-nothing", Error;
    OFFSET_WITHOUT_SIGN = "offset-without-sign", Error;
    OLD_SIZES = "old-sizes", Error;
    OUT_OF_BOUNDS = "out-of-bounds", Error;
    OVER_QUOTA = "over-quota", Warning;
    OVERRIDE_IN_ENVIRONMENT = "override-in-environment", Error;
    OVERRIDE_IN_RECORD = "override-in-record", Error;
    PARENT_IS_ENVIRONMENT = "parent-is-environment", Error;
    PASSWORD_IN_ENDPOINT = "password-in-endpoint", Error;
    PEERING_ACROSS_ACCOUNTS = "peering-across-accounts", Error;
    PEERING_WITH_ITSELF = "peering-with-itself", Error;
    PEERS_OVERLAP = "peers-overlap", Error;
    PERIOD_TOO_SHORT = "period-too-short", Error;
    PLAIN_HTTP_SUBSCRIBER = "plain-http-subscriber", Warning;
    POOL_EXHAUSTED = "pool-exhausted", Error;
    POOL_IN_NETWORK = "pool-in-network", Error;
    POOL_WITHOUT_SIZE = "pool-without-size", Error;
    PORTS_WITHOUT_MEANING = "ports-without-meaning", Error;
    PREVIOUS_GENERATION = "previous-generation", Warning;
    PROTOCOL_NUMBER = "protocol-number", Error;
    PROTOCOL_WITHOUT_PORT = "protocol-without-port", Error;
    RANGE_BACKWARDS = "range-backwards", Error;
    RECORD_AT_APEX = "record-at-apex", Error;
    RECORD_NAME = "record-name", Error;
    RECORD_OUTSIDE_ZONE = "record-outside-zone", Error;
    RECORD_VALUE = "record-value", Error;
    RECORD_WITHOUT_VALUES = "record-without-values", Error, WholeBlock;
    REPEATED_RULE = "repeated-rule", Warning, Unnecessary;
    REPEATED_TYPE = "repeated-type", Error;
    REPLACES_NOTHING = "replaces-nothing", Warning;
    RESERVED_ADDRESS = "reserved-address", Error;
    RESERVED_NAME = "reserved-name", Error;
    RESERVED_RECORD = "reserved-record", Error;
    RESERVED_TAG = "reserved-tag", Error;
    ROOT_TOO_SMALL = "root-too-small", Error;
    ROOT_UNKNOWN = "root-unknown", Error;
    ROUTE_INSIDE_VPC = "route-inside-vpc", Error;
    RULE_WITHOUT_PEERING = "rule-without-peering", Error;
    RUN_WITHOUT_NETWORK = "run-without-network", Error;
    SAME_TIME = "same-time", Error;
    SCALING_FORM = "scaling-form", Error, WholeBlock;
    SECOND_PROJECT = "second-project", Error;
    SECOND_ROUTE = "second-route", Error;
    SET_TWICE = "set-twice", Error;
    SHADOWED_RULE = "shadowed-rule", Warning, Unnecessary;
    SINGLE_ZONE = "single-zone", Warning;
    SIZE_ORDER = "size-order", Error;
    SIZE_WITHOUT_TIME = "size-without-time", Error;
    SMOKE_TEST_SETTINGS = "smoke-test-settings", Error, WholeBlock;
    SPECIAL_CHARACTER = "special-character", Error;
    STICKY_WITHOUT_HTTP = "sticky-without-http", Error;
    STRAY_OVERRIDE = "stray-override", Warning;
    SUBNET_TOO_SMALL = "subnet-too-small", Error;
    SUBSCRIBED_TWICE = "subscribed-twice", Error;
    TAG_TOO_LONG = "tag-too-long", Error;
    TIMES_MEET = "times-meet", Warning;
    TOO_FEW_ADDRESSES = "too-few-addresses", Warning;
    TOO_MANY_DISKS = "too-many-disks", Error;
    TOO_MANY_SERVERS = "too-many-servers", Error;
    TOO_MANY_TAGS = "too-many-tags", Error;
    TOO_MANY_VALUES = "too-many-values", Error;
    TOPIC_NAME = "topic-name", Error;
    TOPIC_NAMED_TWICE = "topic-named-twice", Error;
    TWO_METRICS = "two-metrics", Error, WholeBlock;
    TYPE_MISMATCH = "type-mismatch", Error;
    TYPE_NOT_IN_REGION = "type-not-in-region", Warning;
    UNDERSCORE_IN_ENVIRONMENT = "underscore-in-environment", Error;
    UNFIT_TARGET = "unfit-target", Error;
    UNHEARD_ALARM = "unheard-alarm", Warning;
    UNKNOWN_CODE = "unknown-code", Error;
    UNKNOWN_ENDPOINT = "unknown-endpoint", Error;
    UNKNOWN_ENVIRONMENT = "unknown-environment", Error;
    UNKNOWN_FIELD = "unknown-field", Error;
    UNKNOWN_ICMP_TYPE = "unknown-icmp-type", Error;
    UNKNOWN_INSTANCE_TYPE = "unknown-instance-type", Warning;
    UNKNOWN_LIBRARY = "unknown-library", Error;
    UNKNOWN_NAME = "unknown-name", Error;
    UNKNOWN_NETWORK = "unknown-network", Error;
    UNKNOWN_PARENT = "unknown-parent", Error;
    UNKNOWN_REFERENCE = "unknown-reference", Error;
    UNKNOWN_REGION = "unknown-region", Warning;
    UNKNOWN_STATISTIC = "unknown-statistic", Error;
    UNKNOWN_TYPE = "unknown-type", Error;
    UNKNOWN_UNIT = "unknown-unit", Error;
    UNKNOWN_VARIABLE = "unknown-variable", Error;
    UNKNOWN_WORD = "unknown-word", Error;
    UNREADABLE_FILE = "unreadable-file", Error;
    UNTESTED_DEPLOYMENT = "untested-deployment", Warning;
    UNUSABLE_BLOCK = "unusable-block", Error;
    UNUSED_ENVTYPE = "unused-envtype", Warning, Unnecessary;
    UNUSED_HOSTCLASS = "unused-hostclass", Warning, Unnecessary;
    UNUSED_LET = "unused-let", Warning, Unnecessary;
    UNUSED_NAT = "unused-nat", Warning, Unnecessary;
    UNUSED_PIPELINE = "unused-pipeline", Warning, Unnecessary;
    UNUSED_USE = "unused-use", Warning, Unnecessary;
    USER_DATA_KEY = "user-data-key", Error;
    USER_DATA_TOO_LONG = "user-data-too-long", Error;
    VALUE_EXPECTED = "value-expected", Error;
    VPC_SIZE = "vpc-size", Error;
    VPN_GATEWAY_TAKEN = "vpn-gateway-taken", Error;
    VPN_ROUTE_OVER_VPC = "vpn-route-over-vpc", Warning;
    VPN_SHARERS_OVERLAP = "vpn-sharers-overlap", Error;
    ZONE_UNKNOWN = "zone-unknown", Error;
}

/// Every diagnostic of the parser and the compiler.
pub(crate) fn all() -> impl Iterator<Item = Code> {
    codes::ALL.iter().chain(ALL).copied()
}

/// The diagnostic with this code.
pub(crate) fn find(code: &str) -> Option<Code> {
    all().find(|declared| declared.as_str() == code)
}

/// The codes of all warnings: those that `allow` takes.
pub(crate) fn warnings() -> impl Iterator<Item = Code> {
    all().filter(|code| code.severity() == Severity::Warning)
}

//! Completions for values of instances, load balancers and alarms, by expected type.

use super::{CompletionKind, Insert, Offers, Rank};
use crate::library;
use crate::library::kinds;
use crate::types::Ty;
use crate::typing::STATISTICS;
use crate::value::AppProtocol;

/// Listeners, each with its purpose.
const LISTENERS: &[(&str, &str, &str)] = &[
    (
        "https 443 -> http 80",
        "https ${1:443} -> http ${2:80}",
        "encrypted for clients, plain for the machines",
    ),
    ("http 80 -> http 80", "http ${1:80} -> http ${2:80}", "plain for both"),
    ("tcp 9001 -> tcp 9001", "tcp ${1:9001} -> tcp ${2:9001}", "whatever is spoken over TCP"),
];

/// Percentiles that are asked for most.
const PERCENTILES: &[&str] = &["p50", "p90", "p99", "p99.9"];

/// Statistics of the values between two bounds, each with its meaning.
const BOUNDED: &[(&str, &str, &str)] = &[
    ("IQM", "IQM", "mean of the middle half of the values"),
    ("PR(:300)", "PR(:${1:300})", "share of the values up to a value"),
    ("TC(10%:90%)", "TC(${1:10%}:${2:90%})", "number of the values between two percentiles"),
    ("TM(10%:90%)", "TM(${1:10%}:${2:90%})", "mean of the values between two percentiles"),
    ("TS(10%:90%)", "TS(${1:10%}:${2:90%})", "sum of the values between two percentiles"),
    ("WM(10%:90%)", "WM(${1:10%}:${2:90%})", "mean with the values outside two percentiles moved to them"),
    ("tm90", "tm${1:90}", "mean of the values up to a percentile"),
];

/// Times in five fields, each with its meaning.
const TIMES: &[(&str, &str)] = &[
    ("\"0 6 * * *\"", "every day at six, UTC"),
    ("\"0 6 * * mon-fri\"", "from Monday to Friday at six, UTC"),
    ("\"*/30 * * * *\"", "every half hour"),
    ("\"0 0 1 * *\"", "at the start of every month, UTC"),
];

impl Offers<'_> {
    pub(super) fn listeners(&mut self) {
        for (label, snippet, detail) in LISTENERS {
            self.snippet(Rank::First, label, snippet, detail);
        }
        self.protocols_of_listeners();
    }

    /// Offers the protocols of a listener, with their usual ports.
    pub(super) fn protocols_of_listeners(&mut self) {
        for word in AppProtocol::WORDS {
            let detail = AppProtocol::of(word).and_then(AppProtocol::usual_port);
            let detail = detail.map(|port| format!("port {port} where it says nothing"));
            self.plain(Rank::Second, CompletionKind::Word, word, detail);
        }
    }

    pub(super) fn capacities(&mut self) {
        let snippet = "[${1:1} at \"${2:0 20 * * *}\", ${3:3} at \"${4:0 6 * * *}\"]";
        self.snippet(
            Rank::Second,
            "[1 at \"0 20 * * *\", 3 at \"0 6 * * *\"]",
            snippet,
            "so many from each time on",
        );
    }

    /// Offers the values after `at`.
    pub(super) fn times(&mut self) {
        for (time, detail) in TIMES {
            self.plain(Rank::First, CompletionKind::Word, time, Some((*detail).to_owned()));
        }
        self.lets(&Ty::String);
    }

    pub(super) fn conditions(&mut self) {
        let snippet = "average > ${1:99} for ${2:5} x ${3:5m}";
        self.snippet(
            Rank::First,
            "average > 99 for 5 x 5m",
            snippet,
            "above a bound, so many periods in a row",
        );
        self.statistics();
    }

    /// Offers the statistics and percentiles of a condition.
    pub(super) fn statistics(&mut self) {
        for (word, aws) in STATISTICS {
            self.plain(Rank::Second, CompletionKind::Word, word, Some((*aws).to_owned()));
        }
        for word in PERCENTILES {
            self.plain(Rank::Third, CompletionKind::Word, word, Some("a percentile".to_owned()));
        }
        for (label, snippet, detail) in BOUNDED {
            self.snippet(Rank::Last, label, snippet, detail);
        }
    }

    pub(super) fn cookies(&mut self) {
        self.snippet(Rank::First, "cookie \"NAME\"", "cookie \"${1:name}\"", "a cookie of the application");
        self.snippet(
            Rank::Second,
            "cookie",
            "cookie",
            "one of the load balancer's own, while the browser runs",
        );
        self.snippet(
            Rank::Second,
            "cookie 5m",
            "cookie ${1:5m}",
            "one of the load balancer's own, for so long",
        );
    }

    pub(super) fn subscribers(&mut self) {
        for (label, detail) in
            [("\"ops@example.com\"", "an email address"), ("\"https://example.com/alarm\"", "a URL")]
        {
            let snippet = format!("\"${{1:{}}}\"", label.trim_matches('"'));
            self.snippet(Rank::First, label, &snippet, detail);
        }
    }

    pub(super) fn watched(&mut self) {
        let all = "every hostclass, or whatever the metric is of".to_owned();
        self.plain(Rank::First, CompletionKind::Word, "all", Some(all));
        self.references(kinds::HOSTCLASS);
        self.words(&kinds::STORES);
    }

    /// Instance types, each with its size.
    pub(super) fn instance_types(&mut self) {
        for (name, known) in library::instance_types() {
            let memory = f64::from(known.memory) / 1024.0;
            let detail = format!("{} vCPUs, {memory} GiB, {}", known.vcpus, known.architecture);
            self.plain(Rank::First, CompletionKind::Word, name, Some(detail));
        }
    }

    pub(super) fn scripts(&mut self) {
        self.snippet(Rank::First, "file \"boot.sh\"", "file \"${1:boot.sh}\"", "a file beside this one");
        let text = "\"#!/bin/sh\\\\n${1:echo hello}\\\\n\"";
        self.snippet(Rank::Second, "\"#!/bin/sh\\n…\"", text, "a short script");
    }

    pub(super) fn folder(&mut self) {
        self.snippet(Rank::First, "dir \"root\"", "dir \"${1:root}\"", "a folder beside this file");
    }

    pub(super) fn metadata(&mut self) {
        self.snippet(Rank::First, "file \"okta.xml\"", "file \"${1:okta.xml}\"", "a file beside this one");
        self.snippet(Rank::First, "url \"https://…\"", "url \"https://$0\"", "what each plan reads there");
    }

    pub(super) fn image(&mut self) {
        self.snippet(Rank::First, "\"ami-…\"", "\"ami-$0\"", "the id of an image");
    }

    /// A record of texts.
    pub(super) fn record(&mut self, ty: &Ty) {
        let insert = Insert::Snippet("{ $0 }".to_owned());
        self.offer(Rank::First, CompletionKind::Keyword, "{ }", Some(ty.to_string()), None, insert);
    }
}

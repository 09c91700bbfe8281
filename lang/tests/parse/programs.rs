//! Programs without mistakes, in every layout that the grammar allows: bytes decide what is written and how.

/// The program that `choices` decide on.
pub(crate) fn program(choices: &[u8]) -> String {
    let mut writer = Writer { choices, text: String::new(), indent: 0 };
    writer.file();
    writer.text
}

struct Writer<'c> {
    choices: &'c [u8],
    text: String,
    indent: usize,
}

const NAMES: &[&str] = &["web", "from", "in", "via", "us-west-2", "a", "auto", "where", "intranet", "x_1"];
const VALUES: &[&str] = &[
    "5",
    "0.5",
    "33.3%",
    "300s",
    "10.0.0.5",
    "10.0.0.0/16",
    "\"text // ${env.name} \\\" { ü\"",
    "m3.large",
    "true",
    "staging/tunnel",
    "auto",
    "+5",
    "-2",
    "tunnel+5",
    "tunnel - 5",
    "1000 .. 1006",
    "auto/22",
    "auto /20 in 10.0.0.0/8",
    "internet via igw",
    "internet   via nat tunnel",
    "https 443->http 80",
    "443 ->\n 80",
    "tcp 9001 // a\n",
    "cookie   \"a b\"",
    "cookie 5m",
    "3 at\n  \"0 6 * * *\"",
    "n at evening",
    "average>99 for 5 x 5m",
    "average >= -1 or\np99.9<-0.5 for 5  x // five\n 5m",
    "sum <=+5 or // b\n maximum < most for n x\n period",
];

impl Writer<'_> {
    /// A number below `most`; nought, when all choices are made.
    fn choose(&mut self, most: usize) -> usize {
        let Some((first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        usize::from(*first) % most
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn one_of(&mut self, texts: &[&str]) {
        let at = self.choose(texts.len());
        self.put(texts.get(at).copied().unwrap_or_default());
    }

    fn name(&mut self) {
        self.one_of(NAMES);
    }

    /// Blanks on a line, or none.
    fn blanks(&mut self) {
        self.one_of(&["", " ", "  ", "\t"]);
    }

    fn line_break(&mut self) {
        self.one_of(&["\n", "\r\n", "\n\n", " \n\n\n", "\n    "]);
    }

    fn comment(&mut self) {
        self.one_of(&["// one", "//two ", "//", "//// { three \t", "// a, b }"]);
        self.line_break();
    }

    /// Between neighbours.
    fn gap(&mut self) {
        match self.choose(8) {
            0 => self.line_break(),
            1 => self.put(", "),
            2 => self.put(",\n"),
            3 => {
                self.put(" ");
                self.comment();
            }
            4 => {
                self.put(", ");
                self.comment();
                self.comment();
            }
            5 => {
                self.line_break();
                self.comment();
                self.put(",");
            }
            _ => self.put(","),
        }
        self.blanks();
    }

    /// After and before a bracket.
    fn edge(&mut self) {
        match self.choose(8) {
            0 => self.line_break(),
            1 => self.comment(),
            2 => {
                self.line_break();
                self.comment();
            }
            _ => {}
        }
        self.blanks();
    }

    /// Between an operator and its value.
    fn more(&mut self) {
        match self.choose(12) {
            0 => self.line_break(),
            1 => self.comment(),
            2 => {
                self.line_break();
                self.comment();
            }
            3 => self.put("/// doc\n"),
            _ => {}
        }
        self.blanks();
    }

    fn between(&mut self, open: &str, close: &str, most: usize, mut one: impl FnMut(&mut Self)) {
        self.put(open);
        self.edge();
        for number in 0..self.choose(most + 1) {
            if number > 0 {
                self.gap();
            }
            one(self);
        }
        self.edge();
        self.put(close);
    }

    fn operand(&mut self) {
        self.one_of(VALUES.get(..11).unwrap_or_default());
    }

    fn value(&mut self) {
        self.indent += 1;
        let form = if self.indent > 3 { 0 } else { self.choose(11) };
        match form {
            5 => self.between("[", "]", 4, Self::value),
            6 => self.between("{", "}", 3, Self::field),
            7 => self.rule(),
            8 => {
                self.operand();
                self.put(" <->");
                self.more();
                self.operand();
            }
            9 => {
                self.side();
                self.put("->");
                self.more();
                self.side();
            }
            10 => self.condition(),
            _ => self.one_of(VALUES),
        }
        self.indent -= 1;
    }

    /// A side of a listener.
    fn side(&mut self) {
        self.one_of(&["https 443", "http", "80 ", "tcp  web", "9001", "udp 53 "]);
    }

    fn condition(&mut self) {
        for number in 0..=self.choose(3) {
            if number > 0 {
                self.put(" or");
                self.more();
                self.put(" ");
            }
            self.one_of(&["average", "p99.9 ", "samples", "sum "]);
            self.one_of(&[">", ">=", "< ", "<= "]);
            self.more();
            self.one_of(&["99", "0.5", "-1", "+ 2", "most"]);
        }
        self.put(" for ");
        self.more();
        self.one_of(&["5", "n"]);
        self.put(" x");
        self.more();
        self.one_of(&[" 5m", " period"]);
    }

    fn rule(&mut self) {
        self.one_of(&["tcp", "udp", "proto 6", "any"]);
        self.put(" ");
        match self.choose(4) {
            0 => {}
            1 => self.one_of(&["22 ", "80..  90 ", "ssh "]),
            _ => {
                self.between("[", "]", 3, |writer| writer.one_of(&["80", "443 .. 445", "ssh"]));
                self.blanks();
            }
        }
        self.put("from ");
        self.more();
        match self.choose(2) {
            0 => self.one_of(&["all", "10.0.0.0/8", "ci/web"]),
            _ => self.between("[", "]", 3, Self::operand),
        }
        if self.choose(3) == 0 {
            self.put(" \"why\"");
        }
    }

    fn context(&mut self) {
        self.put("@");
        match self.choose(3) {
            0 => {
                self.put("[");
                self.edge();
                self.put("ci");
                self.one_of(&[", ", " ", "\n", ", // here\n"]);
                self.put("staging");
                self.edge();
                self.put("]");
            }
            _ => self.put("ci"),
        }
    }

    fn docs(&mut self) {
        if self.choose(4) == 0 {
            self.one_of(&["/// A doc. \n", "///\n  /// Two.\n", "/// One.\n\n"]);
        }
    }

    fn field(&mut self) {
        self.docs();
        self.name();
        self.blanks();
        if self.choose(3) == 0 {
            self.context();
            self.blanks();
        }
        self.one_of(&["=", "+=", "= "]);
        self.more();
        self.value();
    }

    fn member(&mut self) {
        self.indent += 1;
        match if self.indent > 3 { 0 } else { self.choose(7) } {
            3 => {
                self.docs();
                self.one_of(&[
                    "dhcp",
                    "metanetwork web",
                    "replace metanetwork a",
                    "run b : c",
                    "run long_one:c",
                ]);
                self.more();
                self.body();
            }
            4 => {
                self.context();
                self.blanks();
                self.body();
            }
            5 => self.one_of(&["endpoint s3", "run a : b"]),
            6 => {
                self.docs();
                self.statement();
            }
            _ => self.field(),
        }
        self.indent -= 1;
    }

    fn statement(&mut self) {
        self.one_of(&["allow ", "deny  ", "allow not "]);
        self.one_of(&["s3:Get*", "*", "[a:b ,c:*d]", "[\na:b\n// c\n\"d:e\"]"]);
        self.one_of(&["", " on x", " on\n [ role y,\"z\" ]", " on not\tall "]);
        self.one_of(&["", " from all", " from  not [account \"1\",a]", "\n from b"]);
        self.one_of(&[
            "",
            " when a:b is  not c",
            "\n when a:b/c exists\n and all  of d:e<5 if  present",
            " when\n\"a b:c\" like [d,e]",
        ]);
        self.one_of(&["", " \"why\""]);
    }

    fn body(&mut self) {
        self.between("{", "}", 5, Self::member);
    }

    fn property(&mut self) {
        self.docs();
        self.name();
        self.blanks();
        self.put(":");
        self.blanks();
        self.one_of(&[
            "Int",
            "Ip?",
            "[Rule]",
            "[ Cidr,\n ]?",
            "enum{ a b,c }",
            "[enum {\na\n// c\nb }]",
            "Int ",
        ]);
        if self.choose(2) == 0 {
            self.put(" =");
            self.more();
            self.one_of(&["5", "[1, 2]", "1..2"]);
        }
        if self.choose(3) == 0 {
            self.put(" where");
            self.more();
            self.put(" 1 .. 5");
        }
    }

    fn claim(&mut self) {
        self.one_of(&["internet", "a", "ci/web", "10.0.0.0/8"]);
        self.one_of(&[" can reach ", "  cannot   reach "]);
        self.one_of(&["web", "intranet", "ci/web:443", "web : 1..2"]);
    }

    fn item(&mut self) {
        match self.choose(8) {
            0 => self.one_of(&["use std/classic", "use  \"a b.asq\""]),
            1 => {
                self.docs();
                self.one_of(&["let a ", "let office : [Cidr]", "let long_name"]);
                self.put("=");
                self.more();
                self.value();
            }
            2 => {
                self.put("expect ci ");
                self.between("{", "}", 4, Self::claim);
            }
            3 => {
                self.docs();
                self.one_of(&[
                    "kind a",
                    "kind b in c",
                    "kind b in c ,d",
                    "kind b in c, // e\n d ",
                    "kind a:b c ,d",
                ]);
                self.more();
                self.between("{", "}", 4, Self::property);
            }
            4 => {
                self.docs();
                self.one_of(&["peering a=b/c<->d/e", "peering longer = b/c <->\n d/e"]);
            }
            5 => self.one_of(&["env a", "env b:c", "hostclass mhc : d"]),
            _ => {
                self.docs();
                self.one_of(&["env a", "env b:c", "hostclass mhc : d", "project"]);
                self.more();
                self.body();
            }
        }
    }

    fn file(&mut self) {
        self.one_of(&["", "", "\u{feff}", "\n\n", "// first\n", " \t"]);
        for number in 0..self.choose(9) {
            if number > 0 {
                match self.choose(3) {
                    0 => self.gap(),
                    1 => self.put("\n\n"),
                    _ => self.put("\n"),
                }
            }
            self.item();
        }
        self.edge();
    }
}

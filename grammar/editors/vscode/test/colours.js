// Colours the example projects with the grammar, and looks at what some of their words became.

const fs = require("fs");
const path = require("path");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const here = path.join(__dirname, "..");
const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
const onigLib = oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length)).then(() => ({
  createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
  createOnigString: (text) => new oniguruma.OnigString(text),
}));
const file = path.join(here, "syntaxes/asq.tmLanguage.json");
const loadGrammar = async () => parseRawGrammar(fs.readFileSync(file, "utf8"), file);

// A line, and what each of its words is to be coloured as.
const EXPECTED = [
  ["use std/classic", { use: "keyword.control.import", "std/classic": "string.unquoted" }],
  ["envtype base : classic {", { envtype: "storage.type", base: "entity.name.type", classic: "entity.other.inherited-class" }],
  ["  replace metanetwork dmz {", { replace: "keyword.control", metanetwork: "storage.type", dmz: "entity.name.type" }],
  ["hostclass mhcworker : service", { hostclass: "storage.type", mhcworker: "entity.name.type" }],
  ["let office = 198.51.100.0/28", { let: "storage.type", office: "variable.other.constant", "198.51.100.0/28": "constant.numeric.address" }],
  ["  dhcp { ntp = [tunnel + 5] }", { dhcp: "storage.type", ntp: "support.type.property-name", tunnel: "variable.other" }],
  ["  domain@production = \"x ${env.name}\" // why", { domain: "support.type.property-name", production: "entity.name.type", "env.name": "variable.other", "// why": "comment.line" }],
  ["    tcp discovery from [tunnel, dmz] \"logs\"", { tcp: "support.function.protocol", discovery: "variable.other", from: "keyword.operator.word" }],
  ["    internet via nat tunnel", { internet: "constant.language", via: "keyword.operator.word", nat: "constant.language", tunnel: "variable.other" }],
  ["  cidr = auto /20 in 10.128.0.0/9", { cidr: "support.type.property-name", auto: "constant.language", "/20": "constant.numeric", in: "keyword.operator.word" }],
  ["peering builds = build/intranet <-> ci/intranet", { peering: "storage.type", builds: "entity.name.type", "<->": "keyword.operator" }],
  ["  dmz can reach intranet:443", { "can reach": "keyword.operator.word", "443": "constant.numeric" }],
  ["  hostclass web can reach lb ci/shop:443", { hostclass: "storage.type", web: "entity.name.type", lb: "storage.type", ci: "entity.name.type", shop: "entity.name.type", "443": "constant.numeric" }],
  ["  internet cannot reach [hostclass web, dmz]", { hostclass: "storage.type", web: "entity.name.type", dmz: "variable.other" }],
  ["  allow(unused-nat)", { allow: "keyword.control", "unused-nat": "constant.other" }],
  ["  @[build, deploy] { ip = +10 }", { build: "variable.other", ip: "support.type.property-name", "+10": "constant.numeric" }],
  ["    listeners = [https 443 -> http 80]", { listeners: "support.type.property-name", https: "support.function.protocol", "443": "constant.numeric", "->": "keyword.operator", http: "support.function.protocol" }],
  ["  sticky = cookie 5m", { sticky: "support.type.property-name", cookie: "constant.language", "5m": "constant.numeric" }],
  ["  desired = [1 at \"45 19 * * *\"]", { desired: "support.type.property-name", at: "keyword.operator.word" }],
  ["  when = average > 99 or p99.9 < 1 for 5 x 5m", { average: "variable.other", ">": "keyword.operator", or: "keyword.operator.word", "p99.9": "variable.other", for: "keyword.operator.word", x: "keyword.operator.word", "5m": "constant.numeric" }],
  ["  when = TM(10%:90%) > 1 or IQM < 1 for 5 x 5m", { "TM(10%:90%)": "variable.other", or: "keyword.operator.word", IQM: "variable.other" }],
  ["  deny not [iam:Get*, s3:*] on config when aws:SourceIp is not 10.0.0.0/8", { deny: "keyword.control", iam: "entity.name.namespace", "Get*": "support.function.action", on: "keyword.operator.word", config: "variable.other", when: "keyword.operator.word", SourceIp: "support.function.action", "is not": "keyword.operator.word" }],
  ["  allow sts:AssumeRole from [account audit, role deployer]", { allow: "keyword.control", from: "keyword.operator.word", account: "storage.type", audit: "entity.name.type" }],
  ["/// Documentation.", { "/// Documentation.": "comment.line.documentation" }],
];

function check(grammar) {
  const wrong = [];
  for (const [line, words] of EXPECTED) {
    const { tokens } = grammar.tokenizeLine(line, INITIAL);
    const found = tokens.map((token) => [line.slice(token.startIndex, token.endIndex).trim(), token.scopes.join(" ")]);
    for (const [word, scope] of Object.entries(words)) {
      const is = found.find(([text]) => text === word)?.[1] ?? "nothing by itself";
      if (!is.includes(scope)) wrong.push(`${line}\n  \`${word}\` is ${is}, not ${scope}`);
    }
  }
  return wrong;
}

// A string or a list never runs on into what follows, so every example ends where it began.
function leftOpen(grammar) {
  const examples = path.join(here, "../../../examples");
  const files = fs.readdirSync(examples, { recursive: true }).filter((name) => name.endsWith(".asq"));
  return files.filter((name) => {
    const lines = fs.readFileSync(path.join(examples, name), "utf8").split("\n");
    const end = lines.reduce((state, line) => grammar.tokenizeLine(line, state).ruleStack, INITIAL);
    return end.depth !== 1;
  });
}

new Registry({ onigLib, loadGrammar }).loadGrammar("source.asq").then((grammar) => {
  const wrong = [...check(grammar), ...leftOpen(grammar).map((name) => `${name} ends inside something`)];
  console.log(wrong.length === 0 ? "the colours are as expected" : wrong.join("\n"));
  process.exitCode = wrong.length === 0 ? 0 : 1;
});

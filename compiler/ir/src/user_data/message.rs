//! The MIME message (RFC 2045, RFC 2046) of user data with several parts, as cloud-init reads it ("User data formats").

use std::borrow::Cow;
use std::fmt::Write as _;

use super::VALUES_FILE;

/// Start of every message.
const START: &str = "Content-Type: multipart/mixed; boundary=\"";

/// Line after the values.
const END_OF_VALUES: &str = "END_OF_VALUES";

/// First line of a cloud config.
const CLOUD_CONFIG: &str = "#cloud-config";

/// First line of a boothook.
const BOOTHOOK: &str = "#cloud-boothook";

/// A script or cloud config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script<'t> {
    /// Name of its file; a made-up one for a text of the program.
    pub name: Cow<'t, str>,
    /// Its text, which begins with `#!`, `#cloud-config` or `#cloud-boothook`.
    pub text: Cow<'t, str>,
}

/// What user data consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents<'t> {
    /// The lines `key="value"`.
    pub values: &'t str,
    /// The scripts, in order.
    pub scripts: Vec<Script<'t>>,
}

/// The message with these values and scripts.
pub(super) fn text(values: &str, scripts: &[Script<'_>]) -> String {
    let mut parts: Vec<Part<'_>> = Vec::new();
    if !values.is_empty() {
        let store = format!(
            "{BOOTHOOK}\n#!/bin/sh\ncat > {VALUES_FILE} <<'{END_OF_VALUES}'\n{values}{END_OF_VALUES}\n"
        );
        parts.push(Part {
            kind: "text/cloud-boothook",
            merges: false,
            name: "values".into(),
            text: store.into(),
        });
    }
    let configs = scripts.iter().filter(|script| is_config(&script.text)).count();
    for script in scripts {
        let kind = if is_config(&script.text) {
            "text/cloud-config"
        } else if script.text.starts_with(BOOTHOOK) {
            "text/cloud-boothook"
        } else {
            "text/x-shellscript"
        };
        let merges = configs > 1 && kind == "text/cloud-config";
        parts.push(Part {
            kind,
            merges,
            name: Cow::Borrowed(&script.name),
            text: Cow::Borrowed(&script.text),
        });
    }
    let boundary = boundary(&parts);
    let mut message = format!("{START}{boundary}\"\nMIME-Version: 1.0\n\n");
    for (number, part) in parts.iter().enumerate() {
        let _ = write!(message, "--{boundary}\n{}", part.written(number));
    }
    let _ = writeln!(message, "--{boundary}--");
    message
}

fn is_config(text: &str) -> bool {
    text.starts_with(CLOUD_CONFIG)
}

/// A boundary that is no line of any part.
fn boundary(parts: &[Part<'_>]) -> String {
    let is_free = |boundary: &String| parts.iter().all(|part| !part.text.contains(&format!("--{boundary}")));
    let mut numbered = (2..).map(|number: u32| format!("asiaq-{number}"));
    let plain = "asiaq".to_owned();
    if is_free(&plain) { plain } else { numbered.find(is_free).unwrap_or_default() }
}

/// A part of a message.
struct Part<'t> {
    /// Its content type.
    kind: &'static str,
    /// Whether its lists are added to those of other parts. By default, cloud-init keeps the lists of one part only.
    merges: bool,
    name: Cow<'t, str>,
    text: Cow<'t, str>,
}

impl Part<'_> {
    /// Headers and text. cloud-init runs scripts in order of their file names, so these begin with a number.
    fn written(&self, number: usize) -> String {
        // cloud-init misreads unencoded text that is not ASCII.
        let (encoding, text) = if self.text.is_ascii() {
            ("7bit", Cow::Borrowed(&*self.text))
        } else {
            ("quoted-printable", Cow::Owned(quoted(&self.text)))
        };
        let merges =
            if self.merges { "Merge-Type: list(append)+dict(no_replace,recurse_list)+str()\n" } else { "" };
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
        let name: String = self.name.chars().map(plain).collect();
        format!(
            "Content-Type: {}; charset=\"utf-8\"\nContent-Transfer-Encoding: {encoding}\n\
             Content-Disposition: attachment; filename=\"{number:02}-{name}\"\n{merges}\n{text}\n",
            self.kind
        )
    }
}

/// Text in the encoding quoted-printable (RFC 2045, section 6.7), with lines as long as they are.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let kept = bare.trim_end_matches([' ', '\t']).len();
        for (at, byte) in bare.bytes().enumerate() {
            if (byte == b'\t' || (b' '..=b'~').contains(&byte)) && byte != b'=' && at < kept {
                quoted.push(char::from(byte));
            } else {
                let _ = write!(quoted, "={byte:02X}");
            }
        }
        if bare.len() < line.len() {
            quoted.push('\n');
        }
    }
    quoted
}

/// The text that [`quoted`] encodes.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut pieces = text.split('=');
    bytes.extend(pieces.next().unwrap_or_default().bytes());
    for piece in pieces {
        let code = piece.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        match (code, piece.get(2..)) {
            (Some(byte), Some(rest)) => {
                bytes.push(byte);
                bytes.extend(rest.bytes());
            }
            _ => bytes.extend(piece.strip_prefix('\n').unwrap_or(piece).bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether cloud-init runs what is in user data. Values alone begin with a key.
pub(super) fn is_for_cloud_init(text: &str) -> bool {
    text.starts_with('#') || text.starts_with("Content-Type:")
}

/// What user data consists of: a message of [`text`], values alone, or a script alone.
pub fn contents(text: &str) -> Contents<'_> {
    let Some((boundary, rest)) = text.strip_prefix(START).and_then(|rest| rest.split_once("\"\n")) else {
        return if is_for_cloud_init(text) {
            let script = Script { name: Cow::Borrowed("script"), text: Cow::Borrowed(text) };
            Contents { values: "", scripts: vec![script] }
        } else {
            Contents { values: text, scripts: Vec::new() }
        };
    };
    let mut contents = Contents::default();
    let delimiter = format!("--{boundary}\n");
    let rest = rest.strip_suffix(&format!("--{boundary}--\n")).unwrap_or(rest);
    for part in rest.split(&delimiter).skip(1) {
        let Some((headers, body)) = part.split_once("\n\n") else { continue };
        let body = body.strip_suffix('\n').unwrap_or(body);
        let name = headers.lines().find_map(|line| line.split_once("filename=\"")?.1.strip_suffix('"'));
        let name = name.unwrap_or_default();
        if name == "00-values"
            && let Some((_, body)) = body.split_once(&format!("<<'{END_OF_VALUES}'\n"))
        {
            contents.values = body.strip_suffix(&format!("{END_OF_VALUES}\n")).unwrap_or(body);
            continue;
        }
        let is_quoted = headers.lines().any(|line| line == "Content-Transfer-Encoding: quoted-printable");
        let text = if is_quoted { Cow::Owned(unquoted(body)) } else { Cow::Borrowed(body) };
        let name = name.split_once('-').map_or(name, |(_, name)| name);
        contents.scripts.push(Script { name: Cow::Borrowed(name), text });
    }
    contents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script<'t>(name: &'t str, text: &'t str) -> Script<'t> {
        Script { name: name.into(), text: text.into() }
    }

    #[test]
    fn a_message_has_the_values_first_and_then_the_scripts() {
        let scripts =
            [script("boot.sh", "#!/bin/sh\necho 1\n"), script("a b.yaml", "#cloud-config\nx: grün=1 \n")];
        insta::assert_snapshot!(text("role=\"web\"\n", &scripts), @r#"
        Content-Type: multipart/mixed; boundary="asiaq"
        MIME-Version: 1.0

        --asiaq
        Content-Type: text/cloud-boothook; charset="utf-8"
        Content-Transfer-Encoding: 7bit
        Content-Disposition: attachment; filename="00-values"

        #cloud-boothook
        #!/bin/sh
        cat > /etc/asiaq.env <<'END_OF_VALUES'
        role="web"
        END_OF_VALUES

        --asiaq
        Content-Type: text/x-shellscript; charset="utf-8"
        Content-Transfer-Encoding: 7bit
        Content-Disposition: attachment; filename="01-boot.sh"

        #!/bin/sh
        echo 1

        --asiaq
        Content-Type: text/cloud-config; charset="utf-8"
        Content-Transfer-Encoding: quoted-printable
        Content-Disposition: attachment; filename="02-a-b.yaml"

        #cloud-config
        x: gr=C3=BCn=3D1=20

        --asiaq--
        "#);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for values in ["", "role=\"web\"\nmode=\"a\"\n"] {
            for scripts in [
                vec![],
                vec![script("script", "#!/bin/sh\necho 1\n")],
                vec![
                    script("a", "#!/bin/sh\necho '--asiaq'\n"),
                    script("b", "#!/bin/sh\n--asiaq-2\n\n\nno end"),
                ],
                vec![script("a", "#cloud-config\nx: \"=\u{2603} \t\"\n"), script("b", "#cloud-config\n\n")],
            ] {
                let written = super::super::text(values, &scripts);
                let found = contents(&written);
                assert_eq!(found.values, values);
                let texts: Vec<&str> = found.scripts.iter().map(|script| &*script.text).collect();
                let expected: Vec<&str> = scripts.iter().map(|script| &*script.text).collect();
                assert_eq!(texts, expected, "{written}");
            }
        }
    }
}

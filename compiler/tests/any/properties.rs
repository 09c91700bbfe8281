//! What holds for every project, whatever its texts: for the tests that make texts up, and for the fuzzers.

use asiaq_compiler::ide::{Analysis, Offset};
use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_ir::Facts;
use asiaq_lang::{Diagnostic, FileId, SourceMap, Span};

/// A project in memory: its files by name.
#[derive(Debug)]
pub(crate) struct Texts(Vec<(String, String)>);

/// What stands between the files of a project that is given as one text.
const FILE_SEPARATOR: char = '\u{1c}';

impl Texts {
    /// `text` taken apart: the first file is `infra.asq`, further ones are `a.asq`, `b.asq` and so on.
    pub(crate) fn of(text: &str) -> Self {
        let names = std::iter::once("infra".to_owned()).chain(('a'..='z').map(String::from));
        let texts = text.split(FILE_SEPARATOR);
        Self(names.zip(texts).map(|(name, text)| (name + ".asq", text.to_owned())).collect())
    }

    fn load(&self, previous: &Workspace) -> Workspace {
        Workspace::reload(previous, &["infra.asq".to_owned()], self).unwrap_or_default()
    }
}

impl Files for Texts {
    fn read(&self, path: &str) -> Result<String, String> {
        let found = self.0.iter().find(|(name, _)| name == path);
        found.map(|(_, text)| text.clone()).ok_or_else(|| format!("there is no file `{path}`"))
    }
}

/// Checks a project: every diagnostic stands in a text and knows a way out, and what is sound can be lowered and
/// explained.
pub(crate) fn checks(texts: &Texts) -> Checked {
    let checked = check(texts.load(&Workspace::default()));
    told(&checked.sources, &checked.diagnostics);
    let lowered = checked.lower(&Facts::default());
    if !checked.has_errors() {
        told(&checked.sources, &lowered.diagnostics);
        for env in checked.environments() {
            let explained = checked.explain(&env.name).unwrap_or_default();
            assert!(explained.iter().all(|explained| !explained.places.is_empty()), "{explained:?}");
        }
    }
    checked
}

fn told(sources: &SourceMap, diagnostics: &[Diagnostic]) {
    for found in diagnostics {
        let edits = found.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.span));
        let related = found.related.iter().map(|related| related.span);
        let mut places = std::iter::once(found.primary).chain(related).chain(edits);
        assert!(places.all(|place| is_in(sources, place)), "{found:?}");
        assert!(found.help.is_some() || found.fix.is_some(), "no way out of {found:?}");
    }
}

fn is_in(sources: &SourceMap, place: Span) -> bool {
    sources.text(place.file).get(place.range()).is_some()
}

/// Asks everything that an editor asks, at places that `numbers` choose, before and after each edit; and a project
/// that is loaded anew after an edit is what it would be if it had been loaded for the first time.
pub(crate) fn answers(texts: &mut Texts, numbers: &[u16]) {
    let mut analysis = Analysis::new(texts.load(&Workspace::default()));
    for step in numbers.chunks_exact(4) {
        let &[at, length, from, kind] = step else { continue };
        asked(&analysis, usize::from(at));
        let files = texts.0.len().max(1);
        if let Some((_, text)) = texts.0.get_mut(usize::from(kind / 32) % files) {
            let any = |number: u16| boundary(text, usize::from(number) % (text.len() + 1));
            let (start, from) = (any(at), any(from));
            let end = boundary(text, start + usize::from(length % 64));
            let to = boundary(text, from + usize::from(kind % 32));
            let moved = text.get(from..to).unwrap_or_default().to_owned();
            text.replace_range(start..end, &moved);
        }
        analysis = Analysis::new(texts.load(analysis.workspace()));
        let anew = Analysis::new(texts.load(&Workspace::default()));
        assert_eq!(analysis.checked().diagnostics, anew.checked().diagnostics);
        // Trees, places, model and IR are compared by what `Debug` says of them.
        assert!(
            format!("{analysis:?}") == format!("{anew:?}"),
            "another analysis than at first, of {texts:?}"
        );
    }
    asked(&analysis, 0);
}

/// Asks everything that an editor asks, at some places.
pub(crate) fn answered(texts: &Texts, places: &[usize]) {
    let analysis = Analysis::new(texts.load(&Workspace::default()));
    for at in places {
        asked(&analysis, *at);
    }
}

/// The last place from which `text` can be cut that is not after `at`.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn asked(analysis: &Analysis, at: usize) {
    let sources = analysis.sources();
    let Some(file) = analysis.file("infra.asq") else { return };
    let text = sources.text(file);
    let start = boundary(text, at % (text.len() + 1));
    let offset = Offset { file, at: u32::try_from(start).unwrap_or(u32::MAX) };
    let mut places: Vec<Span> = Vec::new();
    places.extend(analysis.hover(offset).map(|hover| hover.span));
    places.extend(analysis.completions(offset).into_iter().map(|completion| completion.replace));
    places.extend(analysis.definition(offset));
    places.extend(analysis.references(offset));
    if let Some(name) = analysis.renameable(offset) {
        places.push(name);
        places.extend(analysis.rename(offset, "renamed").into_iter().flatten().map(|edit| edit.span));
    }
    places.extend(of_file(analysis, file));
    assert!(places.iter().all(|place| is_in(sources, *place)), "{places:?} at {offset:?} of {text:?}");
}

fn of_file(analysis: &Analysis, file: FileId) -> Vec<Span> {
    let whole = Span::new(file, 0, analysis.sources().text(file).len());
    let symbols = analysis.symbols(file).into_iter().chain(analysis.find_symbols("a"));
    let mut places: Vec<Span> = symbols.flat_map(|symbol| [symbol.span, symbol.selection]).collect();
    places.extend(analysis.folds(file).into_iter().map(|fold| fold.span));
    places.extend(analysis.tokens(file).into_iter().map(|token| token.span));
    places.extend(
        analysis.lenses(file).into_iter().flat_map(|lens| lens.targets.into_iter().chain([lens.span])),
    );
    let hints = analysis.hints(whole).into_iter();
    places.extend(hints.map(|hint| Span { start: hint.at, end: hint.at, ..whole }));
    places
}

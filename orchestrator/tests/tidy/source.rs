//! What one file of Rust declares and names, read from its tokens: comments, strings and the layout of a line play no part.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// A path as it is written: `super::rule::StopRule` in three segments.
pub(crate) type Segments = Vec<String>;

/// One module, which is a file or a `mod … { }` within one.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// Its place below the root of the crate: `["plan", "spec"]`.
    pub(crate) place: Segments,
    /// The file in which it stands, as a place.
    pub(crate) file: Segments,
    /// Modules that it declares.
    pub(crate) children: BTreeSet<String>,
    /// Modules that it declares in a file of their own.
    pub(crate) files: BTreeSet<String>,
    /// Names that `use` brings in, with what they stand for.
    pub(crate) names: BTreeMap<String, Segments>,
    /// Paths of `use …::*`.
    pub(crate) globs: Vec<Segments>,
    /// Items that it defines itself.
    pub(crate) defines: BTreeSet<String>,
    /// Every path that it names, in `use` and elsewhere.
    pub(crate) paths: Vec<Segments>,
}

/// What is in a file.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The file's own module first.
    pub(crate) modules: Vec<Module>,
    /// Modules that it declares for tests only in a file of their own: `#[cfg(test)] mod name;`, where `#[path]` says if it does.
    pub(crate) tests: Vec<Segments>,
    /// Every word of the code in order, `::` between them, so that a forbidden path can be looked for.
    pub(crate) words: Vec<String>,
}

/// Reads a file. Items under `#[cfg(test)]` are left out, or kept where `tests`.
pub(crate) fn read(place: &[String], text: &str, tests: bool) -> Source {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("`{}`: {error}", place.join("::")));
    let mut source = Source::default();
    let mut reader = Reader { file: place.to_vec(), tests, source: &mut source };
    reader.module(place.to_vec(), tokens);
    source
}

struct Reader<'s> {
    file: Segments,
    tests: bool,
    source: &'s mut Source,
}

impl Reader<'_> {
    fn module(&mut self, place: Segments, tokens: TokenStream) {
        let index = self.source.modules.len();
        let module = Module { place, file: self.file.clone(), ..Module::default() };
        self.source.modules.push(module);
        self.tokens(index, tokens);
    }

    /// Walks over one level of tokens and into every group of it, also within the arguments of macros.
    fn tokens(&mut self, module: usize, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if is_test_attribute(&tokens[at..]) {
                let end = at + item_length(&tokens[at..], &self.file);
                self.test_item(module, &tokens[at..end]);
                if !self.tests {
                    at = end;
                    continue;
                }
                at += 2;
                continue;
            }
            at += self.token(module, &tokens, at);
        }
    }

    /// Reads what begins at `at`; the number of tokens that it took.
    fn token(&mut self, module: usize, tokens: &[TokenTree], at: usize) -> usize {
        match &tokens[at] {
            TokenTree::Group(group) => {
                // `pub(in crate::x)` names whom something is for, not what it uses.
                let visibility = at > 0 && is_word(&tokens[at - 1], "pub");
                if !visibility {
                    self.tokens(module, group.stream());
                }
                1
            }
            TokenTree::Ident(word) => self.word(module, word, tokens, at),
            _ => 1,
        }
    }

    fn word(&mut self, module: usize, word: &Ident, tokens: &[TokenTree], at: usize) -> usize {
        let word = plain(word);
        let rest = &tokens[at + 1..];
        match word.as_str() {
            "use" if !rest.first().is_some_and(|next| is_mark(next, '<')) => {
                let end = rest.iter().position(|token| is_mark(token, ';')).unwrap_or(rest.len());
                self.uses(module, &rest[..end]);
                return end + 2;
            }
            "mod" => {
                let Some(TokenTree::Ident(name)) = rest.first() else { return 1 };
                let name = plain(name);
                self.source.modules[module].children.insert(name.clone());
                let Some(TokenTree::Group(body)) = rest.get(1) else {
                    self.source.modules[module].files.insert(name);
                    return 2;
                };
                let mut place = self.source.modules[module].place.clone();
                place.push(name);
                self.module(place, body.stream());
                return 3;
            }
            "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" | "fn" => {
                if let Some(TokenTree::Ident(name)) = rest.first() {
                    self.source.modules[module].defines.insert(plain(name));
                }
                return 1;
            }
            _ => {}
        }
        let (path, length) = path(&tokens[at..]);
        self.source.words.push(path.join("::"));
        if path.len() > 1 && !(at > 1 && is_mark(&tokens[at - 1], ':') && is_mark(&tokens[at - 2], ':')) {
            self.source.modules[module].paths.push(path);
        }
        length
    }

    /// Everything that a `use` brings in.
    fn uses(&mut self, module: usize, tree: &[TokenTree]) {
        let mut found = Vec::new();
        flatten(&Vec::new(), tree, &mut found);
        for (path, name) in found {
            self.source.words.push(path.join("::"));
            let module = &mut self.source.modules[module];
            match name {
                Some(name) => {
                    module.names.insert(name, path.clone());
                    module.paths.push(path);
                }
                None => module.globs.push(path),
            }
        }
    }

    /// Notes the file of a module that only tests compile.
    fn test_item(&mut self, module: usize, item: &[TokenTree]) {
        let Some(at) = item.iter().position(|token| is_word(token, "mod")) else { return };
        let [_, TokenTree::Ident(name), TokenTree::Punct(_)] = &item[at..] else { return };
        let told = item.iter().find_map(|token| match token {
            TokenTree::Group(group) => path_attribute(group),
            _ => None,
        });
        let place = match told {
            Some(path) => {
                // Relative to the folder in which this file is.
                let folder = self.file.split_last().map_or(&[][..], |(_, folder)| folder);
                let names = path.trim_end_matches(".rs").split('/').map(str::to_owned);
                folder.iter().cloned().chain(names).collect()
            }
            None => [self.source.modules[module].place.as_slice(), &[plain(name)]].concat(),
        };
        self.source.tests.push(place);
    }
}

/// The value of `[path = "…"]`.
fn path_attribute(group: &Group) -> Option<String> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    match tokens.as_slice() {
        [first, _, TokenTree::Literal(text)] if is_word(first, "path") => {
            Some(text.to_string().trim_matches('"').to_owned())
        }
        _ => None,
    }
}

/// Whether `#[cfg(test)]` begins here, or `#[cfg(all(test, …))]`.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let [hash, TokenTree::Group(attribute), ..] = tokens else { return false };
    let text = attribute.stream().to_string().replace(' ', "");
    is_mark(hash, '#') && (text == "cfg(test)" || text.starts_with("cfg(all(test,"))
}

/// Tokens of the item that begins here, with its attributes.
fn item_length(tokens: &[TokenTree], file: &[String]) -> usize {
    let mut at = 0;
    while is_mark(&tokens[at], '#') {
        at += 2;
    }
    let is_visibility = |token: &TokenTree| {
        is_word(token, "pub")
            || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
    };
    while is_visibility(&tokens[at]) {
        at += 1;
    }
    let is_function = tokens[at..].iter().take(4).any(|token| is_word(token, "fn"));
    let to_semicolon =
        ["use", "const", "static", "type", "let"].iter().any(|word| is_word(&tokens[at], word));
    let to_brace =
        ["fn", "unsafe", "async", "mod", "struct", "enum", "union", "impl", "trait", "macro_rules"]
            .iter()
            .any(|word| is_word(&tokens[at], word));
    assert!(
        to_semicolon || to_brace,
        "`{}`: #[cfg(test)] stands before `{}`, which is no item",
        file.join("::"),
        tokens[at]
    );
    let ends = |token: &TokenTree| {
        let is_brace = matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        is_mark(token, ';') || is_brace && (to_brace || is_function)
    };
    tokens[at..].iter().position(ends).map_or(tokens.len(), |end| at + end + 1)
}

/// The path that begins here, and how many tokens it is long.
fn path(tokens: &[TokenTree]) -> (Segments, usize) {
    let mut segments = Vec::new();
    let mut at = 0;
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        segments.push(plain(word));
        at += 1;
        if !is_separator(&tokens[at..]) || !matches!(tokens.get(at + 2), Some(TokenTree::Ident(_))) {
            break;
        }
        at += 2;
    }
    (segments, at)
}

/// The paths of a `use` tree with the name that each gets; none for `*`.
fn flatten(before: &Segments, tree: &[TokenTree], found: &mut Vec<(Segments, Option<String>)>) {
    let mut path = before.clone();
    let mut renamed = None;
    let mut at = 0;
    while at < tree.len() {
        match &tree[at] {
            TokenTree::Ident(word) if word == "as" => {
                renamed = tree.get(at + 1).map(ToString::to_string);
                break;
            }
            TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
            TokenTree::Ident(word) => path.push(plain(word)),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for part in inner.split(|token| is_mark(token, ',')).filter(|part| !part.is_empty()) {
                    flatten(&path, part, found);
                }
                return;
            }
            star if is_mark(star, '*') => {
                found.push((path, None));
                return;
            }
            _ => {}
        }
        at += 1;
    }
    let name = renamed.or_else(|| path.last().cloned()).unwrap_or_default();
    found.push((path, Some(name)));
}

fn plain(word: &Ident) -> String {
    word.to_string().trim_start_matches("r#").to_owned()
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(found) if found == word)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [first, second, ..] if is_mark(first, ':') && is_mark(second, ':'))
}

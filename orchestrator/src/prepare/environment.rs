//! The environment of builds and probes: known, whatever the caller's shell holds.
//!
//! A variable may steer a build tool from afar: to another place for its products, to other optimisations. So a build sees a few
//! variables that every program needs, and of the caller's own those that its manifest names.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// What every program may need of the caller: where things are, how downloads get out, how loud to be. None of it decides what
/// is built.
const KEPT: [&str; 28] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TERM",
    "TMPDIR",
    "CI",
    "V",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "SUDO_ASKPASS",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "NETRC",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NIX_SSL_CERT_FILE",
];

/// Parts of names whose values are nobody's business: what they hold is not recorded.
const SECRET: [&str; 7] = ["TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "AUTH", "PROXY", "URL"];

/// The whole environment of a command; `named` are the manifest's names, of which one may end with a star.
pub(super) fn of_command(named: &[String]) -> BTreeMap<OsString, OsString> {
    let kept = std::env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(|name| KEPT.contains(&name) || is_named(name, named)));
    let mut environment: BTreeMap<OsString, OsString> = kept.collect();
    // Messages are the same in every country.
    environment.insert("LC_ALL".into(), "C.UTF-8".into());
    environment
}

/// What of the caller's environment a build sees because its manifest names it; null: not recorded, it may hold a secret.
pub(super) fn record(named: &[String]) -> BTreeMap<String, Option<String>> {
    of_record(named, std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))))
}

fn of_record(
    named: &[String],
    variables: impl Iterator<Item = (String, OsString)>,
) -> BTreeMap<String, Option<String>> {
    let named = variables.filter(|(name, _)| is_named(name, named));
    let recorded = named.map(|(name, value)| {
        let secret = SECRET.iter().any(|part| name.contains(part));
        let value = (!secret).then(|| value.to_string_lossy().into_owned());
        (name, value)
    });
    recorded.collect()
}

fn is_named(name: &str, named: &[String]) -> bool {
    named.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_what_is_known_or_named_reaches_a_build() {
        // Every test is started with variables that begin so.
        let environment = of_command(&named(&["CARGO_PKG_NA*"]));
        let has = |name: &str| environment.contains_key(&OsString::from(name));
        assert!(has("CARGO_PKG_NAME") && has("PATH") && has("LC_ALL"));
        assert!(!has("CARGO_MANIFEST_DIR"));
        assert!(!of_command(&[]).contains_key(&OsString::from("CARGO_PKG_NAME")));
    }

    #[test]
    fn secrets_are_recorded_by_name_alone() {
        let variables =
            [("X_HOME", "/x"), ("X_TOKEN", "t"), ("X_PROXY", "http://user:word@host"), ("Y", "y")];
        let variables = variables.map(|(name, value)| (name.to_owned(), OsString::from(value)));
        let record = of_record(&named(&["X_*", "Z"]), variables.into_iter());
        let expected = [("X_HOME", Some("/x")), ("X_PROXY", None), ("X_TOKEN", None)];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        assert_eq!(record, BTreeMap::from(expected));
    }
}

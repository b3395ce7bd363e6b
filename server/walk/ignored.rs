//! What git leaves out: `.gitignore`, `.git/info/exclude` and `core.excludesFile` (gitignore(5)), and `.ignore`, which search
//! programs read too.
//!
//! In: directories from the outside in, and the world. Out: whether a path in the last of them is left out.
//!
//! **Invariant:** the nearest rule decides; `.ignore` goes before what git reads, and git's rules end at the repository's top.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::environment;
use fromwhere_core::system::{Listing, System};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The rules that hold in a directory. Directories that bring none share those of the one above.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    above: Option<Arc<Ignored>>,
    /// `.ignore`.
    own: Option<Gitignore>,
    /// `.gitignore`.
    of_git: Option<Gitignore>,
    /// What stands in the repository itself, where this is its top.
    excluded: Option<Gitignore>,
    is_repository: bool,
    /// The user's own, in the outermost alone.
    of_user: Option<Gitignore>,
}

impl Ignored {
    /// Takes the rules of all that lies above a directory.
    pub(super) fn above(system: &dyn System, directory: &Utf8Path) -> Self {
        let mut above: Vec<&Utf8Path> = directory.ancestors().skip(1).collect();
        above.reverse();
        let top = directory.ancestors().find(|it| system.exists(&it.join(".git"))).unwrap_or(directory);
        let mut rules = Ignored { of_user: of_user(system, top), ..Ignored::default() };
        for directory in above {
            if let Some(level) = Ignored::of(system, directory, |_| true) {
                rules = Ignored { above: Some(Arc::new(rules)), ..level };
            }
        }
        rules
    }

    /// Asks for the rules of all that lies above a directory, and for the repository's own list where the directory is its top.
    pub(super) fn ask_outside(system: &dyn System, directory: &Utf8Path) {
        let _ = Ignored::above(system, directory);
        let _ = Ignored::of(system, directory, |name| name == ".git");
    }

    /// Takes those of the directory itself too, which is listed.
    pub(super) fn in_directory(
        above: &Arc<Ignored>,
        system: &dyn System,
        directory: &Utf8Path,
        listing: &Listing,
    ) -> Arc<Ignored> {
        match Ignored::of(system, directory, |name| listing.contains(name)) {
            Some(level) => Arc::new(Ignored { above: Some(Arc::clone(above)), ..level }),
            None => Arc::clone(above),
        }
    }

    /// Tells whether a path in the directory is left out.
    pub(super) fn leaves_out(&self, path: &Utf8Path, is_directory: bool) -> bool {
        let (mut own, mut of_git, mut excluded, mut of_user) = (None, None, None, None);
        let mut is_in_repository = true;
        let mut level = Some(self);
        while let Some(rules) = level {
            own = own.or_else(|| decision(rules.own.as_ref(), path, is_directory));
            if is_in_repository {
                of_git = of_git.or_else(|| decision(rules.of_git.as_ref(), path, is_directory));
                excluded = excluded.or_else(|| decision(rules.excluded.as_ref(), path, is_directory));
            }
            is_in_repository &= !rules.is_repository;
            of_user = of_user.or_else(|| decision(rules.of_user.as_ref(), path, is_directory));
            level = rules.above.as_deref();
        }
        own.or(of_git).or(excluded).or(of_user).unwrap_or_default()
    }

    /// `None` where a directory has nothing to say. What it surely does not have is not asked for.
    fn of(system: &dyn System, directory: &Utf8Path, may_have: impl Fn(&str) -> bool) -> Option<Self> {
        let read = |name: &str| may_have(name).then(|| rules(system, directory, &directory.join(name))).flatten();
        let is_repository = may_have(".git") && system.exists(&directory.join(".git"));
        let own = read(".ignore");
        let of_git = read(".gitignore");
        let excluded = is_repository.then(|| rules(system, directory, &exclude_file(system, directory)?)).flatten();
        let says = is_repository || own.is_some() || of_git.is_some();
        says.then_some(Ignored { own, of_git, excluded, is_repository, ..Ignored::default() })
    }
}

/// `Some(true)` for "left out", `Some(false)` for `!pattern`.
fn decision(rules: Option<&Gitignore>, path: &Utf8Path, is_directory: bool) -> Option<bool> {
    match rules?.matched(path, is_directory) {
        Match::None => None,
        Match::Ignore(_) => Some(true),
        Match::Whitelist(_) => Some(false),
    }
}

/// Reads the rules of one file, which hold below a directory. Lines that are no pattern leave nothing out.
fn rules(system: &dyn System, directory: &Utf8Path, file: &Utf8Path) -> Option<Gitignore> {
    let text = system.read_text(file).ok()?;
    let mut builder = GitignoreBuilder::new(directory);
    for line in text.trim_start_matches('\u{feff}').lines() {
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// Returns the repository's own list. A work tree beside its repository has a file `.git` that says where that is, and the list is
/// that of all its work trees (gitrepository-layout(5)).
fn exclude_file(system: &dyn System, top: &Utf8Path) -> Option<Utf8PathBuf> {
    let git = top.join(".git");
    if system.is_directory(&git) {
        return Some(git.join("info/exclude"));
    }
    let text = system.read_text(&git).ok()?;
    let repository = top.join(text.strip_prefix("gitdir:")?.trim());
    let common = system.read_text(&repository.join("commondir"));
    let repository = common.map_or_else(|_| repository.clone(), |common| repository.join(common.trim()));
    Some(repository.join("info/exclude"))
}

/// Reads what the user never wants in any repository (`core.excludesFile` of git-config(1)).
fn of_user(system: &dyn System, top: &Utf8Path) -> Option<Gitignore> {
    // Git for Windows goes by `HOME` too, where a shell has set it.
    let named = system.variable("HOME").filter(|it| !it.is_empty()).map(Utf8PathBuf::from);
    let home = named.or_else(|| environment::home(system));
    let configuration = match system.variable("XDG_CONFIG_HOME").filter(|it| !it.is_empty()) {
        Some(named) => Some(Utf8PathBuf::from(named)),
        None => home.as_ref().map(|home| home.join(".config")),
    };
    let settings =
        [home.as_ref().map(|it| it.join(".gitconfig")), configuration.as_ref().map(|it| it.join("git/config"))];
    let mut named = settings.into_iter().flatten().filter_map(|file| named_excludes(&system.read_text(&file).ok()?));
    let file = match (named.next(), &home) {
        (Some(named), Some(home)) => named.strip_prefix("~/").map_or_else(|| home.join(&named), |rest| home.join(rest)),
        (Some(named), None) => Utf8PathBuf::from(named),
        (None, _) => configuration?.join("git/ignore"),
    };
    rules(system, top, &file)
}

/// Finds the last `excludesFile` of the section `[core]`.
fn named_excludes(text: &str) -> Option<String> {
    let mut is_core = false;
    let mut named = None;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            is_core = section.split(']').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("core"));
        } else if is_core
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("excludesfile")
        {
            named = Some(value.trim().trim_matches('"').to_owned());
        }
    }
    named
}

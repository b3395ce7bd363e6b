//! Modules and dependencies that an editable install would bring, if its source tree were there.
//!
//! In: a [`Situation`] and a [`Dangling`] install. Out: the words for it, the places that prove it, a way out.
//!
//! **Invariant:** nothing is fetched by its bare name that was once taken from a folder: an index may have a stranger's.

use super::evidence::at;
use super::message::fitting;
use super::{commands, fixes};
use crate::diagnostic::{Fix, Related};
use crate::distributions::Dangling;
use crate::explain::{self, shortened};
use crate::project::normalize_name;
use crate::situation::Situation;

/// Says what is gone, for a module or for the distribution itself.
pub(super) fn message(situation: &Situation, module: Option<&str>, dangling: &Dangling) -> String {
    let name = shortened(&dangling.distribution.name, 30);
    let source = explain::path_from(&situation.project.root, &dangling.source);
    let module = module.filter(|module| normalize_name(module) != normalize_name(&dangling.distribution.name));
    let subject = match module {
        Some(module) => format!("`{}` comes with {name}, an", shortened(module, 30)),
        None => format!("`{name}` is an"),
    };
    let fact = |source: &str| format!("{subject} editable install of `{source}`, which is gone");
    fitting([
        fact(&source),
        fact(&shortened(&source, 30)),
        format!("{subject} editable install, and its source is gone"),
    ])
}

/// Returns the file that leads nowhere.
pub(super) fn related(dangling: &Dangling) -> Related {
    at(&dangling.path, dangling.line, "this leads there")
}

pub(super) fn fix(situation: &Situation, dangling: &Dangling) -> Option<Fix> {
    let name = &dangling.distribution.name;
    let install = commands::install_from_source(situation, name);
    let remove = || commands::uninstall(situation, name).map(|it| fixes::command("Remove what is left of it", it));
    install.map(|it| fixes::command("Install it again", it)).or_else(remove)
}

//! An environment that was laid out for another Python than the one that would run it.
//!
//! In: a [`Situation`]. Out: the layout of another platform, or of another version, on `pyvenv.cfg` and on the manifest.
//!
//! **Invariant:** only folders with a `pyvenv.cfg` are judged, and only by what the interpreter in force would not see.

use camino::Utf8Path;

use super::{on_both, pyvenv_line, recreate};
use crate::check::message::fitting;
use crate::diagnostic::Diagnostic;
use crate::environment::lies;
use crate::explain;
use crate::interpreter::Version;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::{Platform, System};

/// `Scripts` on Windows, `bin` everywhere else.
pub(super) fn foreign_platform(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    let Some(made_for) = made_for_another_platform(system, situation) else { return Vec::new() };
    let name = explain::environment_name(situation);
    let (has, wants) = if made_for == Platform::Windows { ("Scripts", "bin") } else { ("bin", "Scripts") };
    let of = if made_for == Platform::Windows { "Windows" } else { "another system" };
    let message = fitting([format!("`{name}` was made for {of}: it has `{has}/`, and no `{wants}/` with a Python")]);
    let Some(cfg) = situation.environment.broken.as_ref().and_then(|it| it.pyvenv_cfg.clone()) else {
        return Vec::new();
    };
    let place = pyvenv_line(system, &cfg, &["home"]);
    let way_out = recreate(system, situation, &cfg);
    on_both(system, situation, Rule::VenvForeignPlatform, &message, (&cfg, place), &[way_out])
}

/// Returns the platform that an environment was made for, where it cannot run on this one.
pub(super) fn made_for_another_platform(system: &dyn System, situation: &Situation) -> Option<Platform> {
    let environment = &situation.environment;
    let root = environment.root.as_ref().filter(|_| environment.broken.is_some())?;
    let (windows, other) = (root.join("Scripts/python.exe"), root.join("bin/python"));
    let (own, foreign, platform) = match system.platform() {
        Platform::Windows => (windows, other, Platform::Linux),
        _ => (other, windows, Platform::Windows),
    };
    (system.is_file(&root.join("pyvenv.cfg")) && lies(system, &foreign) && !lies(system, &own)).then_some(platform)
}

/// The interpreter is another X.Y by now, so it looks into another folder than the packages lie in.
pub(super) fn version_skew(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    let Some(interpreter) = &situation.environment.interpreter else { return Vec::new() };
    let Some(pyvenv) = interpreter.pyvenv.as_ref().filter(|_| !system.platform().is_windows()) else {
        return Vec::new();
    };
    let is_own = |path: &Utf8Path| path.starts_with(&interpreter.prefix) && path.file_name() == Some("site-packages");
    if interpreter.search_path.iter().any(|it| it.exists && is_own(&it.path)) {
        return Vec::new();
    }
    let Some(made_for) = version_with_packages(system, &interpreter.prefix, &interpreter.version) else {
        return Vec::new();
    };
    let python = interpreter.executable.strip_prefix(&interpreter.prefix).unwrap_or(&interpreter.executable);
    let name = explain::environment_name(situation);
    let now = with_threads(&interpreter.version);
    let message = fitting([
        format!("made for Python {made_for}, but `{name}/{python}` is {now} now: its packages are not seen"),
        format!("made for Python {made_for}, but its interpreter is {now} now: its packages are not seen"),
    ]);
    let place = pyvenv_line(system, &pyvenv.path, &["version", "version_info", "home"]);
    let fixes = [recreate(system, situation, &pyvenv.path)];
    on_both(system, situation, Rule::VenvVersionSkew, &message, (&pyvenv.path, place), &fixes)
}

/// Returns the version whose `lib/pythonX.Y/site-packages` holds something, the newest where there are several.
fn version_with_packages(system: &dyn System, prefix: &Utf8Path, own: &Version) -> Option<String> {
    let number = |name: &str| -> Option<(u8, u8, bool)> {
        let version = name.strip_prefix("python")?;
        let (version, threads) = version.strip_suffix('t').map_or((version, false), |it| (it, true));
        let (major, minor) = version.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?, threads))
    };
    let mut found: Vec<(u8, u8, bool)> = Vec::new();
    for library in ["lib", "lib64"].map(|it| prefix.join(it)) {
        let listing = system.list(&library).unwrap_or_default();
        let versions = listing.starting_with("python").filter_map(|(name, _)| Some((name, number(name)?)));
        found.extend(versions.filter_map(|(name, version)| {
            let packages = system.list(&library.join(name).join("site-packages")).ok()?;
            packages.iter().next().is_some().then_some(version)
        }));
    }
    let own = (own.major, own.minor, own.free_threaded);
    let (major, minor, threads) = found.into_iter().filter(|it| *it != own).max()?;
    Some(format!("{major}.{minor}{}", if threads { "t" } else { "" }))
}

fn with_threads(version: &Version) -> String {
    format!("{}{}", version.short(), if version.free_threaded { "t" } else { "" })
}

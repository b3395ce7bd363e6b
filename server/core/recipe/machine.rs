//! The machine that a recipe prepares, as far as its commands tell.
//!
//! In: simple commands, in the order in which they run. Out: the calls of pip that the operating system's Python gets.
//!
//! **Invariant:** in doubt there is no such call: from the first sign of another Python on, nothing is taken as the
//! operating system's that is not named by its path or run as root.

use super::call::{self, Call};
use super::code::Code;
use super::shell::{self, Word};
use super::{Host, Install, Outcome};
use crate::text::Span;

/// Code inside code (`bash -c '…'`) is followed so deep.
const DEEPEST: usize = 4;

/// The machine that a recipe prepares.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) host: Host,
    /// Another Python may be first on `PATH`: a virtual environment, conda, pyenv, a CI action.
    pub(super) has_other_python: bool,
    /// What forces every later call.
    pub(super) forced: Option<(Span, &'static str)>,
    /// apt installed pip, so `pip` is the operating system's.
    has_pip_of_system: bool,
}

impl Machine {
    pub(super) fn new(host: Host) -> Self {
        Machine { host, has_other_python: false, forced: None, has_pip_of_system: false }
    }

    /// Takes in code and returns its calls of pip.
    pub(super) fn run(&mut self, code: &Code) -> Vec<Install> {
        let mut found = Vec::new();
        self.run_inside(code, 0, &mut found);
        found
    }

    /// Takes in a variable that holds from here on (`ENV`, `export`, `env:`).
    pub(super) fn set(&mut self, name: &str, value: &str, place: Span) {
        match name {
            "PATH" => self.has_other_python |= puts_first(value),
            "VIRTUAL_ENV"
            | "CONDA_PREFIX"
            | "PYENV_ROOT"
            | "UV_PROJECT_ENVIRONMENT"
            | "PIP_TARGET"
            | "PIP_PREFIX"
            | "PIP_PYTHON"
            | "PIP_CONFIG_FILE" => self.has_other_python = true,
            "PIP_BREAK_SYSTEM_PACKAGES" if call::is_on(value) => {
                self.forced = Some((place, "this variable forces it"));
            }
            _ => {}
        }
    }

    fn run_inside(&mut self, code: &Code, depth: usize, found: &mut Vec<Install>) {
        for words in shell::commands(code.text()) {
            if let Some(install) = call::call(&words).and_then(|call| self.install(code, &call)) {
                found.push(install);
                continue;
            }
            if let Some((start, end)) = code_inside(&words).filter(|_| depth < DEEPEST) {
                self.run_inside(&code.part(start, end), depth + 1, found);
            }
            self.notice(code, &words);
        }
    }

    /// Decides about one call; `None` where it is not for the operating system's Python, or not known to be.
    fn install(&self, code: &Code, call: &Call) -> Option<Install> {
        let managed = match &self.host {
            Host::Image { managed, .. } => *managed,
            Host::Here | Host::Runner => None,
        };
        // An image whose Python nobody manages takes everything.
        if managed == Some(false) || (self.has_other_python && !call.by_path && !call.as_root) {
            return None;
        }
        let span = |(start, end)| code.span(start, end);
        let outcome = if let Some(option) = call.forced {
            Outcome::ForcedByOption(span(option))
        } else if call.forced_by_variable {
            Outcome::ForcedByVariable
        } else if let Some((place, why)) = self.forced {
            Outcome::ForcedBefore(place, why)
        } else if managed == Some(true) {
            Outcome::Refused
        } else if call.as_root {
            if self.has_other_python {
                return None;
            }
            Outcome::AsRoot
        } else if self.host == Host::Here && (call.by_path || self.has_pip_of_system) {
            Outcome::RefusedHere
        } else {
            return None;
        };
        Some(Install {
            host: self.host.clone(),
            outcome,
            as_root: call.as_root,
            head: span(call.head),
            whole: span(call.whole),
            requirements: call.requirements.clone(),
            only_requirements: call.only_requirements,
            user: call.user.map(span),
            stands_alone: call.stands_alone,
        })
    }

    /// Learns from a command that is no call of pip.
    fn notice(&mut self, code: &Code, words: &[Word]) {
        let Some(whole) = words.first().zip(words.last()).map(|(first, last)| (first.start, last.end)) else { return };
        let text = |at: usize| words.get(at).map_or("", |it| it.text.as_str());
        if words.iter().all(|it| call::assignment(it).is_some()) || matches!(text(0), "export" | "declare" | "readonly")
        {
            for word in words {
                if let Some((name, value)) = call::assignment(word) {
                    self.set(name, value, code.span(word.start, word.end));
                }
            }
            return;
        }
        let program = text(0).rsplit('/').next().unwrap_or_default();
        let is_any = |names: &[&str]| words.iter().any(|it| names.contains(&it.text.as_str()));
        match program {
            "source"
            | "."
            | "activate"
            | "workon"
            | "conda"
            | "mamba"
            | "micromamba"
            | "pyenv"
            | "asdf"
            | "mise"
            | "eval"
            | "module"
            | "nix-shell"
            | "alias"
            | "update-alternatives" => self.has_other_python = true,
            // `add-apt-repository ppa:deadsnakes/ppa`, a Python that was built or unpacked here.
            "add-apt-repository" | "make" | "altinstall" | "curl" | "wget" if mentions_python(words) => {
                self.has_other_python = true;
            }
            "apt" | "apt-get" | "aptitude" | "sudo" | "doas" if is_any(&["install"]) => {
                self.has_pip_of_system |= is_any(&["python3-pip"]);
            }
            _ => {}
        }
        if words.iter().any(|it| it.text.ends_with("/EXTERNALLY-MANAGED")) && is_any(&["rm", "mv"]) {
            self.forced = Some((code.span(whole.0, whole.1), "this takes the marker of PEP 668 away"));
        } else if words.iter().any(|it| it.text.contains("break-system-packages")) {
            // `pip config set`, `echo … > pip.conf`.
            self.forced = Some((code.span(whole.0, whole.1), "this setting forces it"));
        }
    }
}

/// Tells whether a value of `PATH` has something in front of what was there before.
fn puts_first(value: &str) -> bool {
    !value.trim_matches('"').starts_with("$PATH") && !value.trim_matches('"').starts_with("${PATH")
}

fn mentions_python(words: &[Word]) -> bool {
    words.iter().any(|it| it.text.to_ascii_lowercase().contains("python") || it.text.contains("deadsnakes"))
}

/// Returns where the code lies that a shell is given as an argument: `bash -c '…'`, `sh -ec "…"`, `su -c '…'`.
fn code_inside(words: &[Word]) -> Option<(usize, usize)> {
    let first = words.iter().position(|it| !matches!(it.text.as_str(), "sudo" | "exec" | "command"))?;
    let words = words.get(first..)?;
    let program = words.first()?.text.rsplit('/').next()?;
    if !matches!(program, "sh" | "bash" | "dash" | "ash" | "zsh") {
        return None;
    }
    let at =
        words.iter().position(|it| it.text.starts_with('-') && !it.text.starts_with("--") && it.text.ends_with('c'))?;
    let code = words.get(at + 1).filter(|it| it.quoted)?;
    // Without its quotes; with anything inside that was written in another way the places would be off, but only by that.
    Some((code.start + 1, code.end.saturating_sub(1)))
}

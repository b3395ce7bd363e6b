//! Environment markers (PEP 508), for the Python in force.
//!
//! In: an interpreter, and a condition. Out: whether it holds; nothing where that is not known from files.
//!
//! **Invariant:** a variable that no file tells decides nothing: every value that it may have has to agree.

use std::str::FromStr as _;

use pep508_rs::{ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder};

use crate::interpreter::{Implementation, Interpreter};
use crate::project::{Condition, marker};
use crate::system::Platform;

/// What markers are evaluated for.
pub(super) struct Markers {
    /// One for each value that the last number of the version may have.
    environments: Vec<MarkerEnvironment>,
    /// The variables whose value is not known.
    unknown: Vec<&'static str>,
}

impl Markers {
    pub(super) fn of(interpreter: &Interpreter) -> Self {
        // The kernel's release and its version are known to nobody here.
        let mut unknown = vec!["platform_release", "platform_version", "platform.version"];
        let machine = machine(interpreter);
        if machine.is_none() {
            unknown.extend(["platform_machine", "platform.machine"]);
        }
        let (name, implementation) = match interpreter.implementation {
            Implementation::CPython => ("cpython", "CPython"),
            Implementation::PyPy => ("pypy", "PyPy"),
        };
        if interpreter.implementation != Implementation::CPython {
            unknown.push("implementation_version");
        }
        let (os_name, sys_platform, platform_system) = match interpreter.platform {
            Platform::Linux => ("posix", "linux", "Linux"),
            Platform::MacOs => ("posix", "darwin", "Darwin"),
            Platform::Windows => ("nt", "win32", "Windows"),
        };
        let version = &interpreter.version;
        let short = version.short();
        let micros = version.micro.map_or_else(|| vec![0, 99], |micro| vec![micro]);
        let environments = micros.into_iter().filter_map(|micro| {
            let full = format!("{short}.{micro}{}", version.suffix);
            let builder = MarkerEnvironmentBuilder {
                implementation_name: name,
                implementation_version: &full,
                os_name,
                platform_machine: machine.unwrap_or_default(),
                platform_python_implementation: implementation,
                platform_release: "",
                platform_system,
                platform_version: "",
                python_full_version: &full,
                python_version: &short,
                sys_platform,
            };
            MarkerEnvironment::try_from(builder).ok()
        });
        Markers { environments: environments.collect(), unknown }
    }

    /// Tells whether a condition holds where no extra is asked for.
    pub(super) fn holds(&self, condition: &Condition) -> Option<bool> {
        self.holds_with(condition, None)
    }

    /// Tells whether a condition holds where one extra is asked for, or none.
    pub(super) fn holds_with(&self, condition: &Condition, extra: Option<&str>) -> Option<bool> {
        let text = match condition {
            Condition::Always => return Some(true),
            Condition::Unknown => return None,
            Condition::Marker(text) => text,
        };
        if self.unknown.iter().any(|variable| text.contains(variable)) {
            return None;
        }
        let tree = marker(text)?;
        let extras: Vec<ExtraName> = extra.and_then(|it| ExtraName::from_str(it).ok()).into_iter().collect();
        let mut answers = self.environments.iter().map(|environment| tree.evaluate(environment, &extras));
        let first = answers.next()?;
        answers.all(|answer| answer == first).then_some(first)
    }
}

/// `platform.machine()`, from the ABI's name: `cpython-312-x86_64-linux-gnu`, `cp312-win_amd64`.
fn machine(interpreter: &Interpreter) -> Option<&str> {
    let abi = interpreter.abi.as_deref()?;
    match interpreter.platform {
        Platform::Linux => {
            let machine = abi.split('-').nth(2)?;
            // Debian names the family; the machine may be any of it.
            (machine != "i386" && machine != "arm").then_some(machine)
        }
        Platform::Windows => match abi.rsplit('-').next()? {
            "win_amd64" => Some("AMD64"),
            "win_arm64" => Some("ARM64"),
            _ => None,
        },
        Platform::MacOs => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::tests::python;

    #[test]
    fn what_is_not_known_decides_nothing() {
        let mut interpreter = python(11);
        interpreter.abi = Some("cpython-311-x86_64-linux-gnu".to_owned());
        interpreter.version.micro = None;
        let markers = Markers::of(&interpreter);
        for (marker, expected) in [
            ("python_version >= '3.8'", Some(true)),
            ("python_version < '3.8' or sys_platform == 'win32'", Some(false)),
            ("python_full_version >= '3.11.4'", None),
            ("python_full_version >= '3.10.4'", Some(true)),
            ("platform_machine == 'x86_64' and os_name == 'posix'", Some(true)),
            ("platform_release > '5'", None),
            ("extra == 'a'", Some(false)),
            ("implementation_name == 'cpython' and platform_python_implementation != 'PyPy'", Some(true)),
            ("platform_system in 'Linux Darwin'", Some(true)),
            ("nonsense", None),
        ] {
            assert_eq!(markers.holds(&Condition::Marker(marker.to_owned())), expected, "{marker}");
        }
        interpreter.abi = None;
        let marker = Condition::Marker("platform_machine == 'x86_64'".to_owned());
        assert_eq!(Markers::of(&interpreter).holds(&marker), None);
        assert_eq!(markers.holds(&Condition::Unknown), None);
    }
}

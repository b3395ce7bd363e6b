//! What some modules' distributions are called, for those that are not installed where their metadata could tell.
//!
//! In: a top-level module. Out: the name to install.
//!
//! **Invariant:** a name that is not certain is not guessed: installing a wrong one runs a stranger's code.

/// Modules that the names of their distributions do not tell.
const NAMES: &[(&str, &str)] = &[
    ("Crypto", "pycryptodome"),
    ("MySQLdb", "mysqlclient"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "Pillow"),
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("cv2", "opencv-python"),
    ("dateutil", "python-dateutil"),
    ("docutils", "docutils"),
    ("dotenv", "python-dotenv"),
    ("flask", "Flask"),
    ("git", "GitPython"),
    ("jinja2", "Jinja2"),
    ("jwt", "PyJWT"),
    ("lxml", "lxml"),
    ("magic", "python-magic"),
    ("matplotlib", "matplotlib"),
    ("numpy", "numpy"),
    ("pandas", "pandas"),
    ("psutil", "psutil"),
    ("pytest", "pytest"),
    ("requests", "requests"),
    ("scipy", "scipy"),
    ("serial", "pyserial"),
    ("six", "six"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("usb", "pyusb"),
    ("yaml", "PyYAML"),
    ("zmq", "pyzmq"),
];

/// Distributions that only an operating system brings; what an index has under such a name is not the same thing.
const ONLY_FROM_THE_SYSTEM: [&str; 8] = [
    "command-not-found",
    "cupshelpers",
    "language-selector",
    "python-apt",
    "software-properties",
    "ubuntu-drivers-common",
    "ufw",
    "unattended-upgrades",
];

/// Tells whether a distribution can only be had from the operating system.
pub(crate) fn is_only_from_the_system(distribution: &str) -> bool {
    ONLY_FROM_THE_SYSTEM.contains(&distribution)
}

/// Returns the distribution that a module is known to come from.
pub(crate) fn distribution_of(module: &str) -> Option<&'static str> {
    let at = NAMES.binary_search_by(|(name, _)| (*name).cmp(module)).ok()?;
    NAMES.get(at).map(|(_, distribution)| *distribution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        assert!(NAMES.is_sorted());
        assert!(NAMES.iter().all(|(module, name)| distribution_of(module) == Some(name)));
        assert_eq!(distribution_of("nothing"), None);
    }
}

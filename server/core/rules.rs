//! The catalogue of rules: code, default severity, one-line summary, page.
//!
//! In: a code. Out: what is said about it. The page lies beside the code in `rules/<code>.md`; its examples are tests.
//!
//! **Invariant:** a code is never reused and never renamed.

use crate::diagnostic::Severity;

macro_rules! rules {
    ($($variant:ident $code:literal $severity:ident $($opt_in:ident)? $summary:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($variant),* }

        impl Rule {
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),*];

            pub fn code(self) -> &'static str {
                match self { $(Rule::$variant => $code),* }
            }

            /// The severity where the user sets none and nothing softens it.
            pub fn severity(self) -> Severity {
                match self { $(Rule::$variant => Severity::$severity),* }
            }

            /// Whether it is off unless somebody selects it, or gives it a severity.
            pub fn is_opt_in(self) -> bool {
                match self { $(Rule::$variant => is_opt_in!($($opt_in)?)),* }
            }

            pub fn summary(self) -> &'static str {
                match self { $(Rule::$variant => $summary),* }
            }

            /// The rule's page in Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Rule::$variant => include_str!(concat!("rules/", $code, ".md"))),* }
            }
        }
    };
}

/// `opt_in` behind the severity of a rule.
macro_rules! is_opt_in {
    (opt_in) => {
        true
    };
    () => {
        false
    };
}

rules! {
    ImportFromOs "import-from-os" Warning
        "a module comes from the operating system's packages";
    ImportFromUserSite "import-from-user-site" Warning
        "a module comes from the user site (~/.local)";
    ImportFromBase "import-from-base" Information
        "a module comes from the Python that the virtual environment was made from";
    ImportFromOtherEnvironment "import-from-other-environment" Warning
        "a module comes from another Python or another virtual environment";
    ImportFoundElsewhere "import-found-elsewhere" Information
        "a module is not installed here, but somewhere else on this machine";
    ImportStubOnly "import-stub-only" Warning
        "only a module's stubs are installed, not the module itself";
    ExtensionAbiMismatch "extension-abi-mismatch" Error
        "an extension module was built for another Python or another platform";
    ShadowsStdlib "shadows-stdlib" Warning
        "a file of the project hides a module of the standard library";
    ShadowsPackage "shadows-package" Warning
        "a file of the project hides an installed package that the project declares";
    ModuleOwnedTwice "module-owned-twice" Warning
        "two installed distributions have put different files in the same place";
    EditableDangling "editable-dangling" Warning
        "the source tree of an editable install is gone";
    VenvInterpreterMissing "venv-interpreter-missing" Error
        "a virtual environment's interpreter is gone";
    VenvForeignPlatform "venv-foreign-platform" Warning
        "a virtual environment was made for another platform";
    VenvVersionSkew "venv-version-skew" Error
        "a virtual environment's packages lie where its interpreter does not look any more";
    VenvHomeMismatch "venv-home-mismatch" Information
        "`home` in pyvenv.cfg is not where the environment's interpreter leads";
    VenvRelocated "venv-relocated" Warning
        "a virtual environment was moved, and its scripts still name the old place";
    PyvenvCfgSyntax "pyvenv-cfg-syntax" Warning
        "pyvenv.cfg says something that Python does not read as it was meant";
    EnvMismatch "env-mismatch" Warning
        "somebody works with another environment, in which an import is another thing";
    EnvIgnored "env-ignored" Warning
        "an environment that is asked for is none, and was passed over";
    SystemSiteNoEffect "system-site-no-effect" Warning
        "include-system-site-packages does not reach the operating system's packages";
    PythonOutsideRequires "python-outside-requires" Warning
        "the interpreter is outside requires-python or .python-version";
    EnvNone "env-none" Information
        "dependencies are declared, but only the operating system's Python is there";
    PipExternallyManaged "pip-externally-managed" Warning
        "a file installs into the operating system's Python with pip, which is refused or forced";
    DependencyNotInstalled "dependency-not-installed" Warning
        "a declared dependency is not installed";
    DependencyVersion "dependency-version" Warning
        "a dependency is installed in a version outside what is declared";
    LockDrift "lock-drift" Information opt_in
        "a distribution is installed in another version than the lock pins";
    ImportUndeclared "import-undeclared" Information opt_in
        "a module is installed, but the project does not declare what it comes from";
    ScriptUndeclared "script-undeclared" Information
        "a script imports what its header does not list";
    IgnoreCommentSyntax "ignore-comment-syntax" Warning
        "a comment that should silence a rule is not written as it has to be";
}

impl Rule {
    pub fn from_code(code: &str) -> Option<Self> {
        Rule::ALL.iter().copied().find(|rule| rule.code() == code)
    }

    /// Whether it is about an environment and nothing else: several projects that share one have one fact, each in its own
    /// words.
    pub fn is_of_environment(self) -> bool {
        matches!(
            self,
            Rule::VenvInterpreterMissing
                | Rule::VenvForeignPlatform
                | Rule::VenvVersionSkew
                | Rule::VenvHomeMismatch
                | Rule::VenvRelocated
                | Rule::PyvenvCfgSyntax
                | Rule::SystemSiteNoEffect
        )
    }

    /// The address of the rule's page.
    pub fn url(self) -> String {
        format!("https://github.com/fromwhere/fromwhere/blob/main/server/core/rules/{}.md", self.code())
    }
}

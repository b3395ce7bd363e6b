//! What is started in a folder that is no root of the project, by the file that it is started with.
//!
//! In: nothing. Out: [`PROGRAMS`], and what each needs to find the project's code.
//!
//! **Invariant:** a file counts that nobody has for another purpose; what it says is not read.

/// A program that puts the folder in front in which it is started, or in which it lies.
#[derive(Debug, PartialEq, Eq)]
pub struct Program {
    /// The file in that folder that tells of it.
    pub file: &'static str,
    /// What is started there; nothing where the file itself is run.
    pub tool: Option<&'static str>,
    /// The tool puts the folder there; else Python does, and not under `-P`, before anything else is loaded.
    pub inserts_by_itself: bool,
}

pub(super) const PROGRAMS: [Program; 3] = [
    // Django: `python manage.py`.
    Program { file: "manage.py", tool: None, inserts_by_itself: false },
    // `gunicorn.config.get_default_config_file`, and `sys.path.insert` of `chdir` in `gunicorn.app.base`.
    Program { file: "gunicorn.conf.py", tool: Some("gunicorn"), inserts_by_itself: true },
    // `DEFAULT_CONFIG_MODULE` of `celery.loaders.default`, and `cwd_in_path` of `celery.utils.imports`.
    Program { file: "celeryconfig.py", tool: Some("celery"), inserts_by_itself: true },
];

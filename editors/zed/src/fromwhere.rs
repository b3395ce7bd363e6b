//! Tells Zed how to start fromwhere, as Zed starts only servers that an extension names.
//!
//! In: Zed's settings under `lsp.fromwhere`. Out: a command line, and the section `fromwhere` for the server.
//!
//! **Invariant:** only a path from the user's settings or from `PATH` is started, never one that a project names by itself.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree, serde_json};

struct Fromwhere;

impl zed::Extension for Fromwhere {
    fn new() -> Self {
        Fromwhere
    }

    fn language_server_command(&mut self, server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree(server.as_ref(), worktree).ok().and_then(|settings| settings.binary);
        let (path, arguments) = binary.map(|binary| (binary.path, binary.arguments)).unwrap_or_default();
        let command = path.or_else(|| worktree.which("fromwhere"));
        Ok(Command {
            command: command.ok_or("`fromwhere` is not on PATH, and `lsp.fromwhere.binary.path` is not set")?,
            args: arguments.unwrap_or_else(|| vec!["server".to_owned()]),
            env: worktree.shell_env(),
        })
    }

    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?.settings.unwrap_or_default();
        Ok(Some(serde_json::json!({ "fromwhere": settings })))
    }

    fn language_server_initialization_options(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.initialization_options)
    }
}

zed::register_extension!(Fromwhere);

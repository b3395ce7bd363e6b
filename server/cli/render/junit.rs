//! Diagnostics as a `JUnit` report, which most CI servers show as tests.
//!
//! In: what a run has found. Out: XML; a file is a suite, a diagnostic a test.
//!
//! **Invariant:** a test fails just where the diagnostic makes the run fail: warnings and errors.

use std::io;

use fromwhere_core::diagnostic::{Diagnostic, Severity};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Found;
use crate::cli::terminal::{relative, visible};

pub(in crate::cli) fn render(found: &Found<'_>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Memory takes every write, and all that is written is text.
    let _ = report(found, &mut writer);
    let mut output = String::from_utf8(writer.into_inner()).unwrap_or_default();
    output.push('\n');
    output
}

fn report(found: &Found<'_>, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = Counts::of(found.diagnostics);
    writer
        .create_element("testsuites")
        .with_attribute(("name", "fromwhere"))
        .with_attributes(counts.attributes().iter().map(|(key, value)| (*key, value.as_str())))
        .write_inner_content(|writer| {
            // Some servers take a report without a test for a broken one.
            if found.diagnostics.is_empty() {
                return suite(writer, "fromwhere", &[]);
            }
            found.diagnostics.chunk_by(|a, b| a.path == b.path).try_for_each(|of_file| {
                let path = of_file.first().map(|it| relative(&it.path, found.working_directory)).unwrap_or_default();
                suite(writer, &path, of_file)
            })
        })?;
    Ok(())
}

fn suite(writer: &mut Writer<Vec<u8>>, path: &str, diagnostics: &[Diagnostic]) -> io::Result<()> {
    let counts = Counts::of(diagnostics);
    writer
        .create_element("testsuite")
        .with_attribute(("name", path))
        .with_attributes(counts.attributes().iter().map(|(key, value)| (*key, value.as_str())))
        .write_inner_content(|writer| {
            if diagnostics.is_empty() {
                let all = writer.create_element("testcase").with_attribute(("name", "no diagnostics"));
                all.with_attribute(("classname", path)).write_empty()?;
            }
            diagnostics.iter().try_for_each(|diagnostic| test(writer, path, diagnostic))
        })?;
    Ok(())
}

fn test(writer: &mut Writer<Vec<u8>>, path: &str, diagnostic: &Diagnostic) -> io::Result<()> {
    let (line, column) = (diagnostic.range.start.line + 1, diagnostic.range.start.utf32 + 1);
    let message = visible(&diagnostic.message);
    let said = format!("{path}:{line}:{column}: {message}\n{}", diagnostic.rule.url());
    writer
        .create_element("testcase")
        .with_attribute(("name", diagnostic.rule.code()))
        .with_attribute(("classname", path))
        .with_attribute(("file", path))
        .with_attribute(("line", line.to_string().as_str()))
        .with_attribute(("column", column.to_string().as_str()))
        .write_inner_content(|writer| {
            let element = if fails(diagnostic) {
                let failure = writer.create_element("failure").with_attribute(("type", diagnostic.severity.as_str()));
                failure.with_attribute(("message", message.as_ref()))
            } else {
                writer.create_element("system-out")
            };
            element.write_text_content(BytesText::new(&said))?;
            Ok(())
        })?;
    Ok(())
}

fn fails(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity >= Severity::Warning
}

struct Counts {
    tests: usize,
    failures: usize,
}

impl Counts {
    fn of(diagnostics: &[Diagnostic]) -> Self {
        Counts { tests: diagnostics.len().max(1), failures: diagnostics.iter().filter(|it| fails(it)).count() }
    }

    fn attributes(&self) -> [(&'static str, String); 3] {
        [("tests", self.tests.to_string()), ("failures", self.failures.to_string()), ("errors", "0".to_owned())]
    }
}

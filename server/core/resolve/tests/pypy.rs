//! What of PyPy is otherwise when a program starts.
//!
//! In: an interpreter that is PyPy, or is not, and a tree in memory. Out: what importlib reports for one name.
//!
//! **Invariant:** every row was seen with PyPy 3.11 (`tests/oracle/zoo/archives.rs`).

use super::{answer, python, root, tree};
use crate::interpreter::{Barrier, Implementation, Interpreter, Loaded};
use crate::origin::Origin;

fn interpreter(implementation: Implementation) -> Interpreter {
    let mut interpreter = python(11);
    interpreter.implementation = implementation;
    interpreter.frozen_modules.clear();
    interpreter.builtin_modules.insert("_thread".to_owned());
    interpreter
}

#[test]
fn where_a_built_in_module_lacks_something_the_library_imports_another() {
    let mut system = tree(&["/std/traceback.py", "/proj/traceback.py"]);
    let threading = "try:\n    from _thread import _excepthook\n\
                     except ImportError:\n    from traceback import print_exception\n";
    system.write("/std/threading.py", threading);
    for (implementation, expected) in [(Implementation::PyPy, "/std"), (Implementation::CPython, "/proj")] {
        let mut interpreter = interpreter(implementation);
        interpreter.loaded =
            vec![Loaded { name: "threading".to_owned(), root: "/std".into(), path: ["/std".into()].into() }];
        let first_party = [root("/proj", Origin::Project)];
        let found = answer(&system, &interpreter, &first_party, "traceback");
        assert_eq!(found, format!("source {expected}/traceback.py"), "{implementation:?}");
    }
}

#[test]
fn a_site_that_has_ended_is_looked_for_again() {
    let system = tree(&["/std/site.py", "/std/os.py", "/first/site.py"]);
    let mut interpreter = interpreter(Implementation::PyPy);
    interpreter.search_path.insert(0, root("/it.zip", Origin::PathFile));
    interpreter.barrier = Some(Barrier { entry: "/it.zip".into(), archive: "/it.zip".into(), needs_struct: false });
    for (lacks_site, expected) in [(false, "source /std/site.py"), (true, "unresolved")] {
        interpreter.lacks_site = lacks_site;
        assert_eq!(answer(&system, &interpreter, &[], "site"), expected);
        assert_eq!(answer(&system, &interpreter, &[], "os"), "source /std/os.py");
    }
}

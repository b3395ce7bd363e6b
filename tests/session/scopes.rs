//! Settings of one folder, and what lies outside of it.

use fromwhere::lsp::effect::Work;
use fromwhere::lsp::event::{Event, Scope};
use serde_json::{Value, json};
use tower_lsp::lsp_types::Url;

use super::{Desk, world};

const OUTSIDE: &str = "/elsewhere/project";

fn at(path: &str) -> Url {
    Url::from_file_path(path).unwrap()
}

/// A session on `/ws` in which a file of another project is open too.
fn at_rest() -> Desk {
    let mut system = world();
    system.write(format!("{OUTSIDE}/pyproject.toml"), "[project]\nname = \"other\"\n");
    let mut desk = Desk::new(system, Value::Null);
    desk.open("import thing\n");
    desk.open_at(at(&format!("{OUTSIDE}/main.py")), "import thing\n");
    desk.settle();
    desk
}

/// What each look that is under way was told by the editor.
fn chosen(desk: &Desk) -> Vec<(String, Option<String>)> {
    let looks = desk.works.iter().filter_map(|work| match work {
        Work::Discover { project, question, .. } => Some((project.root.to_string(), question.editor.clone())),
        _ => None,
    });
    looks.collect()
}

impl Desk {
    /// Answers the last question about settings.
    fn answered(&mut self, values: Vec<(Scope, Value)>) {
        self.handle(Event::Configuration { number: self.asked, values });
    }
}

#[test]
fn of_two_answers_that_of_the_later_question_counts() {
    for later_first in [true, false] {
        let mut desk = at_rest();
        desk.handle(Event::SettingsPushed(Value::Null));
        desk.handle(Event::SettingsPushed(Value::Null));
        let answer = |ignored: Value| vec![(Some("/ws".into()), json!({ "ignore": ignored })), (None, json!({}))];
        let early = (desk.asked - 1, answer(json!([])));
        let mut answers = [early, (desk.asked, answer(json!(["import-from-user-site"])))];
        if later_first {
            answers.reverse();
        }
        for (number, values) in answers {
            desk.handle(Event::Configuration { number, values });
        }
        desk.arriving.clear();
        desk.settle();
        assert_eq!(desk.codes(), [""; 0], "{later_first}");
    }
}

#[test]
fn what_is_pushed_for_a_folder_changes_nothing_outside_of_it() {
    let mut desk = at_rest();
    // VS Code pushes what holds for its first folder, without a word about which that is.
    let section = json!({ "python": "/ws/tools", "ignore": [] });
    desk.handle(Event::SettingsPushed(json!({ "settings": { "fromwhere": section } })));
    assert_eq!(chosen(&desk), [], "it is asked first");
    let answer = vec![(Some("/ws".into()), section), (None, json!({ "python": null, "ignore": [] }))];
    desk.answered(answer);
    assert_eq!(chosen(&desk), [("/ws".to_owned(), Some("/ws/tools".to_owned()))]);
}

#[test]
fn a_key_that_is_taken_back_for_a_folder_is_gone() {
    let mut desk = at_rest();
    desk.handle(Event::SettingsPushed(json!({ "fromwhere": { "python": "/ws/tools" } })));
    desk.answered(vec![(Some("/ws".into()), json!({ "python": null })), (None, json!({}))]);
    // A client that answers nothing for what lies outside means what it pushed.
    assert_eq!(chosen(&desk), [(OUTSIDE.to_owned(), Some("/ws/tools".to_owned()))]);
}

#[test]
fn what_is_pushed_counts_where_the_client_answers_nothing() {
    for answers in
        [vec![], vec![(Some("/ws".into()), Value::Null), (None, Value::Null)], vec![(Some("/ws".into()), json!({}))]]
    {
        let mut desk = at_rest();
        desk.handle(Event::SettingsPushed(json!({ "fromwhere": { "python": "/ws/tools" } })));
        desk.answered(answers);
        assert_eq!(chosen(&desk).len(), 2, "{:?}", chosen(&desk));
    }
}

#[test]
fn the_editors_pythonpath_is_taken_from_its_folder_and_followed() {
    let mut desk = at_rest();
    let variables = json!({ "pythonExtension": { "environmentVariables": { "PYTHONPATH": "own:./more" } } });
    desk.system.write("/ws/own/thing.py", "");
    assert!(desk.codes().contains(&"import-from-user-site".to_owned()), "{:?}", desk.codes());
    desk.answered(vec![(Some("/ws".into()), variables), (None, json!({}))]);
    let asked = desk.works.iter().filter_map(|work| match work {
        Work::Discover { project, question, .. } => Some((project.root.to_string(), question.variables.clone())),
        _ => None,
    });
    let expected = [("PYTHONPATH".to_owned(), "/ws/own:/ws/more".to_owned())].into();
    assert_eq!(asked.collect::<Vec<_>>(), [("/ws".to_owned(), expected)]);
    desk.settle();
    assert!(!desk.codes().contains(&"import-from-user-site".to_owned()), "{:?}", desk.codes());
    desk.answered(vec![(Some("/ws".into()), json!({})), (None, json!({}))]);
    desk.settle();
    assert!(desk.codes().contains(&"import-from-user-site".to_owned()), "{:?}", desk.codes());
}

//! Statements that are valid but for a token or two.
//!
//! In: numbers that look random. Out: a text in the forms that are read without the parser, with imports between.
//!
//! **Invariant:** a seed stands for a text only as long as this file stays as it is.

use super::torn::Random;

/// What takes the place of a token, or comes between two.
#[rustfmt::skip]
const STRAY: &[&str] = &[
    "a", "1", "1.5", "0x", "'s'", "f'{a}'", "f'{a!r:>3}'", "f'{a'", "(", ")", "[", "]", "{", "}", ",", ":", ";", "=", ":=", "==",
    "+=", "->", "<=", "<<=", "*", "**", "-", "~", "/", ".", "...", "@", "!", "!=", "\\\n", "\n", "#\n", "not", "in", "is", "and", "or",
    "if", "else", "for", "async", "await", "yield", "lambda", "lambda x:", "from", "import", "as", "None", "def", "class", "pass",
    "match", "case", "type", "print", "with", "try", "elif", "except", "raise", "return", "é", "$",
];

/// A text of statements in blocks, most of them valid.
pub(crate) fn nearly_valid(random: &mut Random) -> String {
    let mut text = String::new();
    block(&mut text, random, 0);
    text.push_str("import last\n");
    text
}

fn block(text: &mut String, random: &mut Random, depth: usize) {
    for _ in 0..=random.below(4) {
        let indentation = "  ".repeat(depth);
        let line = |text: &mut String, tokens: Vec<String>, end: &str, random: &mut Random| {
            text.push_str(&indentation);
            text.push_str(&joined(tokens, random));
            text.push_str(end);
            text.push('\n');
        };
        match if depth > 2 { 0 } else { random.below(9) } {
            0..=3 => {
                let statement = simple(random);
                line(text, statement, "", random);
            }
            4 => {
                line(text, words("import probe . below as x , other"), "", random);
            }
            5 => {
                let head = head(random);
                line(text, head, ":", random);
                block(text, random, depth + 1);
            }
            6 => {
                for (at, clause) in ["if", "elif", "elif", "else"].iter().enumerate() {
                    if at > 0 && random.below(2) == 0 {
                        continue;
                    }
                    let mut tokens = words(clause);
                    if *clause != "else" {
                        tokens.extend(test(random));
                    }
                    line(text, tokens, ":", random);
                    block(text, random, depth + 1);
                }
            }
            7 => {
                for (at, clause) in ["try", "except", "except", "else", "finally"].iter().enumerate() {
                    if at > 1 && random.below(2) == 0 {
                        continue;
                    }
                    let mut tokens = words(clause);
                    if *clause == "except" {
                        tokens.extend(words(random.of(&["ImportError", "( a , ImportError )", "a . b as c", "a", ""])));
                    }
                    line(text, tokens, ":", random);
                    block(text, random, depth + 1);
                }
            }
            _ => {
                let mut decorator = words("@");
                expression(&mut decorator, random, 2);
                line(text, decorator, "", random);
                line(text, words("def f ( a , * , b = 1 , ** c ) -> d"), ":", random);
                block(text, random, depth + 1);
            }
        }
    }
}

fn words(words: &str) -> Vec<String> {
    words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Joins tokens, and does something to one of them at times.
fn joined(mut tokens: Vec<String>, random: &mut Random) -> String {
    if random.below(25) == 0 && !tokens.is_empty() {
        let at = random.below(tokens.len());
        match random.below(4) {
            0 => drop(tokens.remove(at)),
            1 => random.of(STRAY).clone_into(&mut tokens[at]),
            2 => tokens.insert(at, random.of(STRAY).to_owned()),
            _ => {
                let other = random.below(tokens.len());
                tokens.swap(at, other);
            }
        }
    }
    tokens.join(" ")
}

fn head(random: &mut Random) -> Vec<String> {
    let mut tokens = words(random.of(&[
        "while",
        "for a in",
        "for a , b in",
        "with",
        "async with",
        "class A ( ",
        "def f ( a : b = ",
        "async def f ( ) ->",
        "with suppress ( ImportError ) ,",
        "def f ( * a :",
        "class B",
    ]));
    if tokens.last().is_some_and(|last| last != "B") {
        expression(&mut tokens, random, 2);
    }
    if tokens.iter().any(|it| it == "class") && tokens.len() > 2
        || tokens.iter().any(|it| it == "=" || it == "*") && tokens[0] == "def"
    {
        tokens.push(")".to_owned());
    }
    tokens
}

fn test(random: &mut Random) -> Vec<String> {
    let plain = [
        "TYPE_CHECKING",
        "a.TYPE_CHECKING",
        "not TYPE_CHECKING",
        "sys.version_info >= ( 3 , 8 )",
        "sys.platform == 'x' and",
    ];
    let mut tokens = words(random.of(&plain));
    if random.below(2) == 0 {
        tokens.clear();
    } else if tokens.last().is_none_or(|last| last != "and") {
        return tokens;
    }
    expression(&mut tokens, random, 2);
    tokens
}

fn simple(random: &mut Random) -> Vec<String> {
    let mut tokens = words(random.of(&[
        "",
        "",
        "",
        "a =",
        "a = b =",
        "a , * b =",
        "a += ",
        "a : b =",
        "return",
        "raise",
        "raise a from",
        "yield",
        "a = yield from",
        "assert a ,",
        "del",
        "a = yield",
        "pass ;",
        "from . a import b ; a =",
        "print (",
        "a <<=",
    ]));
    let opens = tokens.last().is_some_and(|last| last == "(");
    expression(&mut tokens, random, 0);
    if random.below(8) == 0 {
        tokens.push(",".to_owned());
        expression(&mut tokens, random, 1);
    }
    if opens {
        tokens.push(")".to_owned());
    }
    tokens
}

fn expression(tokens: &mut Vec<String>, random: &mut Random, depth: usize) {
    if random.below(8) == 0 {
        tokens.push(random.of(&["not", "-", "await", "~", "lambda :", "lambda x , * y :", "+"]).to_owned());
    }
    operand(tokens, random, depth);
    while random.below(4) == 0 {
        tokens.extend(words(random.of(&[
            "+",
            "-",
            "**",
            "and",
            "or",
            "in",
            "not in",
            "is",
            "is not",
            "==",
            "!=",
            "<=",
            "<<",
            "//",
            "|",
            "if a else",
            "@",
            "%",
        ])));
        operand(tokens, random, depth + 1);
    }
}

fn operand(tokens: &mut Vec<String>, random: &mut Random, depth: usize) {
    if depth > 3 || random.below(2) == 0 {
        tokens.push(
            random
                .of(&["a", "b . c", "1", "0.5", "1e-3", "'s'", "'s' f\"{a['b']}\"", "b''", "...", "None", "_"])
                .to_owned(),
        );
        return;
    }
    let (open, close, elements): (&str, &str, &[&str]) = match random.below(6) {
        0 => ("(", ")", &["", "", "", "*", "a :="]),
        1 => ("[", "]", &["", "", "*"]),
        2 => ("{", "}", &["", "a :", "a :", "**", "*"]),
        3 => ("a (", ")", &["", "a =", "*", "**", "a :="]),
        4 => ("a [", "]", &["", ":", "a :", "a : b :"]),
        _ => ("( # x\n", "\n)", &["", "a ,"]),
    };
    tokens.push(open.to_owned());
    let element = random.of(elements);
    let count = random.below(4);
    for at in 0..count {
        if at > 0 {
            tokens.push(",".to_owned());
        }
        tokens.extend(words(element));
        expression(tokens, random, depth + 1);
        if at + 1 == count && random.below(6) == 0 {
            tokens.extend(words(random.of(&[
                "for a in",
                "for a , ( b , c ) in",
                "async for a in",
                "for a in b if",
                "if a else",
            ])));
            expression(tokens, random, depth + 1);
        } else if at + 1 == count && random.below(4) == 0 {
            tokens.push(",".to_owned());
        }
    }
    tokens.push(close.to_owned());
    if random.below(5) == 0 {
        tokens.extend(words(random.of(&[". a", "( )", "[ : ]", "( a ) . b"])));
    }
}

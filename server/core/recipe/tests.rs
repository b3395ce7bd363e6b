//! Files that prepare machines, as people write them.
//!
//! In: a kind and a source. Out: what was found, as `line: outcome`.
//!
//! **Invariant:** each row is one decision; what stays silent is as much a row as what does not.

use camino::Utf8Path;

use super::{Host, Outcome, RecipeKind, read};
use crate::text::Text;

fn found(name: &str, source: &str) -> Vec<String> {
    let text = Text::new(source.to_owned());
    let kind = RecipeKind::of(Utf8Path::new(name)).expect("a recipe");
    let shown = |install: super::Install| {
        let outcome = match install.outcome {
            Outcome::Refused => "refused",
            Outcome::RefusedHere => "refused here",
            Outcome::ForcedByOption(_) => "option",
            Outcome::ForcedByVariable => "variable",
            Outcome::ForcedBefore(..) => "before",
            Outcome::AsRoot => "root",
        };
        let head = &source[install.head.start as usize..install.head.end as usize];
        format!("{}: {outcome}: {head}: {}", text.point(install.head.start).line + 1, install.requirements.join(" "))
    };
    read(kind, Utf8Path::new(name), &text).installs.into_iter().map(shown).collect()
}

#[test]
fn names_tell_the_kind() {
    for (name, kind) in [
        ("a/Dockerfile", Some(RecipeKind::Dockerfile)),
        ("Dockerfile.dev", Some(RecipeKind::Dockerfile)),
        ("app.Dockerfile", Some(RecipeKind::Dockerfile)),
        ("Containerfile", Some(RecipeKind::Dockerfile)),
        ("Dockerfile.md", None),
        ("Dockerfile.j2", None),
        ("setup.sh", Some(RecipeKind::Shell)),
        ("Makefile", Some(RecipeKind::Makefile)),
        ("rules.mk", Some(RecipeKind::Makefile)),
        (".gitlab-ci.yml", Some(RecipeKind::Ci)),
        ("p/.github/workflows/test.yaml", Some(RecipeKind::Ci)),
        (".circleci/config.yml", Some(RecipeKind::Ci)),
        ("config.yml", None),
        ("workflows/test.yml", None),
        (".cirrus.yml", Some(RecipeKind::Ci)),
        ("p/.readthedocs.yaml", Some(RecipeKind::Ci)),
        ("ci/Jenkinsfile", Some(RecipeKind::Jenkinsfile)),
        ("Jenkinsfile.nightly", Some(RecipeKind::Jenkinsfile)),
        ("release.jenkinsfile", Some(RecipeKind::Jenkinsfile)),
        ("Jenkinsfile.md", None),
        ("Makefile.py", None),
        ("makefiles", None),
    ] {
        assert_eq!(RecipeKind::of(Utf8Path::new(name)), kind, "{name}");
    }
}

#[test]
fn where_a_name_has_no_suffix_the_first_line_tells() {
    for (name, first, kind) in [
        ("bootstrap", "#!/bin/sh", Some(RecipeKind::Shell)),
        ("bootstrap", "#! /usr/bin/env -S bash -e", Some(RecipeKind::Shell)),
        ("bootstrap", "#!/usr/bin/env A=b zsh", Some(RecipeKind::Shell)),
        ("bootstrap", "#!/usr/bin/env python3", None),
        ("bootstrap", "#!", None),
        ("bootstrap", "set -e", None),
        ("notes.txt", "#!/bin/sh", None),
        (".profile", "#!/bin/sh", None),
        ("Makefile", "#!/bin/sh", Some(RecipeKind::Makefile)),
    ] {
        let text = format!("{first}\npip install six\n");
        assert_eq!(RecipeKind::of_text(Utf8Path::new(name), &text), kind, "{name} {first}");
    }
}

#[test]
fn dockerfiles() {
    for (source, expected) in [
        ("FROM debian:12\nRUN pip install six\n", &["2: refused: pip install: six"][..]),
        ("FROM debian:11\nRUN pip install six\n", &[]),
        ("FROM python:3.12\nRUN pip install --break-system-packages six\n", &[]),
        ("FROM scratch AS x\nRUN pip install six\n", &[]),
        ("FROM scratch\nRUN pip3 install --break-system-packages six\n", &["2: option: pip3 install: six"]),
        (
            "ARG TAG=bookworm\nFROM --platform=linux/amd64 debian:${TAG} AS Base\nFROM base\nrun apt-get update && \\\n  # why\n  python3 -m pip install -U 'a>=1' b[c]\n",
            &["6: refused: python3 -m pip install: a>=1 b[c]"],
        ),
        ("FROM debian:12\nENV PATH=/opt/venv/bin:$PATH\nRUN pip install six\n", &[]),
        ("FROM debian:12\nENV PATH=\"$PATH:/x\" A=b\nRUN pip install six\n", &["3: refused: pip install: six"]),
        ("FROM debian:12\nENV PATH /opt/venv/bin:$PATH\nRUN pip install six\n", &[]),
        ("FROM debian:12\nRUN . /opt/venv/bin/activate && pip install six\n", &[]),
        ("FROM debian:12\nRUN /opt/venv/bin/pip install six\n", &[]),
        ("FROM debian:12\nRUN $VENV/bin/pip install six && \"$PIP\" install six\n", &[]),
        ("FROM debian:12\nRUN pip install --target /x six && pip install -t/x six; pip --python /x install six\n", &[]),
        ("FROM debian:12\nRUN pip install -r requirements.txt\n", &["2: refused: pip install: "]),
        ("FROM debian:12\nRUN [\"pip\", \"install\", \"six\"]\n", &["2: refused: \"pip\", \"install\": six"]),
        (
            "FROM debian:12\nRUN <<EOF\nset -e\npip install six\nEOF\nRUN pip install attrs\n",
            &["4: refused: pip install: six", "6: refused: pip install: attrs"],
        ),
        ("FROM debian:12\nRUN cat <<EOF >x\npip install six\nEOF\n", &[]),
        ("FROM debian:12\nENV PIP_BREAK_SYSTEM_PACKAGES=1\nRUN pip install six\n", &["3: before: pip install: six"]),
        (
            "FROM debian:12\nRUN PIP_BREAK_SYSTEM_PACKAGES=1 pip install six\n",
            &["2: variable: PIP_BREAK_SYSTEM_PACKAGES=1 pip install: six"],
        ),
        (
            "FROM debian:12\nRUN rm /usr/lib/python3.11/EXTERNALLY-MANAGED && pip install six\n",
            &["2: before: pip install: six"],
        ),
        ("FROM debian:12\nRUN bash -c 'set -e; pip install six'\n", &["2: refused: pip install: six"]),
        ("FROM debian:12\nRUN echo pip install six # pip install six\n", &[]),
        ("FROM debian:12\nCOPY --from=python:3.12 /usr/local /usr/local\nRUN pip install six\n", &[]),
        (
            "FROM debian:12\nCOPY --from=ghcr.io/astral-sh/uv /uv /bin/\nRUN pip install six\n",
            &["3: refused: pip install: six"],
        ),
        ("FROM debian:12\nRUN --mount=type=cache,target=/cache pip install six\n", &["2: refused: pip install: six"]),
        ("# escape=`\nFROM debian:12\nRUN a `\n  && pip install six\n", &["4: refused: pip install: six"]),
        ("RUN pip install six\n", &[]),
        ("FROM debian:12\nRUN pip install six \\", &["2: refused: pip install: six"]),
    ] {
        assert_eq!(found("Dockerfile", source), expected, "{source}");
    }
}

#[test]
fn scripts() {
    for (source, expected) in [
        ("pip install six\n", &[][..]),
        ("sudo pip install six\n", &["1: root: sudo pip install: six"]),
        (
            "sudo -H -u root python3 -m pip install --upgrade pip\n",
            &["1: root: sudo -H -u root python3 -m pip install: pip"],
        ),
        ("source .venv/bin/activate\nsudo pip install six\n", &[]),
        ("sudo env PATH=\"$PATH\" pip install six\n", &[]),
        ("sudo .venv/bin/pip install six\n", &[]),
        ("pip install --user --break-system-packages six\n", &["1: option: pip install: six"]),
        (
            "sudo apt-get install -y python3-pip\nif x; then pip3 install six; fi\n",
            &["2: refused here: pip3 install: six"],
        ),
        ("apt install python3-pip python3-venv\npython3 -m venv v && . v/bin/activate\npip install six\n", &[]),
        ("/usr/bin/python3 -m pip install six\n", &["1: refused here: /usr/bin/python3 -m pip install: six"]),
        ("python3.12 -m pip install --break-system-packages six\n", &[]),
        ("cat r | xargs pip install --break-system-packages\n", &["1: option: xargs pip install: "]),
        ("export PIP_BREAK_SYSTEM_PACKAGES=1\npip install six\n", &["2: before: pip install: six"]),
        ("export PIP_BREAK_SYSTEM_PACKAGES=0\npip install six\n", &[]),
        ("pip config set global.break-system-packages true\npip install six\n", &["2: before: pip install: six"]),
        ("pip uninstall --break-system-packages six\npip install --help\n", &[]),
        ("echo 'sudo pip install six'\ncat <<X\nsudo pip install six\nX\n", &[]),
    ] {
        assert_eq!(found("x.sh", source), expected, "{source}");
    }
}

#[test]
fn makefiles() {
    for (source, expected) in [
        ("install:\n\t@sudo pip install six\n", &["2: root: sudo pip install: six"][..]),
        ("install:\n\t$(PIP) install --break-system-packages six\n\t.venv/bin/pip install six\n", &[]),
        ("a: b\n\t-pip install \\\n\t\t--break-system-packages six\n", &["2: option: pip install: six"]),
        ("a:\n\t. v/bin/activate\nb:\n\tsudo pip install six\n", &["4: root: sudo pip install: six"]),
        ("export PIP_BREAK_SYSTEM_PACKAGES := 1\na:\n\tx=$$(y); pip install six\n", &["3: before: pip install: six"]),
        ("# pip\nX = sudo pip install six\n", &[]),
    ] {
        assert_eq!(found("Makefile", source), expected, "{source}");
    }
}

#[test]
fn ci_files() {
    for (source, expected) in [
        ("jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pip install six\n", &[][..]),
        (
            "jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: |\n          set -e\n          sudo pip install six\n          echo\n",
            &["7: root: sudo pip install: six"],
        ),
        (
            "jobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/setup-python@v5\n      - run: sudo pip install six\n  b:\n    runs-on: x\n    steps:\n      - run: \"sudo pip install six\"\n",
            &["10: root: sudo pip install: six"],
        ),
        (
            "jobs:\n  a:\n    container: debian:bookworm\n    steps:\n      - run: >\n          python3 -m pip install\n          six attrs\n",
            &["6: refused: python3 -m pip install: six attrs"],
        ),
        ("jobs:\n  a:\n    container:\n      image: python:3.13\n    steps:\n      - run: sudo pip install six\n", &[]),
        ("jobs:\n  a:\n    runs-on: windows-latest\n    steps:\n      - run: sudo pip install six\n", &[]),
        (
            "image: ubuntu:24.04\ntest:\n  script:\n    - pip install six\nother:\n  image: python:3.12\n  script: [pip install six]\nthird:\n  extends: .base\n  script: pip install six\n",
            &["4: refused: pip install: six"],
        ),
        ("image: debian:12\nbefore_script:\n  - . venv/bin/activate\ntest:\n  script:\n    - pip install six\n", &[]),
        (
            "variables:\n  PIP_BREAK_SYSTEM_PACKAGES: 1\ntest:\n  script:\n    - pip install six\n",
            &["5: before: pip install: six"],
        ),
        (
            "jobs:\n  build:\n    docker:\n      - image: debian:12\n    steps:\n      - run: pip install six\n      - run:\n          command: pip install attrs\n",
            &["6: refused: pip install: six", "8: refused: pip install: attrs"],
        ),
        (
            "steps:\n- name: a\n  image: alpine:3.20\n  commands:\n  - pip install six\n",
            &["5: refused: pip install: six"],
        ),
        ("language: python\ninstall: sudo pip install six\n", &[]),
        ("a: [\n", &[]),
        ("- pip install six\n", &[]),
    ] {
        assert_eq!(found(".gitlab-ci.yml", source), expected, "{source}");
    }
}

#[test]
fn no_text_ends_it() {
    let pieces = [
        "FROM debian:12\n",
        "RUN ",
        "pip install ",
        "<<EOF",
        "\n",
        "\\\n",
        "'",
        "\"",
        "$(",
        "${",
        "`",
        "é",
        "--",
        "\t",
        "sudo ",
        "\\",
        "[",
    ];
    let mut state = 88_172_645_463_325_252_u64;
    for _ in 0..4_000 {
        let mut source = String::new();
        for _ in 0..14 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            source.push_str(pieces[usize::try_from(state % pieces.len() as u64).expect("small")]);
        }
        for name in ["Dockerfile", "x.sh", "Makefile", ".gitlab-ci.yml", ".cirrus.yml", "Jenkinsfile"] {
            let path = Utf8Path::new(name);
            let recipe = read(RecipeKind::of(path).expect("a recipe"), path, &Text::new(source.clone()));
            for install in recipe.installs {
                let (head, whole) = (install.head, install.whole);
                assert!(head.start < head.end && whole.end as usize <= source.len(), "{name}: {source:?}");
                assert!(source.is_char_boundary(head.start as usize) && source.is_char_boundary(whole.end as usize));
                assert!(install.host == Host::Here || ["Dockerfile", ".gitlab-ci.yml"].contains(&name));
            }
        }
    }
}

#[test]
fn jenkins_runs_code_in_steps_on_agents() {
    for (source, expected) in [
        (
            "pipeline {\n  agent { docker { image 'debian:12'\n args '-u root' } }\n  stages { stage('a') { steps {\n    \
             sh 'pip install six' // why\n    sh \"\"\"\n      apt-get update\n      pip3 install rich\n    \"\"\"\n  } } }\n}\n",
            &["5: refused: pip install: six", "8: refused: pip3 install: rich"][..],
        ),
        (
            "node {\n  docker.image('debian:12').inside('-u root') {\n    sh(returnStdout: true, script: 'pip install six')\n  }\n  \
             sh 'pip install six'\n  sh 'sudo pip install six'\n}\n",
            &["3: refused: pip install: six", "6: root: sudo pip install: six"],
        ),
        // An agent is that of its own stage.
        (
            "pipeline { agent any\n stages {\n stage('a') { agent { docker 'debian:12' }\n steps { sh 'pip install a' } }\n \
             stage('b') { steps { sh 'pip install b' } }\n } }\n",
            &["4: refused: pip install: a"],
        ),
        ("pipeline { agent { dockerfile true }\n stages { steps { sh 'pip install a' } } }\n", &[]),
        (
            "def it = docker.image('debian:12')\nsh 'pip install a'\nit.inside { sh 'pip install b' }\n",
            &["3: refused: pip install: b"],
        ),
        // Another Python, other shells, comments, and what is computed.
        ("environment { PATH = '/opt/venv/bin:$PATH' }\nsh 'pip install --break-system-packages a'\n", &[]),
        ("withEnv(['PATH+VENV=/opt/venv/bin']) { sh 'pip install --break-system-packages a' }\n", &[]),
        ("withPythonEnv('python3') { sh 'pip install --break-system-packages a' }\n", &[]),
        ("withVenv { sh 'pip install --break-system-packages a' }\n", &[]),
        ("bat(script: 'pip install --break-system-packages a')\n", &[]),
        ("// sh 'sudo pip install a'\n/* sh 'sudo pip install a' */\necho 'sudo pip install a'\nsh command\n", &[]),
        ("sh 'pip install --break-system-packages a'\n", &["1: option: pip install: a"]),
        ("sh 'sudo pip install \\'a\\'", &["1: root: sudo pip install: "]),
        ("sh '", &[]),
        ("}}}{{{ sh \"\"\"", &[]),
    ] {
        assert_eq!(found("Jenkinsfile", source), expected, "{source}");
    }
}

#[test]
fn cirrus_and_read_the_docs_have_words_of_their_own() {
    let cirrus = "container:\n  image: debian:bookworm\nlint_task:\n  install_script:\n    - pip install six\n  \
                  lint_script: pip install rich\nmac_task:\n  macos_instance:\n    image: x\n  \
                  setup_script: pip install --break-system-packages six\nvenv_task:\n  \
                  venv_script: python3 -m venv v && . v/bin/activate && pip install six\n";
    assert_eq!(found(".cirrus.yml", cirrus), ["5: refused: pip install: six", "6: refused: pip install: rich"]);
    let own = "container:\n  image: debian:bookworm\none_task:\n  container:\n    dockerfile: x\n  a_script: pip install six\n\
               two_task:\n  arm_container:\n    image: y\n  a_script: pip install six\ndocker_builder:\n  a_script: pip install six\n";
    assert_eq!(found(".cirrus.yml", own), [""; 0]);
    let docs = "version: 2\nbuild:\n  os: ubuntu-24.04\n  tools:\n    python: '3.12'\n  jobs:\n    pre_install:\n      \
                - pip install six\n    build:\n      html:\n        - /usr/bin/pip install --break-system-packages rich\n  \
                commands:\n    - pip install --break-system-packages six\npython:\n  install:\n    \
                - method: pip\n      path: .\n";
    assert_eq!(found(".readthedocs.yaml", docs), ["11: option: /usr/bin/pip install: rich"]);
}

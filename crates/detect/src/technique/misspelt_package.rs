//! A misspelt package: one letter away from a package that everybody knows.

use model::{Confidence, Fact, Manager, Rule, Severity};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct MisspeltPackage;

static RULE: Rule = Rule {
    id: "supply/misspelt-package",
    title: "Package whose name is one letter away from a well-known one",
    severity: Severity::Info,
    confidence: Confidence::Low,
    attack: &["T1195.001", "T1036.005"],
    what: "A package of Python or JavaScript is installed whose name differs from that of a widely used one by one letter: added, left out, changed, or two in the wrong order.",
    why: "Anybody can publish under a free name. A name that is easily mistyped for a known one is installed by mistake, and its code runs with the rest.",
    benign: "Many honest packages have similar names. This says nothing about what the package does; its code is read and judged by itself.",
    next: "Look whether the package is the one that was meant.",
};

/// Widely used packages of Python, in the normal form of names (PEP 503). Short names have too
/// many honest neighbours.
const PYTHON: &[&str] = &[
    "aiohttp",
    "anthropic",
    "ansible",
    "beautifulsoup4",
    "boto3",
    "botocore",
    "celery",
    "certifi",
    "charset-normalizer",
    "colorama",
    "cryptography",
    "django",
    "docker",
    "fastapi",
    "flask",
    "gunicorn",
    "huggingface-hub",
    "importlib-metadata",
    "jinja2",
    "jsonschema",
    "keras",
    "kubernetes",
    "langchain",
    "markupsafe",
    "matplotlib",
    "multidict",
    "numpy",
    "opencv-python",
    "openai",
    "packaging",
    "pandas",
    "paramiko",
    "pillow",
    "protobuf",
    "psutil",
    "psycopg2",
    "pycryptodome",
    "pydantic",
    "pygments",
    "pymongo",
    "pytest",
    "python-dateutil",
    "pyyaml",
    "requests",
    "scikit-learn",
    "scipy",
    "selenium",
    "setuptools",
    "sqlalchemy",
    "tensorflow",
    "transformers",
    "typing-extensions",
    "urllib3",
    "uvicorn",
    "virtualenv",
    "websocket-client",
    "websockets",
    "werkzeug",
];

/// Widely used packages of JavaScript.
const JAVASCRIPT: &[&str] = &[
    "axios",
    "babel-core",
    "bluebird",
    "body-parser",
    "chalk",
    "cheerio",
    "commander",
    "cookie-parser",
    "cross-env",
    "discord.js",
    "dotenv",
    "electron",
    "eslint",
    "ethers",
    "express",
    "fs-extra",
    "graphql",
    "inquirer",
    "jquery",
    "jsonwebtoken",
    "lodash",
    "minimist",
    "moment",
    "mongodb",
    "mongoose",
    "nodemailer",
    "nodemon",
    "passport",
    "prettier",
    "puppeteer",
    "react-dom",
    "react-router",
    "redux",
    "socket.io",
    "typescript",
    "underscore",
    "webpack",
    "winston",
    "yargs",
];

/// Honest packages that are one letter away from those above: of the 15,000 most downloaded of
/// Python, and of those of JavaScript that are downloaded 50,000 times a month.
const NEIGHBOURS: &[&str] = &[
    "args",
    "beautifulsoup",
    "boto",
    "ctransformers",
    "dargs",
    "djongo",
    "dydantic",
    "eclint",
    "enquirer",
    "fastai",
    "fs.extra",
    "gaxios",
    "graphiql",
    "grequests",
    "gsutil",
    "inquirer2",
    "ipytest",
    "jslint",
    "mocker",
    "mquery",
    "openapi",
    "panda",
    "pargs",
    "preact-router",
    "prettierx",
    "psycopg",
    "pyaml",
    "pycryptodomex",
    "pymantic",
    "scapy",
    "scipp",
    "tslint",
    "ttypescript",
    "unicorn",
    "vargs",
    "websocket",
    "willow",
    "xoto3",
];

impl Detector<FileSubject<'_>> for MisspeltPackage {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in &subject.facts {
            let Fact::Packages(files) = fact else {
                continue;
            };
            let known = match files.manager {
                Manager::Pip => PYTHON,
                Manager::Npm => JAVASCRIPT,
                _ => continue,
            };
            for package in &files.packages {
                if let Some(meant) = meant(&package.name, known) {
                    let name = &package.name;
                    let sign =
                        Sign::new(format!("`{name}` is installed; `{meant}` is well known."));
                    reporter.at(Vec::new(), 0, name, sign);
                }
            }
        }
    }
}

/// The well-known package whose name this one's is nearly, but not quite.
fn meant(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let is_known = |known: &[&str]| known.contains(&name.as_str());
    if is_known(known) || is_known(NEIGHBOURS) {
        return None;
    }
    known
        .iter()
        .copied()
        .find(|known| is_one_letter_away(name.as_bytes(), known.as_bytes()))
}

/// Whether one letter added, left out, changed, or two swapped make one name of the other.
fn is_one_letter_away(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (&short[same..], &long[same..]);
    match long.len() - short.len() {
        1 => short == &long[1..],
        0 => match (short, long) {
            ([], _) => false,
            ([a, b, one @ ..], [c, d, other @ ..]) if (a, b) == (d, c) => one == other,
            ([_, one @ ..], [_, other @ ..]) => one == other,
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_one_letter() {
        for wrong in [
            "request",
            "requestss",
            "reqeusts",
            "requezts",
            "equests",
            "requ-ests",
        ] {
            assert!(is_one_letter_away(wrong.as_bytes(), b"requests"), "{wrong}");
        }
        for other in ["requests", "reqstes", "", "flask", "requestsxx", "requesz-"] {
            assert!(
                !is_one_letter_away(other.as_bytes(), b"requests"),
                "{other}"
            );
        }
    }

    #[test]
    fn the_known_and_their_honest_neighbours_are_left_alone() {
        assert_eq!(meant("Reqeusts", PYTHON), Some("requests"));
        assert_eq!(meant("python_dateuti", PYTHON), Some("python-dateutil"));
        assert_eq!(meant("loadash", JAVASCRIPT), Some("lodash"));
        for honest in [
            "requests",
            "grequests",
            "psycopg",
            "Typing_Extensions",
            "six",
        ] {
            assert_eq!(meant(honest, PYTHON), None, "{honest}");
        }
        for list in [PYTHON, JAVASCRIPT] {
            for name in list {
                assert_eq!(meant(name, list), None, "{name}");
            }
        }
    }
}

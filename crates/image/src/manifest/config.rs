//! The configuration blob: what a container would run, and the digests of the plain layers.

use model::{Healthcheck, History, ImageConfig, Platform};
use serde_json::Value;

use super::json::{self, Object};
use crate::{Error, ErrorKind};

/// Parses a configuration blob, tolerating absent and null fields and Docker's older spellings
/// (`Entrypoint` as a string, `container_config` only). A layer digest that is none makes the
/// numbers of layers differ, which [`super::resolve`] says.
///
/// # Errors
/// If it is not a JSON object.
pub fn parse_config(bytes: &[u8]) -> Result<ImageConfig, Error> {
    parse(bytes).map_err(|problem| {
        Error::new(
            ErrorKind::Invalid,
            format!("the configuration cannot be read: {problem}"),
        )
    })
}

fn parse(bytes: &[u8]) -> Result<ImageConfig, String> {
    let value = json::parse(bytes)?;
    let document = json::object(&value)?;
    document.require_unambiguous(&["config", "rootfs", "architecture", "os"])?;
    // Docker's first builders left `config` null and the same fields in `container_config`.
    let run = document
        .object("config")
        .or_else(|| document.object("container_config"));
    let mut config = run
        .map(|run| what_runs(&run))
        .transpose()?
        .unwrap_or_default();
    config.platform = platform(&document);
    config.author = document.text("author");
    config.created = document.text("created");
    config.history = document
        .list("history")
        .iter()
        .filter_map(|entry| json::object(entry).ok())
        .map(|entry| History {
            created_by: entry.text("created_by"),
            comment: entry.text("comment"),
            created: entry.text("created"),
            empty_layer: entry.get("empty_layer").is_some_and(is_true),
        })
        .collect();
    if let Some(rootfs) = document.object("rootfs") {
        config.diff_ids = rootfs
            .list("diff_ids")
            .iter()
            .filter_map(|digest| digest.as_str()?.parse().ok())
            .collect();
    }
    Ok(config)
}

fn what_runs(run: &Object<'_>) -> Result<ImageConfig, String> {
    run.require_unambiguous(&[
        "Entrypoint",
        "Cmd",
        "Env",
        "Healthcheck",
        "OnBuild",
        "Shell",
    ])?;
    Ok(ImageConfig {
        entrypoint: run.texts("Entrypoint"),
        cmd: run.texts("Cmd"),
        env: run.texts("Env"),
        healthcheck: run.object("Healthcheck").map(|check| Healthcheck {
            test: check.texts("Test"),
        }),
        on_build: run.texts("OnBuild"),
        shell: run.texts("Shell"),
        labels: run.texts_by_name("Labels"),
        user: run.text("User"),
        working_dir: run.text("WorkingDir"),
        volumes: run.keys("Volumes"),
        exposed_ports: run.keys("ExposedPorts"),
        stop_signal: run.text("StopSignal"),
        ..ImageConfig::default()
    })
}

/// `os`, `architecture` and `variant` of an object.
pub fn platform(object: &Object<'_>) -> Platform {
    Platform {
        os: object.text("os"),
        architecture: object.text("architecture"),
        variant: object.some_text("variant"),
    }
}

const fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_and_old_spellings_are_tolerated() {
        let config = parse_config(
            br#"{"architecture":"arm64","os":"linux","variant":"v8","config":{
                "Entrypoint":"/init","Cmd":null,"Env":["A=b"],"Volumes":{"/data":{}},
                "ExposedPorts":{"80/tcp":{}},"Labels":{"n":1},"OnBuild":null,
                "Healthcheck":{"Test":["CMD-SHELL","curl x"],"Interval":1}},
                "history":[null,{"created_by":"RUN x"},{"empty_layer":true,"created_by":null}]}"#,
        )
        .unwrap();
        assert_eq!(config.entrypoint, ["/init"]);
        assert!(config.cmd.is_empty() && config.diff_ids.is_empty());
        assert_eq!(config.platform.to_string(), "linux/arm64/v8");
        assert_eq!(
            (config.volumes, config.exposed_ports),
            (vec!["/data".into()], vec!["80/tcp".into()])
        );
        assert_eq!(config.healthcheck.unwrap().test, ["CMD-SHELL", "curl x"]);
        assert_eq!(config.history.len(), 2);
        assert!(config.history[1].empty_layer);
        assert_eq!(config.labels["n"], "1");
    }

    #[test]
    fn container_config_serves_where_config_is_missing() {
        let old = br#"{"config":null,"container_config":{"Cmd":["sh"]}}"#;
        assert_eq!(parse_config(old).unwrap().cmd, ["sh"]);
        assert!(parse_config(b"{}").unwrap().cmd.is_empty());
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for bad in [
            &b"[]"[..],
            b"",
            b"{",
            b"\"x\"",
            br#"{"config":{},"Config":{"Cmd":["sh"]}}"#,
        ] {
            assert_eq!(parse_config(bad).unwrap_err().kind, ErrorKind::Invalid);
        }
    }
}

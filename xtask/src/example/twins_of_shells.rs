//! Honest images that look like those of `shells.rs`: the same words, put to honest use.

use std::io::Write;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::actor::KEEP;
use super::base;
use super::image::{Codec, Image, file, folder, program};

/// All eight.
///
/// # Errors
/// If a payload cannot be packed.
pub fn all() -> Result<Vec<Image>> {
    Ok(vec![
        tomcat(),
        tomcat11(),
        t1(),
        t2(),
        cronm(),
        mysql2()?,
        cronnn(),
        tomcat22(),
    ])
}

/// A cron line of its own, and a Python line with a socket: is the service up?
fn tomcat() -> Image {
    let line = concat!(
        r#"echo '*/5 * * * * root /usr/local/bin/rotate-logs' >> /etc/crontab; cron; "#,
        r#"python -c "import socket,sys;s=socket.socket(socket.AF_INET,socket.SOCK_STREAM);"#,
        r#"s.settimeout(3);sys.stdout.write(str(s.connect_ex((\"db.example.com\",5432))))"; "#,
        "exec /usr/local/tomcat/bin/catalina.sh run",
    );
    let rotate = "#!/bin/sh\nfind /usr/local/tomcat/logs -name '*.log' -mtime +7 -delete\n";
    let mut system = base::cron();
    system.push(program("/usr/local/bin/rotate-logs", rotate));
    Image::on("twins/tomcat", base::debian())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y python cron openjdk-8-jre-headless",
            system,
        )
        .layer("COPY dir:8d1f4cbe in /usr/local/tomcat", base::tomcat())
        .workdir("/usr/local/tomcat")
        .expose("8080/tcp")
        .entrypoint(&["sh", "-c", line])
}

/// Waits for its database over `/dev/tcp`, and puts a file into its own cron folder.
fn tomcat11() -> Image {
    let start = r#"#!/bin/bash
set -e
# wait for the database
for attempt in $(seq 1 60); do
    if (exec 3<>"/dev/tcp/${DB_HOST:-db.example.com}/${DB_PORT:-3306}") 2>/dev/null; then
        break
    fi
    sleep 1
done
{
    echo 'SHELL=/bin/bash'
    echo '*/5 * * * * root /usr/sbin/logrotate /etc/logrotate.conf >/dev/null 2>&1'
} > /etc/cron.d/tomcat
chmod 644 /etc/cron.d/tomcat
cron
exec /usr/local/tomcat/bin/catalina.sh "$@"
"#;
    Image::on("twins/tomcat11", base::debian())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y cron logrotate",
            base::cron(),
        )
        .layer("COPY dir:8d1f4cbe in /usr/local/tomcat", base::tomcat())
        .layer(
            "COPY file:1c45 in /usr/local/bin/start.sh",
            vec![program("/usr/local/bin/start.sh", start)],
        )
        .env("DB_HOST=db.example.com")
        .expose("8080/tcp")
        .entrypoint(&["/usr/local/bin/start.sh"])
        .cmd(&["run"])
}

/// A numbered descriptor on a connection, for a health request and nothing else.
fn t1() -> Image {
    let line = "exec 7<>/dev/tcp/status.example.com/80; \
                printf 'GET /started HTTP/1.0\\r\\nHost: status.example.com\\r\\n\\r\\n' >&7; \
                head -n 1 <&7; exec 7>&-; exec nginx -g 'daemon off;'";
    Image::on("twins/t1", base::debian())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y nginx netcat-openbsd",
            vec![file(
                "/etc/nginx/nginx.conf",
                "events {}\nhttp { server { listen 80; root /usr/share/nginx/html; } }\n",
            )],
        )
        .healthcheck("nc -z 127.0.0.1 80 || exit 1")
        .entrypoint(&["/bin/bash", "-c", line])
}

/// A metrics agent that is one: it sends numbers over a socket and starts a tool for them.
fn t2() -> Image {
    let agent = r#"#!/usr/bin/env python3
import os
import socket
import subprocess
import time

HOST = os.environ.get("GRAPHITE_HOST", "graphite.example.com")
PORT = 2003


def sample():
    output = subprocess.check_output(["redis-cli", "info", "clients"]).decode()
    for line in output.splitlines():
        if line.startswith("connected_clients:"):
            return int(line.split(":", 1)[1])
    return 0


def send(value):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.connect((HOST, PORT))
    sock.sendall("redis.clients {} {}\n".format(value, int(time.time())).encode())
    sock.close()


while True:
    if os.fork() == 0:
        send(sample())
        os._exit(0)
    os.wait()
    time.sleep(60)
"#;
    let start = "#!/bin/sh\nset -e\npython3 /opt/metrics/agent.py &\nexec \"$@\"\n";
    Image::on("twins/t2", base::debian())
        .layer(
            "COPY dir:77ac in /opt/metrics",
            vec![program("/opt/metrics/agent.py", agent)],
        )
        .layer(
            "COPY file:90fe in /docker-start.sh",
            vec![program("/docker-start.sh", start)],
        )
        .entrypoint(&["/docker-start.sh"])
        .cmd(&["redis-server", "/etc/redis.conf"])
}

/// Base64 decoded by the start script, into a configuration file; the same wrapper around it.
fn cronm() -> Image {
    let settings = STANDARD.encode("[backup]\nkeep = 14\ntarget = /var/backups\n");
    let start = format!(
        "#!/bin/bash\n# prepare the schedule\nservice cron start\nSETTINGS={settings}\n\
         echo \"$SETTINGS\" | base64 -d > /etc/backup.ini\n\
         [ -n \"$TLS_KEY\" ] && echo \"$TLS_KEY\" | base64 -d > /etc/ssl/backup.key\n\
         /usr/local/bin/backup --config /etc/backup.ini\n"
    );
    let backup = "#!/bin/bash\ntar -czf \"/var/backups/data-$(date +%F).tar.gz\" /srv/data\n\
                  find /var/backups -name 'data-*.tar.gz' -mtime +14 -delete\n";
    Image::on("twins/cronm", base::debian())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y cron",
            base::cron(),
        )
        .packed_layer(
            "COPY dir:3f0e in /usr/local/bin",
            Codec::Zstd,
            vec![
                program("/usr/local/bin/keep", KEEP),
                program("/usr/local/bin/start.sh", start),
                program("/usr/local/bin/backup", backup),
            ],
        )
        .entrypoint(&["/usr/local/bin/keep"])
        .cmd(&["/usr/local/bin/start.sh"])
}

/// Python that inflates a packed default configuration and writes it.
fn mysql2() -> Result<Image> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(9));
    zlib.write_all(
        br#"{"innodb_buffer_pool_size": "512M", "max_connections": 200, "slow_query_log": true}"#,
    )?;
    let code = format!(
        "import base64,zlib,json;c=json.loads(zlib.decompress(base64.b64decode('{}')));\
         open('/etc/mysql/conf.d/defaults.cnf','w').write('[mysqld]\\n'+''.join('%s=%s\\n'%i for i in c.items()));\
         import os;os.execvp('mysqld',['mysqld'])",
        STANDARD.encode(zlib.finish()?)
    );
    Ok(Image::on("twins/mysql2", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .expose("3306/tcp")
        .entrypoint(&["docker-entrypoint.sh"])
        .cmd(&["python3", "-c", &code]))
}

/// A command in an environment variable that the entrypoint evaluates: the user's hook.
fn cronnn() -> Image {
    let start = "#!/bin/sh\n[ -n \"$BOOT_CMD\" ] && eval \"$BOOT_CMD\"\nexec \"$@\"\n";
    Image::on("twins/cronnn", base::alpine())
        .layer(
            "COPY file:be12 in /boot.sh",
            vec![program("/boot.sh", start)],
        )
        .env("BOOT_CMD=mkdir -p /var/spool/cron/crontabs && nohup crond -b >/dev/null 2>&1 &")
        .env("TZ=UTC")
        .entrypoint(&["/boot.sh"])
        .cmd(&["tail", "-F", "/var/log/cron.log"])
}

/// Deploys by git: keys of the image's own user `git`, who may only push and pull.
fn tomcat22() -> Image {
    let start = r#"#!/bin/sh
set -e
# keys are handed in by whoever runs the container
if [ -n "$SSH_PUBLIC_KEY" ]; then
    mkdir -p /home/git/.ssh
    chmod 700 /home/git/.ssh
    echo "$SSH_PUBLIC_KEY" >> /home/git/.ssh/authorized_keys
    chmod 600 /home/git/.ssh/authorized_keys
    chown -R git:git /home/git/.ssh
fi
/usr/sbin/sshd
exec /usr/local/tomcat/bin/catalina.sh "$@"
"#;
    Image::on("twins/tomcat22", base::debian())
        .layer("COPY dir:8d1f4cbe in /usr/local/tomcat", base::tomcat())
        .layer(
            "/bin/sh -c adduser --shell /usr/bin/git-shell --disabled-password git",
            vec![
                folder("/home/git"),
                folder("/home/git/git-shell-commands"),
                file("/etc/ssh/sshd_config", SSHD),
            ],
        )
        .layer(
            "COPY file:66d1 in /usr/local/bin/start.sh",
            vec![program("/usr/local/bin/start.sh", start)],
        )
        .expose("22/tcp")
        .entrypoint(&["/usr/local/bin/start.sh"])
        .cmd(&["run"])
}

const SSHD: &str = "Port 22
PermitRootLogin no
PasswordAuthentication no
AllowUsers git
AuthorizedKeysFile .ssh/authorized_keys
";

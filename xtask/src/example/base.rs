//! What the images stand on: the files of a small base system and of the software they claim to
//! be. No interpreter is in them: a text in the place of a shell would be a disguise of its own.

use super::image::{Codec, Instruction, Layer, Node, file, folder, program};

/// A Debian-like base.
pub fn debian() -> Vec<Instruction> {
    base(
        "/bin/sh -c #(nop) ADD file:a71e077a42995a68ff70aa5f40ff9ee0ba6b5f1f2d7a7a2c9a7e6a3d4d9e3b1c in / ",
        "bash",
        vec![
            folder("/etc"),
            file("/etc/debian_version", "9.2\n"),
            file("/etc/os-release", DEBIAN_RELEASE),
            file("/etc/passwd", PASSWD),
            file("/etc/group", GROUP),
            file(
                "/etc/nsswitch.conf",
                "passwd: compat\ngroup: compat\nhosts: files dns\n",
            ),
            file("/etc/shells", "/bin/sh\n/bin/bash\n"),
            file("/etc/profile", PROFILE),
            folder("/root"),
            file("/root/.profile", ROOT_PROFILE),
            Node::Folder("/tmp", 0o1777),
            folder("/usr/local/bin"),
            folder("/var/lib"),
            Node::Link("/var/run", "/run"),
        ],
    )
}

/// An Alpine-like base.
pub fn alpine() -> Vec<Instruction> {
    base(
        "/bin/sh -c #(nop) ADD file:2b00f26f6004576e2f8faeb3fb0517a14f79ea89a059fe096b54cbecf5da512e in / ",
        "/bin/sh",
        vec![
            folder("/etc"),
            file("/etc/alpine-release", "3.6.2\n"),
            file("/etc/os-release", ALPINE_RELEASE),
            file("/etc/passwd", PASSWD),
            file("/etc/group", GROUP),
            folder("/etc/crontabs"),
            file("/etc/crontabs/root", ALPINE_CRONTAB),
            folder("/root"),
            Node::Folder("/tmp", 0o1777),
            folder("/usr/local/bin"),
        ],
    )
}

fn base(add: &str, shell: &str, nodes: Vec<Node>) -> Vec<Instruction> {
    vec![
        Instruction {
            created_by: add.to_owned(),
            layer: Some(Layer {
                nodes,
                codec: Codec::Gzip,
            }),
        },
        Instruction {
            created_by: format!("/bin/sh -c #(nop)  CMD [\"{shell}\"]"),
            layer: None,
        },
    ]
}

/// A servlet container, in outline.
pub fn tomcat() -> Vec<Node> {
    vec![
        folder("/usr/local/tomcat"),
        program("/usr/local/tomcat/bin/catalina.sh", CATALINA),
        file("/usr/local/tomcat/conf/server.xml", SERVER_XML),
        file(
            "/usr/local/tomcat/webapps/ROOT/index.html",
            "<!doctype html><title>It works</title>\n",
        ),
    ]
}

/// Debian's cron, in outline.
pub fn cron() -> Vec<Node> {
    vec![
        file("/etc/crontab", CRONTAB),
        folder("/etc/cron.d"),
        folder("/etc/cron.daily"),
        program("/etc/cron.daily/logrotate", LOGROTATE),
        file(
            "/etc/logrotate.conf",
            "weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d\n",
        ),
    ]
}

/// A database server, in outline.
pub fn mysql() -> Vec<Node> {
    vec![
        folder("/etc/mysql"),
        file("/etc/mysql/my.cnf", MY_CNF),
        folder("/docker-entrypoint-initdb.d"),
        program("/usr/local/bin/docker-entrypoint.sh", MYSQL_ENTRYPOINT),
        Node::Link("/entrypoint.sh", "usr/local/bin/docker-entrypoint.sh"),
    ]
}

const DEBIAN_RELEASE: &str = r#"PRETTY_NAME="Debian GNU/Linux 9 (stretch)"
NAME="Debian GNU/Linux"
VERSION_ID="9"
VERSION="9 (stretch)"
ID=debian
"#;

const ALPINE_RELEASE: &str = r#"NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.6.2
PRETTY_NAME="Alpine Linux v3.6"
"#;

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
";

const GROUP: &str = "root:x:0:\ndaemon:x:1:\nmail:x:8:\nwww-data:x:33:\nnogroup:x:65534:\n";

const PROFILE: &str = r#"if [ "$(id -u)" -eq 0 ]; then
  PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
else
  PATH="/usr/local/bin:/usr/bin:/bin"
fi
export PATH

if [ -d /etc/profile.d ]; then
  for i in /etc/profile.d/*.sh; do
    if [ -r $i ]; then
      . $i
    fi
  done
  unset i
fi
"#;

const ROOT_PROFILE: &str = r#"if [ "$BASH" ]; then
  if [ -f ~/.bashrc ]; then
    . ~/.bashrc
  fi
fi

mesg n || true
"#;

const ALPINE_CRONTAB: &str = "# min\thour\tday\tmonth\tweekday\tcommand
*/15\t*\t*\t*\t*\trun-parts /etc/periodic/15min
0\t*\t*\t*\t*\trun-parts /etc/periodic/hourly
0\t2\t*\t*\t*\trun-parts /etc/periodic/daily
";

const CRONTAB: &str = "SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

# m h dom mon dow user\tcommand
17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly
25 6\t* * *\troot\ttest -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )
";

const LOGROTATE: &str = "#!/bin/sh
test -x /usr/sbin/logrotate || exit 0
/usr/sbin/logrotate /etc/logrotate.conf
";

const CATALINA: &str = r#"#!/bin/sh
# Start script of the servlet container.
CATALINA_HOME=${CATALINA_HOME:-/usr/local/tomcat}
CLASSPATH="$CATALINA_HOME/bin/bootstrap.jar:$CATALINA_HOME/bin/tomcat-juli.jar"
if [ -r "$CATALINA_HOME/bin/setenv.sh" ]; then
  . "$CATALINA_HOME/bin/setenv.sh"
fi
case "$1" in
  run)
    shift
    eval exec "\"${JAVA_HOME:-/usr/lib/jvm/default-java}/bin/java\"" $JAVA_OPTS \
      -classpath "\"$CLASSPATH\"" \
      -Dcatalina.home="\"$CATALINA_HOME\"" \
      org.apache.catalina.startup.Bootstrap "$@" start
    ;;
  stop)
    if [ -s "$CATALINA_PID" ]; then
      kill -15 "$(cat "$CATALINA_PID")"
    fi
    ;;
  *)
    echo "Usage: catalina.sh run|stop"
    exit 1
    ;;
esac
"#;

const SERVER_XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Server port="8005" shutdown="SHUTDOWN">
  <Service name="Catalina">
    <Connector port="8080" protocol="HTTP/1.1" connectionTimeout="20000" redirectPort="8443" />
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" unpackWARs="true" autoDeploy="true" />
    </Engine>
  </Service>
</Server>
"#;

const MY_CNF: &str = "[mysqld]
user = mysql
datadir = /var/lib/mysql
socket = /var/run/mysqld/mysqld.sock
bind-address = 0.0.0.0
symbolic-links = 0
";

const MYSQL_ENTRYPOINT: &str = r#"#!/bin/bash
set -eo pipefail

if [ "${1:0:1}" = '-' ]; then
    set -- mysqld "$@"
fi

if [ "$1" = 'mysqld' ] && [ ! -d /var/lib/mysql/mysql ]; then
    if [ -z "$MYSQL_ROOT_PASSWORD" ]; then
        echo >&2 'error: set MYSQL_ROOT_PASSWORD'
        exit 1
    fi
    mysqld --initialize-insecure
    mysqld --skip-networking --socket=/var/run/mysqld/mysqld.sock &
    pid="$!"
    mysql=( mysql --protocol=socket -uroot --socket=/var/run/mysqld/mysqld.sock )
    for i in {30..0}; do
        if echo 'SELECT 1' | "${mysql[@]}" &> /dev/null; then
            break
        fi
        sleep 1
    done
    for f in /docker-entrypoint-initdb.d/*; do
        case "$f" in
            *.sh)     . "$f" ;;
            *.sql)    "${mysql[@]}" < "$f" ;;
            *.sql.gz) gunzip -c "$f" | "${mysql[@]}" ;;
        esac
    done
    kill -s TERM "$pid"
    wait "$pid"
fi

exec "$@"
"#;

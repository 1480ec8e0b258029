//! Functions of the C library on sockets and the names of hosts.

use model::Value;

use super::super::{Machine, Path, system};

impl<'a> Machine<'a, '_, '_> {
    pub(super) fn of_sockets(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        Some(match name {
            "socket" => self.socket(path, a[0], a[1]),
            "connect" => self.connect(path, a[0], a[1]),
            "bind" => self.bind(path, a[0], a[1]),
            "listen" | "setsockopt" | "shutdown" => Some(0),
            "accept" | "accept4" => self.accept(path, a[0]),
            "recv" | "read" | "recvfrom" => self.receive(path, a[0], a[1], a[2]),
            "send" | "write" | "sendto" => self.send(path, a[0], a[1], a[2]),
            "dup" => self.duplicate(path, a[0], None),
            "dup2" | "dup3" => self.duplicate(path, a[0], a[1]),
            "fcntl" | "fcntl64" if a[1] == Some(0) => self.duplicate(path, a[0], a[2]),
            "htons" | "ntohs" => a[0].map(|port| u64::from((port as u16).swap_bytes())),
            "htonl" | "ntohl" => a[0].map(|address| u64::from((address as u32).swap_bytes())),
            "inet_addr" => {
                let host = system::text(path, a[0]);
                Some(u64::from(u32::from_le_bytes(self.address_of(&host))))
            }
            "inet_aton" => {
                self.put_address(path, a[0], a[1]);
                Some(1)
            }
            "inet_pton" => {
                if a[0] != Some(10) {
                    self.put_address(path, a[1], a[2]);
                }
                Some(1)
            }
            "gethostbyname" | "gethostbyname2" => self.host_entry(path, a[0]),
            "getaddrinfo" => self.address_info(path, a),
            _ => return None,
        })
    }

    fn put_address(&mut self, path: &mut Path<'a>, host: Option<u64>, to: Option<u64>) {
        let host = system::text(path, host);
        let address = self.address_of(&host);
        if let Some(to) = to {
            path.memory.set_bytes(to, &address);
        }
    }

    /// A `struct hostent` with one address.
    fn host_entry(&mut self, path: &mut Path<'a>, host: Option<u64>) -> Option<u64> {
        let host = system::text(path, host);
        let address = self.address_of(&host);
        let word = self.elf.word;
        let entry = self.allocate(path, Some(128), true)?;
        let (list, bytes) = (entry + 64, entry + 96);
        path.memory.set_bytes(bytes, &address);
        path.memory.set_number(list, word, Some(bytes));
        path.memory.set_number(entry + word as u64 * 2, 4, Some(2));
        path.memory
            .set_number(entry + word as u64 * 2 + 4, 4, Some(4));
        let addresses = entry + if self.wide { 24 } else { 16 };
        path.memory.set_number(addresses, word, Some(list));
        Some(entry)
    }

    /// A `struct addrinfo` with one address.
    fn address_info(&mut self, path: &mut Path<'a>, a: [Option<u64>; 6]) -> Option<u64> {
        let host = match a[0] {
            Some(0) => Value::literal("0.0.0.0"),
            at => system::text(path, at),
        };
        let port = system::text(path, a[1])
            .as_known()
            .and_then(|port| port.parse::<u16>().ok());
        let address = self.address_of(&host);
        let kind = a[2].and_then(|hints| path.memory.number(hints.wrapping_add(8), 4));
        let info = self.allocate(path, Some(96), true)?;
        let socket = info + 64;
        path.memory.set_number(socket, 2, Some(2));
        let port = port.map(|port| u64::from(port.swap_bytes()));
        path.memory.set_number(socket + 2, 2, port);
        path.memory.set_bytes(socket + 4, &address);
        for (offset, value) in [
            (4, 2),
            (8, kind.filter(|&kind| kind != 0).unwrap_or(1)),
            (12, 6),
            (16, 16),
        ] {
            path.memory.set_number(info + offset, 4, Some(value));
        }
        let at = info + if self.wide { 24 } else { 20 };
        path.memory.set_number(at, self.elf.word, Some(socket));
        if let Some(to) = a[3] {
            path.memory.set_number(to, self.elf.word, Some(info));
        }
        Some(0)
    }
}

//! Sockets: what is connected to what.

use std::net::{Ipv4Addr, Ipv6Addr};

use model::{Protocol, Provenance, Value};

use super::super::{Machine, Path};
use super::{Descriptor, open};

/// The first two bytes of addresses that stand for a host by name (a reserved range).
const NAMED: [u8; 2] = [240, 77];

impl<'a> Machine<'a, '_, '_> {
    /// `socket`.
    pub(in crate::binary::machine) fn socket(
        &mut self,
        path: &mut Path<'a>,
        domain: Option<u64>,
        kind: Option<u64>,
    ) -> Option<u64> {
        let protocol = match (domain, kind.map(|kind| kind & 0xf)) {
            (Some(1), _) => Protocol::Unix,
            (Some(2 | 10), Some(1)) => Protocol::Tcp,
            (Some(2 | 10), Some(2)) => Protocol::Udp,
            (None, _) => Protocol::Tcp,
            _ => Protocol::Other,
        };
        let id = path.steps;
        open(
            path,
            Descriptor::Socket {
                id,
                protocol,
                bound: None,
                connection: None,
            },
        )
    }

    /// `connect`.
    pub(in crate::binary::machine) fn connect(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        at: Option<u64>,
    ) -> Option<u64> {
        let (host, port) = self.end_point(path, at);
        let descriptor = number.and_then(|number| path.descriptors.get(&number));
        let Some(Descriptor::Socket { id, protocol, .. }) = descriptor else {
            return Some(0);
        };
        let (socket, protocol) = (*id, *protocol);
        let key = (path.ip, host.text.clone(), port.text.clone());
        let known = self.connections.get(&key).copied();
        let made = known.unwrap_or_else(|| {
            self.world.at(0, &format!("connect({host}, {port})"));
            self.world.connect(protocol, host, port)
        });
        self.connections.insert(key, made);
        for descriptor in path.descriptors.values_mut() {
            if let Descriptor::Socket { id, connection, .. } = descriptor
                && *id == socket
            {
                *connection = Some(made);
            }
        }
        Some(0)
    }

    /// `bind`.
    pub(in crate::binary::machine) fn bind(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        at: Option<u64>,
    ) -> Option<u64> {
        let end = self.end_point(path, at);
        if let Some(Descriptor::Socket { bound, .. }) =
            number.and_then(|number| path.descriptors.get_mut(&number))
        {
            *bound = Some(end);
        }
        Some(0)
    }

    /// `accept`: a new descriptor for the connection of whoever comes.
    pub(in crate::binary::machine) fn accept(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
    ) -> Option<u64> {
        let listening = number.and_then(|number| path.descriptors.get(&number));
        let (protocol, (host, port)) = match listening {
            Some(Descriptor::Socket {
                protocol, bound, ..
            }) => (*protocol, bound.clone().unwrap_or_default()),
            _ => (Protocol::Tcp, unknown_end()),
        };
        let host = match host.text.as_str() {
            "0.0.0.0" | "::" => Value::default(),
            _ => host,
        };
        let key = (path.ip, format!("<{}", host.text), port.text.clone());
        let known = self.connections.get(&key).copied();
        let made = known.unwrap_or_else(|| {
            self.world.at(0, &format!("accept on port {port}"));
            self.world.listen(protocol, host, port)
        });
        self.connections.insert(key, made);
        let id = path.steps;
        open(
            path,
            Descriptor::Socket {
                id,
                protocol,
                bound: None,
                connection: Some(made),
            },
        )
    }

    /// Host and port of a socket address in memory.
    fn end_point(&self, path: &Path<'a>, at: Option<u64>) -> (Value, Value) {
        let Some(at) = at else { return unknown_end() };
        let memory = &path.memory;
        let unknown = |offset: u64| {
            let source = memory.source(at.wrapping_add(offset)).cloned();
            Value::unknown(source.unwrap_or(Provenance::Unknown))
        };
        let port = || match (
            memory.byte(at.wrapping_add(2)),
            memory.byte(at.wrapping_add(3)),
        ) {
            (Some(high), Some(low)) => Value::literal(u16::from_be_bytes([high, low]).to_string()),
            _ => unknown(2),
        };
        let bytes = |offset: u64, length: u64| -> Option<Vec<u8>> {
            (0..length)
                .map(|index| memory.byte(at.wrapping_add(offset + index)))
                .collect()
        };
        match memory.number(at, 2) {
            Some(1) => (memory.text(at.wrapping_add(2)), Value::literal("")),
            Some(10) => {
                let host = bytes(8, 16).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
                let host = host.map(|host| Value::literal(Ipv6Addr::from(host).to_string()));
                (host.unwrap_or_else(|| unknown(8)), port())
            }
            _ => {
                let host = bytes(4, 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
                let host = host.map(|host| self.host_of(host));
                (host.unwrap_or_else(|| unknown(4)), port())
            }
        }
    }

    fn host_of(&self, address: [u8; 4]) -> Value {
        let [one, two, high, low] = address;
        let index = usize::from(u16::from_be_bytes([high, low]));
        match self.hosts.get(index) {
            Some(host) if [one, two] == NAMED => host.clone(),
            _ => Value::literal(Ipv4Addr::from(address).to_string()),
        }
    }

    /// The four bytes of a host's address: its own, or ones that stand for it here.
    pub(in crate::binary::machine) fn address_of(&mut self, host: &Value) -> [u8; 4] {
        let plain = host
            .as_known()
            .and_then(|host| host.trim().parse::<Ipv4Addr>().ok());
        if let Some(address) = plain {
            return address.octets();
        }
        let known = self.hosts.iter().position(|known| known == host);
        let index = known.unwrap_or_else(|| {
            self.hosts.push(host.clone());
            self.hosts.len() - 1
        });
        let [high, low] = u16::try_from(index).unwrap_or(u16::MAX).to_be_bytes();
        [NAMED[0], NAMED[1], high, low]
    }
}

fn unknown_end() -> (Value, Value) {
    let unknown = || Value::unknown(Provenance::Unknown);
    (unknown(), unknown())
}

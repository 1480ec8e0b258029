//! The few calls of containerd's API that are needed, over its socket.
//!
//! The messages are written by hand, with the field numbers of containerd's
//! `api/services/{images,content,namespaces}/v1/*.proto` and `api/types/descriptor.proto`; fields
//! that are not read are left out, as Protocol Buffers allow.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Request, Status, Streaming};
use tonic_prost::ProstCodec;

use super::address::{Advice, cannot_connect, causes};
use crate::{Error, ErrorKind};

/// Longest message. containerd sends at most 16 MiB unless told otherwise
/// (`DefaultMaxSendMsgSize`); some are told otherwise for long lists of images.
const MESSAGE_BYTES: usize = 64 << 20;
/// Most messages without content in a row before a stream is given up.
const EMPTY_MESSAGES: usize = 1_000;

/// `containerd.types.Descriptor`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Descriptor {
    #[prost(string, tag = "1")]
    pub media_type: String,
    #[prost(string, tag = "2")]
    pub digest: String,
    #[prost(int64, tag = "3")]
    pub size: i64,
    #[prost(map = "string, string", tag = "5")]
    pub annotations: HashMap<String, String>,
}

/// `containerd.services.images.v1.Image`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Image {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "3")]
    pub target: Option<Descriptor>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ListImagesRequest {
    #[prost(string, repeated, tag = "1")]
    filters: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ListImagesResponse {
    #[prost(message, repeated, tag = "1")]
    images: Vec<Image>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Namespace {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ListNamespacesRequest {
    #[prost(string, tag = "1")]
    filter: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ListNamespacesResponse {
    #[prost(message, repeated, tag = "1")]
    namespaces: Vec<Namespace>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct InfoRequest {
    #[prost(string, tag = "1")]
    digest: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct InfoResponse {}

#[derive(Clone, PartialEq, prost::Message)]
struct ReadContentRequest {
    #[prost(string, tag = "1")]
    digest: String,
    #[prost(int64, tag = "2")]
    offset: i64,
    #[prost(int64, tag = "3")]
    size: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ReadContentResponse {
    #[prost(int64, tag = "1")]
    offset: i64,
    #[prost(bytes = "vec", tag = "2")]
    data: Vec<u8>,
}

/// A connection to containerd. Calls wait for their answer; several threads may call at once.
pub struct Client {
    runtime: Runtime,
    channel: Channel,
    path: PathBuf,
    timeout: Duration,
}

impl Client {
    /// Connects to the socket `path`; `timeout` is the longest silence.
    ///
    /// # Errors
    /// If nothing answers there.
    pub fn connect(path: &Path, timeout: Duration, advice: Advice) -> Result<Self, Error> {
        let unreachable =
            |error: std::io::Error| cannot_connect(&path.display().to_string(), &error, advice);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(unreachable)?;
        let socket = path.to_owned();
        let connector = tower::service_fn(move |_: Uri| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        // The URI only fills in `:authority`; the socket is what is connected to.
        let endpoint = Endpoint::from_static("http://containerd").connect_timeout(timeout);
        let channel = runtime
            .block_on(endpoint.connect_with_connector(connector))
            .map_err(|error| unreachable(std::io::Error::other(causes(&error))))?;
        Ok(Self {
            runtime,
            channel,
            path: path.to_owned(),
            timeout,
        })
    }

    /// The names of all namespaces.
    ///
    /// # Errors
    /// If the call fails.
    pub fn namespaces(&self) -> Result<Vec<String>, Error> {
        let path = "/containerd.services.namespaces.v1.Namespaces/List";
        let request = ListNamespacesRequest::default();
        let response: ListNamespacesResponse = self
            .unary(path, None, request)
            .map_err(|status| self.failed("listing namespaces", &status))?;
        Ok(response.namespaces.into_iter().map(|n| n.name).collect())
    }

    /// All images of a namespace.
    ///
    /// # Errors
    /// If the call fails.
    pub fn images(&self, namespace: &str) -> Result<Vec<Image>, Error> {
        let path = "/containerd.services.images.v1.Images/List";
        let request = ListImagesRequest::default();
        let response: ListImagesResponse = self
            .unary(path, Some(namespace), request)
            .map_err(|status| self.failed("listing images", &status))?;
        Ok(response.images)
    }

    /// Whether content is held in a namespace.
    ///
    /// # Errors
    /// If the call fails for any other reason than that it is not.
    pub fn holds(&self, namespace: &str, digest: &str) -> Result<bool, Error> {
        let path = "/containerd.services.content.v1.Content/Info";
        let request = InfoRequest {
            digest: digest.to_owned(),
        };
        match self.unary::<_, InfoResponse>(path, Some(namespace), request) {
            Ok(_) => Ok(true),
            Err(status) if status.code() == Code::NotFound => Ok(false),
            Err(status) => Err(self.failed(&format!("looking for {digest}"), &status)),
        }
    }

    /// Opens content of a namespace.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if it is not held there; another if the call fails.
    pub fn open(&self, namespace: &str, digest: &str) -> Result<Content<'_>, Error> {
        let mut content = Content {
            client: self,
            stream: None,
            digest: digest.to_owned(),
            chunk: std::io::Cursor::new(Vec::new()),
        };
        let request = ReadContentRequest {
            digest: digest.to_owned(),
            offset: 0,
            size: 0,
        };
        let call = async {
            let mut grpc = self.grpc().await?;
            let path = PathAndQuery::from_static("/containerd.services.content.v1.Content/Read");
            let request = with_namespace(request, Some(namespace))?;
            let response = grpc
                .server_streaming(request, path, ProstCodec::default())
                .await?;
            let mut stream: Streaming<ReadContentResponse> = response.into_inner();
            // That there is no such content is said only with the first message.
            let first = stream.message().await?;
            Ok((stream, first))
        };
        let (stream, first) = self
            .wait(call)
            .map_err(|status| self.failed(&format!("reading {digest}"), &status))?;
        if let Some(first) = first {
            content.chunk = std::io::Cursor::new(first.data);
            content.stream = Some(stream);
        }
        Ok(content)
    }

    fn unary<Q, A>(&self, path: &'static str, namespace: Option<&str>, ask: Q) -> Result<A, Status>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        self.wait(async {
            let mut grpc = self.grpc().await?;
            let path = PathAndQuery::from_static(path);
            let request = with_namespace(ask, namespace)?;
            let response = grpc.unary(request, path, ProstCodec::default()).await?;
            Ok(response.into_inner())
        })
    }

    async fn grpc(&self) -> Result<Grpc<Channel>, Status> {
        let mut grpc = Grpc::new(self.channel.clone()).max_decoding_message_size(MESSAGE_BYTES);
        grpc.ready()
            .await
            .map_err(|error| Status::unavailable(causes(&error)))?;
        Ok(grpc)
    }

    fn wait<T>(&self, call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
        self.runtime.block_on(async {
            match tokio::time::timeout(self.timeout, call).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Status::deadline_exceeded(format!(
                    "no answer within {} s",
                    self.timeout.as_secs()
                ))),
            }
        })
    }

    fn failed(&self, what: &str, status: &Status) -> Error {
        let kind = match status.code() {
            Code::NotFound => ErrorKind::NotFound,
            Code::PermissionDenied | Code::Unauthenticated => ErrorKind::Unauthorized,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => ErrorKind::Unreachable,
            _ => ErrorKind::Invalid,
        };
        let message = model::text::printable(status.message().as_bytes());
        Error::new(
            kind,
            format!(
                "{what} from containerd at {} failed: {} ({message})",
                self.path.display(),
                status.code()
            ),
        )
    }
}

/// Content as containerd streams it.
pub struct Content<'a> {
    client: &'a Client,
    stream: Option<Streaming<ReadContentResponse>>,
    digest: String,
    chunk: std::io::Cursor<Vec<u8>>,
}

impl std::io::Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for _ in 0..EMPTY_MESSAGES {
            let read = self.chunk.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(stream) = &mut self.stream else {
                return Ok(0);
            };
            match self.client.wait(stream.message()) {
                Ok(Some(message)) => self.chunk = std::io::Cursor::new(message.data),
                Ok(None) => self.stream = None,
                Err(status) => {
                    self.stream = None;
                    let what = format!("reading {}", self.digest);
                    let error = self.client.failed(&what, &status);
                    return Err(std::io::Error::other(error.message));
                }
            }
        }
        Err(std::io::Error::other(format!(
            "containerd sent {EMPTY_MESSAGES} empty messages for {}",
            self.digest
        )))
    }
}

/// A request in a namespace: containerd takes it from the call's metadata
/// (`pkg/namespaces/grpc.go`).
fn with_namespace<T>(message: T, namespace: Option<&str>) -> Result<Request<T>, Status> {
    let mut request = Request::new(message);
    if let Some(namespace) = namespace {
        let value = MetadataValue::try_from(namespace)
            .map_err(|_| Status::invalid_argument("the namespace is no plain text"))?;
        request.metadata_mut().insert("containerd-namespace", value);
    }
    Ok(request)
}

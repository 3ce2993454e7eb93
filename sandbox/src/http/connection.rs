//! Connections that a fault can reset: it sets a flag, and the next read or write closes the socket with a TCP reset
//! instead.

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use std::future::{Ready, ready};
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_layer::Layer;

/// The handle a request has on its own connection.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    reset: Arc<AtomicBool>,
    is_tls: bool,
}

impl Connection {
    /// From now on nothing is written any more: the next read or write resets the connection.
    pub fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
    }

    pub fn is_tls(&self) -> bool {
        self.is_tls
    }
}

/// Gives every request the [`Connection`] it came over. It wraps the TCP stream itself, below TLS.
#[derive(Debug, Clone)]
pub struct ResettableAcceptor {
    /// Whether TLS runs over the accepted connections.
    pub is_tls: bool,
}

impl<S> Accept<TcpStream, S> for ResettableAcceptor {
    type Stream = ResettableStream;
    type Service = AddExtension<S, Connection>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, tcp: TcpStream, service: S) -> Self::Future {
        let connection = Connection {
            reset: Arc::default(),
            is_tls: self.is_tls,
        };
        let reset = connection.reset.clone();
        ready(tcp.set_nodelay(true).map(|()| {
            (
                ResettableStream { tcp, reset },
                Extension(connection).layer(service),
            )
        }))
    }
}

/// A TCP stream that checks the flag of its [`Connection`] before every read and write.
#[derive(Debug)]
pub struct ResettableStream {
    tcp: TcpStream,
    reset: Arc<AtomicBool>,
}

impl ResettableStream {
    /// # Errors
    /// `ConnectionReset` when a fault reset the connection. A zero linger time makes closing it send RST, not FIN.
    fn check_open(&self) -> io::Result<()> {
        if !self.reset.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.tcp.set_zero_linger()?;
        Err(ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_open()?;
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for ResettableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_open()?;
        Pin::new(&mut self.tcp).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_open()?;
        Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_open()?;
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_open()?;
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

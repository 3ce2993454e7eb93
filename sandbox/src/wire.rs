//! Connections that can really be cut: the fault handler sets a flag, and the next write closes the socket
//! with a TCP reset instead of writing.

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

/// What a request knows of its own connection.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    cut: Arc<AtomicBool>,
    secure: bool,
}

impl Wire {
    /// From now on nothing is written any more; the next attempt resets the connection.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    pub fn secure(&self) -> bool {
        self.secure
    }
}

/// Gives each accepted connection its [`Wire`]. Sits below TLS, where there is any.
#[derive(Debug, Clone)]
pub struct CuttableAcceptor {
    pub secure: bool,
}

impl<S> Accept<TcpStream, S> for CuttableAcceptor {
    type Stream = Cuttable;
    type Service = AddExtension<S, Wire>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, tcp: TcpStream, service: S) -> Self::Future {
        let wire = Wire {
            cut: Arc::default(),
            secure: self.secure,
        };
        let cut = wire.cut.clone();
        ready(
            tcp.set_nodelay(true)
                .map(|()| (Cuttable { tcp, cut }, Extension(wire).layer(service))),
        )
    }
}

#[derive(Debug)]
pub struct Cuttable {
    tcp: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Cuttable {
    fn intact(&self) -> io::Result<()> {
        if !self.cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.tcp.set_zero_linger()?;
        Err(ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

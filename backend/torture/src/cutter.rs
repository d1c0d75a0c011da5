//! A proxy whose connections break: after so many bytes, without a word, or by no longer carrying anything.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it stays as it is.
    None,
    /// It is reset once so many bytes have come from the server.
    CutAfter(u64),
    /// Once so many bytes have come from the server, nothing is carried any more for so long; then it is reset.
    StallAfter(u64, Duration),
    /// It carries so many bytes and then waits so long, over and over, and is reset after so many times.
    Trickle(usize, Duration, u32),
}

/// A proxy before a server.
#[derive(Debug)]
pub struct Cutter {
    /// Where it listens.
    pub address: SocketAddr,
    broken: Arc<AtomicU64>,
}

impl Cutter {
    /// Listens before a server; `fault` says what becomes of each connection.
    ///
    /// # Errors
    /// There is no port.
    pub async fn before(
        server: SocketAddr,
        mut fault: impl FnMut() -> Fault + Send + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let broken = Arc::new(AtomicU64::new(0));
        let counter = broken.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (fault, counter) = (fault(), counter.clone());
                tokio::spawn(async move {
                    if let Ok(far) = TcpStream::connect(server).await {
                        _ = carry(near, far, fault).await;
                        if fault != Fault::None {
                            counter.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        Ok(Self { address, broken })
    }

    /// Connections that it has broken so far.
    pub fn broken(&self) -> u64 {
        self.broken.load(Ordering::Relaxed)
    }
}

/// Carries both ways until the fault, or an end.
async fn carry(mut near: TcpStream, mut far: TcpStream, fault: Fault) -> std::io::Result<()> {
    if fault != Fault::None {
        // What is dropped is reset, and not closed in good order.
        for stream in [&near, &far] {
            stream.set_zero_linger()?;
        }
    }
    let (mut near_read, mut near_write) = near.split();
    let (mut far_read, mut far_write) = far.split();
    tokio::select! {
        end = all(&mut near_read, &mut far_write) => end,
        end = some(&mut far_read, &mut near_write, fault) => end,
    }
}

async fn all(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    tokio::io::copy(from, to).await.map(|_| ())
}

async fn some(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    fault: Fault,
) -> std::io::Result<()> {
    match fault {
        Fault::None => all(from, to).await,
        Fault::CutAfter(bytes) => all(&mut from.take(bytes), to).await,
        Fault::StallAfter(bytes, time) => {
            all(&mut from.take(bytes), to).await?;
            sleep(time).await;
            Ok(())
        }
        Fault::Trickle(bytes, time, times) => {
            let mut piece = vec![0; bytes];
            for _ in 0..times {
                let n = from.read(&mut piece).await?;
                if n == 0 {
                    return Ok(());
                }
                to.write_all(&piece[..n]).await?;
                sleep(time).await;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that says a thousand bytes and waits.
    async fn talker() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    _ = stream.write_all(&[7; 1000]).await;
                    _ = stream.read(&mut [0]).await;
                });
            }
        });
        address
    }

    #[tokio::test]
    async fn a_connection_breaks_where_it_is_told_to() {
        let server = talker().await;
        let short = Duration::from_millis(1);
        for (fault, most) in
            [(Fault::CutAfter(10), 10), (Fault::StallAfter(20, short), 20), (Fault::Trickle(7, short, 3), 21)]
        {
            let cutter = Cutter::before(server, move || fault).await.unwrap();
            let mut stream = TcpStream::connect(cutter.address).await.unwrap();
            let mut got = Vec::new();
            let end = stream.read_to_end(&mut got).await;
            assert!(got.len() <= most, "{fault:?}: {}", got.len());
            assert!(end.is_err(), "{fault:?}: it is reset");
            while cutter.broken() == 0 {
                sleep(short).await;
            }
        }
        let whole = Cutter::before(server, || Fault::None).await.unwrap();
        let mut stream = TcpStream::connect(whole.address).await.unwrap();
        let mut got = vec![0; 1000];
        stream.read_exact(&mut got).await.unwrap();
        assert_eq!(whole.broken(), 0);
    }
}

//! Files of the user's own, sent to the server: what is kept, and what is refused.

use crate::support::PATIENCE;
use crate::support::http::{Answer, ask};
use crate::support::served::serving;
use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tunemask::server::ServeOptions;
use tunemask_shared::dataset::Uploaded;

const ROWS: &str = "text,label\nfine tea,good\npoor tea,bad\nfine bread,good\npoor bread,bad\n";

/// Files as a browser sends them.
fn body(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n"
        );
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(b"--border--\r\n");
    body
}

fn head(address: SocketAddr, headers: &str) -> String {
    format!(
        "POST /uploads HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=border\r\n{headers}\r\n"
    )
}

fn send(address: SocketAddr, headers: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head(address, headers).as_bytes()).unwrap();
    // Who is refused at once may be gone before all is written.
    _ = stream.write_all(body);
    Answer::read(stream)
}

fn post(address: SocketAddr, files: &[(&str, &[u8])]) -> Answer {
    let body = body(files);
    send(address, &format!("Content-Length: {}\r\n", body.len()), &body)
}

/// What is in the home's data folder, finished or not.
fn kept(home: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.join("data")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn until_empty(home: &Path) {
    let begin = Instant::now();
    while !kept(home).is_empty() {
        assert!(begin.elapsed() < PATIENCE, "{:?}", kept(home));
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_upload_is_kept_once_and_is_a_data_folder() {
    serving(
        |_| {},
        |served| {
            let files: [(&str, &[u8]); 1] = [("../../reviews.csv", ROWS.as_bytes())];
            let answer = post(served.address, &files);
            assert_eq!(
                (answer.status, answer.header("cache-control")),
                (200, "no-store"),
                "{}",
                answer.text()
            );
            let stored: Uploaded = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(stored.files, ["reviews.csv"]);
            let folder = Path::new(&stored.folder);
            assert_eq!(fs::read_to_string(folder.join("reviews.csv")).unwrap(), ROWS);
            assert_eq!(folder.parent(), Some(served.home.join("data").as_path()));
            let again = post(served.address, &files);
            assert_eq!(serde_json::from_slice::<Uploaded>(&again.body).unwrap(), stored);
            assert_eq!(kept(&served.home), [folder]);
            // The page's form is told what is in it.
            let facts = tunemask::lab::inspect("builtin:tiny", Some(&stored.folder));
            assert_eq!(facts.data.unwrap().unwrap().tasks[0].name().as_str(), "own:reviews");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o077, 0);
            }
        },
    );
}

#[test]
fn what_cannot_be_read_is_refused_in_a_sentence_and_the_next_file_is_taken() {
    serving(
        |_| {},
        |served| {
            let refused = |files: &[(&str, &[u8])]| {
                let answer = post(served.address, files);
                (answer.status, answer.text())
            };
            let (status, said) = refused(&[("table.xlsx", b"PK\x03\x04")]);
            assert_eq!(status, 422);
            assert_eq!(said, "table.xlsx: a spreadsheet; save it as CSV (UTF-8) in the program that made it");
            let (status, said) = refused(&[("a.csv", b"text,label\nfine,good\nb\xe4d,bad\n")]);
            assert_eq!(status, 422);
            assert!(said.starts_with("a.csv, line 3: column 1"), "{said}");
            assert_eq!(refused(&[]).0, 400);
            let plain = ask(served.address, "POST", "/uploads", "Content-Length: 0\r\n");
            assert_eq!(plain.status, 400);
            assert!(plain.text().contains("multipart/form-data"), "{}", plain.text());
            assert_eq!(ask(served.address, "GET", "/uploads", "").status, 405);
            assert!(kept(&served.home).is_empty());
            assert_eq!(post(served.address, &[("a.csv", ROWS.as_bytes())]).status, 200);
        },
    );
}

#[test]
fn too_much_is_refused_whether_or_not_it_is_announced() {
    let small = |options: &mut ServeOptions| options.limits.upload_bytes = 100_000;
    serving(small, |served| {
        let rows = "a,b\n".repeat(50_000);
        let files: [(&str, &[u8]); 1] = [("a.csv", rows.as_bytes())];
        let announced = post(served.address, &files);
        assert_eq!(announced.status, 413);
        assert!(announced.text().starts_with("the files have more than 98 KiB"), "{}", announced.text());
        // In chunks, whose number nobody knows.
        let body = body(&files);
        let mut chunks: Vec<u8> = Vec::new();
        for chunk in body.chunks(10_000) {
            chunks.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
            chunks.extend([chunk, b"\r\n"].concat());
        }
        chunks.extend(b"0\r\n\r\n");
        let unannounced = send(served.address, "Transfer-Encoding: chunked\r\n", &chunks);
        assert_eq!((unannounced.status, unannounced.text()), (413, announced.text()));
        until_empty(&served.home);
        assert_eq!(post(served.address, &[("a.csv", ROWS.as_bytes())]).status, 200);
    });
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let impatient = |options: &mut ServeOptions| options.limits.unread = Duration::from_millis(300);
    serving(impatient, |served| {
        let body = body(&[("a.csv", ROWS.as_bytes())]);
        let begin = |bytes: &[u8]| {
            let mut stream = TcpStream::connect(served.address).unwrap();
            let length = format!("Content-Length: {}\r\n", body.len());
            stream.write_all(head(served.address, &length).as_bytes()).unwrap();
            stream.write_all(bytes).unwrap();
            stream
        };
        // In the middle of the rows, and between the last row and the end.
        for end in [body.len() - 40, body.len() - 5] {
            let stream = begin(&body[..end]);
            let begun = Instant::now();
            while kept(&served.home).is_empty() && begun.elapsed() < Duration::from_millis(200) {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(stream);
            until_empty(&served.home);
        }
        // Nothing more comes.
        let silent = Answer::read(begin(&body[..body.len() - 40]));
        assert_eq!(
            (silent.status, silent.text().as_str()),
            (400, "the upload broke off; nothing of it is kept")
        );
        until_empty(&served.home);
    });
}

#[test]
fn only_those_who_may_open_the_page_may_send() {
    serving(
        |_| {},
        |served| {
            let body = body(&[("a.csv", ROWS.as_bytes())]);
            let length = format!("Content-Length: {}\r\n", body.len());
            let with = |headers: &str| send(served.address, &format!("{length}{headers}"), &body).status;
            let forwarded = "X-Forwarded-For: 192.0.2.1\r\n";
            assert_eq!(with(forwarded), 401);
            assert_eq!(with(&format!("{forwarded}Cookie: tunemask-{}=0\r\n", served.address.port())), 401);
            assert_eq!(with("Origin: http://evil.example\r\n"), 403);
            assert_eq!(with("Origin: null\r\n"), 403);
            assert!(kept(&served.home).is_empty());
            let token = fs::read_to_string(served.home.join("token")).unwrap();
            assert_eq!(with(&format!("{forwarded}Authorization: Bearer {}\r\n", token.trim())), 200);
            assert_eq!(with(&format!("Origin: http://{}\r\n", served.address)), 200);
        },
    );
}

/// It is known before the first byte is written.
#[test]
fn a_disk_without_room_is_known_beforehand() {
    let unbounded = |options: &mut ServeOptions| options.limits.upload_bytes = u64::MAX;
    serving(unbounded, |served| {
        let mut stream = TcpStream::connect(served.address).unwrap();
        let length = format!("Content-Length: {}\r\n", 1_u64 << 60);
        stream.write_all(head(served.address, &length).as_bytes()).unwrap();
        stream.write_all(&body(&[("a.csv", ROWS.as_bytes())])).unwrap();
        let answer = Answer::read(stream);
        assert_eq!(answer.status, 507);
        let said = answer.text();
        assert!(said.starts_with("the files need 1073741824 GiB in"), "{said}");
        assert!(said.ends_with("make room there"), "{said}");
        assert!(kept(&served.home).is_empty());
    });
}

/// A limit on the size of files stands for a disk that is full: the log fits, the upload does not.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_in_between_is_said_and_leaves_nothing() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().unwrap();
    let command = "trap '' XFSZ; ulimit -f 4000; exec \"$0\" serve --port 0 --home home --device cpu";
    let mut shell = Command::new("sh");
    shell.args(["-c", command, env!("CARGO_BIN_EXE_tunemask")]).current_dir(folder.path());
    let mut program = shell.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| {
        let (_, rest) = line.split_once("http://")?;
        rest.split('/').next()?.parse::<SocketAddr>().ok()
    });
    let rows = "fine tea,good\n".repeat(300_000);
    let answer = post(address.unwrap(), &[("a.csv", rows.as_bytes())]);
    let home = folder.path().join("home");
    let left = kept(&home);
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("a.csv: File too large"), "{}", answer.text());
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_few_uploads_at_once_and_no_more() {
    serving(
        |_| {},
        |served| {
            let body = body(&[("a.csv", ROWS.as_bytes())]);
            let open: Vec<TcpStream> = (0..4)
                .map(|_| {
                    let mut stream = TcpStream::connect(served.address).unwrap();
                    let length = format!("Content-Length: {}\r\n", body.len());
                    stream.write_all(head(served.address, &length).as_bytes()).unwrap();
                    stream.write_all(&body[..body.len() - 30]).unwrap();
                    stream
                })
                .collect();
            let begin = Instant::now();
            while kept(&served.home).len() < 4 {
                assert!(begin.elapsed() < PATIENCE);
                std::thread::sleep(Duration::from_millis(5));
            }
            let one_more = post(served.address, &[("a.csv", ROWS.as_bytes())]);
            assert_eq!(one_more.status, 503);
            assert!(one_more.text().contains("4 uploads go on already"), "{}", one_more.text());
            for mut stream in open {
                stream.write_all(&body[body.len() - 30..]).unwrap();
                assert_eq!(Answer::read(stream).status, 200);
            }
            assert_eq!(kept(&served.home).len(), 1);
        },
    );
}

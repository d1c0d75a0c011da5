use super::{CellType, Frame};
use crate::data::DataError;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with these files, and the frame of the first so many of them.
fn read(files: &[(&str, &[u8])]) -> (TempDir, Result<Frame, DataError>) {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| dir.path().join(name)).collect();
    files.iter().zip(&paths).for_each(|((_, bytes), path)| fs::write(path, bytes).unwrap());
    let frame = Frame::read(&paths, &|_| ());
    (dir, frame)
}

fn frame(name: &str, bytes: impl AsRef<[u8]>) -> Frame {
    read(&[(name, bytes.as_ref())]).1.unwrap()
}

/// Without the folder.
fn error(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let (dir, frame) = read(&[(name, bytes.as_ref())]);
    frame.unwrap_err().to_string().replace(&format!("{}/", dir.path().display()), "")
}

/// All cells, a row each, with the columns' types.
fn cells(frame: &Frame) -> (Vec<Vec<Option<String>>>, Vec<CellType>) {
    let row = |row| frame.columns.iter().map(|c| c.cell(row).map(str::to_owned)).collect();
    ((0..frame.rows()).map(row).collect(), frame.columns.iter().map(|c| c.cell_type).collect())
}

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet").join(path)
}

#[test]
fn one_form_comes_of_every_other() {
    let csv =
        "\u{feff}text,stars,score,good\r\n\"one, \"\"two\"\"\nthree\",1,0.5,True\r\n\r\nfour,,2,false\r\n";
    let tsv = "text\tstars\tscore\tgood\none, \"two\" three\t1\t0.5\tTrue\nfour\t\t2\tfalse";
    let json = r#"[{"text": "one, \"two\"\nthree", "stars": 1, "score": 0.5, "good": true},
        {"text": "four", "stars": null, "score": 2, "good": false}]"#;
    let lines = "\u{feff}{\"text\": \"one, \\\"two\\\"\\nthree\", \"stars\": 1, \"score\": 0.5, \"good\": true}\r\n\n\
        {\"score\": 2, \"text\": \"four\", \"good\": false}";
    let types = vec![CellType::Text, CellType::Integer, CellType::Decimal, CellType::Boolean];
    let forms = [("a.csv", csv), ("a.tsv", tsv), ("a.json", json), ("a.jsonl", lines), ("b.json", lines)];
    for (name, text) in forms {
        let found = frame(name, text);
        let (mut rows, found_types) = cells(&found);
        let first = rows[0][0].take().unwrap().replace('\n', " ");
        assert_eq!((first.as_str(), &found_types), ("one, \"two\" three", &types), "{name}");
        assert_eq!(rows[0][1..3], [Some("1".into()), Some("0.5".into())], "{name}");
        assert_eq!(rows[1][..3], [Some("four".into()), None, Some("2".into())], "{name}");
        assert!(rows[0][3].as_ref().unwrap().eq_ignore_ascii_case("true"), "{name}");
    }
    // The line on which the row begins.
    assert_eq!((frame("a.csv", csv).line(0), frame("a.csv", csv).line(1)), (2, 5));
    assert_eq!(frame("a.jsonl", lines).line(1), 3);
    assert_eq!(frame("a.json", json).line(1), 2);
}

#[test]
fn what_a_cell_spells_is_found() {
    let spelled = [
        ("1", CellType::Integer),
        ("-12", CellType::Integer),
        ("0", CellType::Integer),
        ("007", CellType::Text),
        ("1.50", CellType::Decimal),
        ("1e-3", CellType::Decimal),
        ("nan", CellType::Text),
        ("1,5", CellType::Text),
        ("FALSE", CellType::Boolean),
        ("falsely", CellType::Text),
        ("", CellType::Empty),
        ("…", CellType::Text),
    ];
    for (text, cell_type) in spelled {
        assert_eq!(CellType::of(text), cell_type, "{text:?}");
    }
    let (_, types) = cells(&frame("a.csv", "a,b,c,d\n1,,1,true\n2.5,,x,1\n"));
    assert_eq!(types, [CellType::Decimal, CellType::Empty, CellType::Text, CellType::Text]);
}

#[test]
fn an_odd_row_is_named_with_its_line() {
    let odd = "text,label\n\"two\nlines\",1\na, b,0\n";
    assert_eq!(
        error("a.csv", odd),
        "a.csv, line 4: 3 columns; the header has 2; a text with a comma in it must stand in quotes"
    );
    assert_eq!(error("a.tsv", "text\tlabel\n\na\n"), "a.tsv, line 3: 1 column; the header has 2");
    let latin = error("a.csv", b"text,label\nok,1\nfa\xe7ade,1\n");
    assert!(latin.starts_with("a.csv, line 3: column 1, behind `fa`: the byte 0xe7 is not UTF-8"), "{latin}");
    assert_eq!(error("a.csv", "text,text\na,b\n"), "a.csv, line 1: two columns are named `text`");
    assert_eq!(error("a.csv", "text,label\n"), "a.csv: no examples");
    assert_eq!(error("a.csv", ""), "a.csv: no examples");
    assert!(
        error("a.jsonl", "{\"a\": 1}\n{\"a\": }\n").starts_with("a.jsonl, line 2: expected value (column 7)")
    );
    assert!(error("a.jsonl", "{\"a\": 1, \"a\": 2}\n").starts_with("a.jsonl, line 1: `a` is listed twice"));
    assert!(
        error("a.json", "[{\"a\": 1},\n {\"a\": 2}, 3]")
            .starts_with("a.json, row 3: invalid type: integer `3`")
    );
    assert!(error("a.json", "[{\"a\": [1]}, {\"a\": 2}]").contains("row 2: `a` is a list in the rows above"));
    assert!(error("a.json", "{\n\"a\": [1]}").starts_with("a.json, line 1: EOF"));
    assert!(error("a.parquet", "PAR1 cut short").contains("not a parquet file, or cut short"));
    assert!(error("a.parquet", "<!doctype html><p>404").contains("a web page"));
    assert!(error("a.csv", "<!doctype html><p>404").contains("a web page"));
    assert!(error("a.xlsx", "PK").contains("save it as CSV"));
    assert!(error("a.txt", "x").contains("expected .csv, .tsv, .json, .jsonl or .parquet"));
}

#[test]
fn what_is_no_file_of_rows_is_known_by_how_it_begins() {
    let zip = |first: &str| [&b"PK\x03\x04"[..], &[0; 26], first.as_bytes(), &[0xe4; 40]].concat();
    let wide = |mark: [u8; 2]| [&mark[..], b"t\0e\0x\0t\0,\0l\0\n\0"].concat();
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("a.csv", zip("[Content_Types].xml"), "a spreadsheet; save it as CSV"),
        ("a.tsv", zip("docProps/app.xml"), "a spreadsheet; save it as CSV"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "a spreadsheet; save it as CSV"),
        ("a.csv", zip("train.csv"), "packed; unpack it first"),
        ("a.jsonl", b"\x1f\x8b\x08\0\0".to_vec(), "packed; unpack it first"),
        ("a.csv", wide([0xff, 0xfe]), "a text in UTF-16; save it as UTF-8"),
        ("a.json", wide([0xfe, 0xff]), "a text in UTF-16; save it as UTF-8"),
        ("a.csv", b"%PDF-1.7\n%\xe2\xe3".to_vec(), "a PDF, not rows"),
        ("a.parquet", b"\x1f\x8b\x08\0\0".to_vec(), "packed; unpack it first"),
        ("a.csv", b"PAR1\x15\x04".to_vec(), "a parquet file; give it the ending .parquet"),
    ];
    for (name, bytes, told) in cases {
        let said = error(name, bytes);
        assert!(said.starts_with(&format!("{name}: {told}")) && !said.contains("LATIN1"), "{said}");
    }
    // A text may begin nearly so.
    assert_eq!(frame("a.csv", "PK,BZh\n%PDF,1\n").rows(), 1);
}

#[test]
fn a_quote_without_its_partner_does_not_swallow_the_file() {
    let mut text = String::from("text,label\n\"never closed,1\n");
    text.push_str(&"some words,0\n".repeat(1 << 20));
    let error = error("a.csv", text);
    assert_eq!(error, "a.csv, line 2: a row of more than 8 MiB; is a quote without its partner above?");
}

#[test]
fn quotes_of_tsv_count_where_the_header_has_them_or_all_of_them_quote() {
    let (rows, _) = cells(&frame("a.tsv", "text\tlabel\n\"a\" b\t1\n\"c\td\"\n"));
    assert_eq!(rows[0][0].as_deref(), Some("\"a\" b"));
    assert_eq!(rows[1][0].as_deref(), Some("\"c"));
    let (rows, _) = cells(&frame("a.tsv", "\"text\"\t\"label\"\n\"a\tb\"\t\"1\"\n"));
    assert_eq!(rows[0], [Some("a\tb".to_owned()), Some("1".to_owned())]);
    let pandas = frame("a.tsv", "text\tlabel\n\"he said \"\"good\"\" to me\"\t1\n\"a\ttab\"\t0\n");
    let (rows, _) = cells(&pandas);
    assert_eq!(rows[0][0].as_deref(), Some("he said \"good\" to me"));
    assert_eq!(rows[1][0].as_deref(), Some("a\ttab"));
    assert_eq!(pandas.unquoted().len(), 1);
}

#[test]
fn several_files_are_one_frame() {
    let (dir, both) =
        read(&[("a.csv", b"text,label\na,1\n"), ("b.jsonl", b"{\"label\": 0, \"text\": \"b\"}\n")]);
    let both = both.unwrap();
    assert_eq!(cells(&both).0[1], [Some("b".to_owned()), Some("0".to_owned())]);
    let named = both.error(1, "so").to_string();
    assert_eq!(named, format!("{}, line 1: so", dir.path().join("b.jsonl").display()));
    let (_, other) = read(&[("a.csv", b"text,label\na,1\n"), ("b.csv", b"text,stars\nb,1\n")]);
    let other = other.unwrap_err().to_string();
    assert!(other.ends_with("b.csv, line 1: no column `label`, which the file before it has"), "{other}");
}

#[test]
fn parquet_has_lists_and_names_of_classes() {
    for set in ["train", "validation"] {
        let path = fixture(&format!("hub/conll2003/{set}/0000.parquet"));
        let found = Frame::read(&[path], &|_| ()).unwrap();
        let (tokens, tags) = (found.column("tokens").unwrap(), found.column("ner_tags").unwrap());
        let row = if set == "train" { 0 } else { 2 };
        let words: Vec<_> = tokens.items(row).map(Option::unwrap).collect();
        assert_eq!(words, ["Ana", "Brook", "left", "Lowtown", "."]);
        let numbers: Vec<_> = tags.items(row).map(Option::unwrap).collect();
        assert_eq!(numbers, ["1", "2", "0", "5", "0"]);
        assert_eq!(tags.class_names.as_ref().unwrap()[5], "B-LOC");
        assert_eq!((tokens.cell_type, tags.cell_type), (CellType::Text, CellType::Integer));
        assert_eq!(found.rows(), 3);
    }
    let shards = [0, 1].map(|n| fixture(&format!("hub/mnli/train-0000{n}-of-00002.parquet")));
    let found = Frame::read(&shards, &|_| ()).unwrap();
    assert_eq!(found.rows(), 24);
    assert_eq!(found.column("idx").unwrap().cell(23), Some("23"));
    let named = found.error(13, "so").to_string();
    assert!(named.ends_with("train-00001-of-00002.parquet, row 2: so"), "{named}");
    assert_eq!(found.column("label").unwrap().class_names.as_ref().unwrap().len(), 3);
}

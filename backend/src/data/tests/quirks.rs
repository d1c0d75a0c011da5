//! Files that are almost what they should be.

use super::folder::{error, folder, read};
use tunemask_shared::task::Task;

const RTE: &str = "index\tsentence1\tsentence2\tlabel\n";

#[test]
fn byte_order_mark_carriage_returns_and_a_missing_last_newline_change_nothing() {
    let plain = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\ta b\tc\n0\t7\t8\tb\ta\n";
    let want = read(Task::mrpc(), folder(Task::mrpc(), plain, plain).path()).unwrap();
    let spellings = [
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{}", plain.replace('\n', "\r\n")),
        plain.trim_end().to_owned(),
        format!("{plain}\n\r\n"),
    ];
    for text in spellings {
        let got = read(Task::mrpc(), folder(Task::mrpc(), &text, &text).path()).unwrap();
        assert_eq!((&got.train, &got.development), (&want.train, &want.development), "{text:?}");
    }
}

#[test]
fn quotes_are_characters_like_any_other() {
    let text =
        format!("{RTE}0\t\" a\tb\tentailment\n1\ta \"b\" c\t\"\tnot_entailment\n2\t\"\t'\tentailment\n");
    let data = read(Task::rte(), folder(Task::rte(), &text, &text).path()).unwrap();
    assert_eq!(data.train.len(), 3);
    // `"` is 41 and `'` is 42 in the test's vocabulary.
    assert_eq!(data.train[0].ids, [2, 41, 5, 3, 6, 3]);
    assert_eq!(data.train[2].ids, [2, 41, 3, 42, 3]);
}

#[test]
fn only_a_line_feed_ends_a_line() {
    for inside in ["\u{8}", "\u{12}", "\u{85}", "\u{b}", "\u{c}", "\u{2028}", "\u{1c}", "\r"] {
        let text = format!("{RTE}0\ta{inside}b\tc\tentailment\n1\tb\ta\tnot_entailment\n");
        let data = read(Task::rte(), folder(Task::rte(), &text, &text).path()).unwrap();
        assert_eq!(data.train.len(), 2, "{inside:?}");
        assert_eq!(data.train[1].index, 1);
    }
}

#[test]
fn broken_rows_of_qqp_are_skipped_and_counted() {
    let header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n";
    let good = |id: u32| format!("{id}\t1\t2\ta\tb\t1\n");
    let text = format!("{header}{}7\t1\t2\ta\nb\t0\n{}", good(0), good(3));
    let data = read(Task::qqp(), folder(Task::qqp(), &text, &text).path()).unwrap();
    assert_eq!(data.train.iter().map(|e| e.index).collect::<Vec<_>>(), [0, 3]);
    let skipped = "train: 2 examples, 2 rows skipped (fewer columns than the header; first at line 3)";
    assert_eq!(data.report.lines()[0], skipped);
    assert_eq!(
        error(Task::qqp(), format!("{header}0\t1\t2\ta\tb\tc\t1\n")),
        "QQP/train.tsv, line 2: 7 columns; expected 6"
    );
}

#[test]
fn errors_name_file_line_and_what_was_found() {
    let row = "0\ta\tb\tentailment\n";
    assert_eq!(
        error(Task::rte(), format!("{RTE}{row}{row}0\ta\tb\tmaybe\n")),
        "RTE/train.tsv, line 4: the label is `maybe`; expected entailment or not_entailment"
    );
    assert_eq!(
        error(Task::mnli(), "sentence1\tsentence2\tgold_label\na\tb\t2\n"),
        "MNLI/train.tsv, line 2: the label is `2`; expected entailment, neutral or contradiction"
    );
    assert_eq!(
        error(Task::sst2(), "sentence\tlabel\r\na\tb\r\n"),
        "SST-2/train.tsv, line 2: the label is `b`; expected 0 or 1"
    );
    assert_eq!(
        error(Task::rte(), format!("{RTE}\n{row}0\ta\n")),
        "RTE/train.tsv, line 4: 2 columns; expected 4"
    );
    assert_eq!(error(Task::cola(), "index\tsentence\n"), "CoLA/train.tsv, line 1: 2 columns; expected 4");
    assert_eq!(
        error(Task::rte(), "a\tb\tc\n"),
        "RTE/train.tsv, line 1: no column `sentence1` in the header; found `a`, `b`, `c`"
    );
    assert_eq!(error(Task::rte(), RTE), "RTE/train.tsv: no examples");
    assert_eq!(error(Task::rte(), ""), "RTE/train.tsv: no examples");
    assert_eq!(
        error(Task::rte(), [RTE.as_bytes(), row.as_bytes(), b"1\tcaf\xe9\tb\tentailment\n"].concat()),
        "RTE/train.tsv, line 3: the byte 0xe9 is not UTF-8; save the file as UTF-8"
    );
    let long = "x".repeat(100);
    assert!(
        error(Task::rte(), format!("{RTE}0\ta\tb\t{long}\n")).contains(&format!("`{}…`", "x".repeat(40)))
    );
}

#[test]
fn a_missing_development_file_is_named() {
    let dir = folder(Task::rte(), format!("{RTE}0\ta\tb\tentailment\n"), "");
    std::fs::remove_file(dir.path().join("RTE/dev.tsv")).unwrap();
    assert!(read(Task::rte(), dir.path()).unwrap_err().to_string().contains("RTE/dev.tsv"));
}

#[test]
fn what_pandas_quoted_is_read_as_it_was_written() {
    let plain = |text: &str| format!("{RTE}0\t{text}\tc\tentailment\n1\tb\ta\tnot_entailment\n");
    let quoted = plain("\"a \"\"b\"\" c\"");
    let data = read(Task::rte(), folder(Task::rte(), &quoted, &quoted).path()).unwrap();
    // `"` is 41 in the test's vocabulary.
    assert_eq!(data.train[0].ids, [2, 5, 41, 6, 41, 7, 3, 7, 3]);
    let note = "train.tsv is quoted as CSV is, by pandas for example; the quotes were taken off";
    assert_eq!(data.report.notes[0], note);
    let tab = read(Task::rte(), folder(Task::rte(), plain("\"a\tb\nc\""), plain("a")).path()).unwrap();
    assert_eq!((tab.train.len(), &tab.train[0].ids[..]), (2, &[2, 5, 6, 7, 3, 7, 3][..]));
    // One quote that does not quote, and none does.
    let mixed = format!("{quoted}2\ta \" b\tc\tentailment\n");
    let data = read(Task::rte(), folder(Task::rte(), &mixed, &mixed).path()).unwrap();
    assert_eq!((data.train[0].ids.len(), data.report.notes.len()), (13, 0));
}

//! The columns of Universal Dependencies, CoNLL-U.

use super::*;

/// The ten columns of a word in CoNLL-U.
fn universal(id: &str, form: &str, upos: &str, xpos: &str, misc: &str) -> String {
    format!("{id}\t{form}\tlemma\t{upos}\t{xpos}\t_\t0\troot\t_\t{misc}\n")
}

#[test]
fn conll_u_has_its_own_columns() {
    let word = |id, form, misc| universal(id, form, "NOUN", "NN", misc);
    let text = [
        "# newdoc id = x\n# sent_id = 1\n# text = a b\n".to_owned(),
        universal("1-2", "ab", "_", "_", "_"),
        word("1", "a", "name=B-PER|SpaceAfter=No"),
        word("2", "b", "SpaceAfter=No|name=I-PER"),
        word("2.1", "z", "_"),
        "\n# sent_id = 2\n".to_owned(),
        word("1", "c", "_"),
        "\n".to_owned(),
    ]
    .concat();
    let dir = folder("conll2003", [("train.conllu", &text), ("dev.conllu", &text)]);
    let (train, said) = words(Task::ner(), &ENTITIES, dir.path());
    assert_eq!(train, ["a:B-PER b:I-PER", "c:O"]);
    assert!(
        said[0]
            .contains("1 rows skipped (ranges of words written as one, whose words follow; first at line 4)"),
        "{said:?}"
    );
    assert!(said[0].contains("1 rows skipped (empty nodes, not words; first at line 7)"), "{said:?}");
    let pos = folder("ptb", [("train.conllu", &text), ("dev.conllu", &text)]);
    assert_eq!(words(Task::pos(), &PENN_TAGS, pos.path()).0, ["a:NN b:NN", "c:NN"]);
    // Plain tags in the last column.
    let plain =
        text.replace("name=B-PER|SpaceAfter=No", "B-PER").replace("SpaceAfter=No|name=I-PER", "I-PER");
    let plain = plain
        .replace("\t_\n\n# sent_id = 2", "\tO\n\n# sent_id = 2")
        .replace("c\tlemma\tNOUN\tNN\t_\t0\troot\t_\t_", "c\tlemma\tNOUN\tNN\t_\t0\troot\t_\tO");
    assert_eq!(words(Task::ner(), &ENTITIES, ner(&plain).path()).0, ["a:B-PER b:I-PER", "c:O"]);

    let error = |task, name, text: &str| {
        let dir = folder(name, [("train.txt", text), ("valid.txt", text)]);
        read(task, dir.path(), 64).unwrap_err().to_string()
    };
    let none = error(Task::ner(), "conll2003", &text.replace("name=", "lemma="));
    assert!(none.contains("line 5: no entities in the last column (MISC)"), "{none}");
    let no_tags = text.replace("\tNN\t", "\t_\t");
    let other = error(Task::pos(), "ptb", &no_tags.replace("\tNOUN\t", "\t_\t"));
    assert!(other.contains("line 5: the fourth column (UPOS) and the fifth (XPOS) are empty"), "{other}");
    let every = folder("ptb", [("train.txt", no_tags.as_str()), ("valid.txt", no_tags.as_str())]);
    // One tag tells nothing apart: it stays the known task, whose tags are others.
    assert_eq!(found(Task::pos(), every.path()), Task::pos());
    let two = no_tags.replace("c\tlemma\tNOUN", "c\tlemma\tVERB");
    let every = folder("ptb", [("train.txt", two.as_str()), ("valid.txt", two.as_str())]);
    let task = found(Task::pos(), every.path());
    assert_eq!(task.kind().labels(), ["NOUN", "VERB"]);
    let (train, said) = words(task, &["NOUN", "VERB"], every.path());
    assert_eq!(train, ["a:NOUN b:NOUN", "c:VERB"]);
    assert!(said.iter().any(|note| note.contains("read from the fourth column (UPOS)")), "{said:?}");
    let upos = error(Task::pos(), "ptb", "a NOUN\n");
    assert!(
        upos.contains("the tag is `NOUN`") && upos.ends_with("one of the Universal Dependencies'"),
        "{upos}"
    );
}

//! Meanings and what follows from them.

use super::super::dice::Dice;
use super::super::lexicon::{Class, LEXICON, Noun, Sense};
use super::super::scene::{
    Action, Asked, Described, Event, Kind, Participant, Place, Question, Relation, Scale, Slot, Statement,
    Time, Who, relation,
};
use super::super::sentence::Sentence;
use super::{ALL, stream};
use std::collections::BTreeSet;

fn noun(class: &str, word: &str) -> Sense<Noun> {
    let class: &'static Class<Noun> = LEXICON.nouns(class);
    (0..class.senses()).map(|i| class.sense(i)).find(|s| s.0.iter().any(|n| n.singular == word)).unwrap()
}

fn the(word: &str) -> Participant {
    Participant { who: Who::The(noun("people", word)), kind: Kind::Person, adjective: None }
}

fn apple(who: fn(Sense<Noun>) -> Who) -> Participant {
    Participant { who: who(noun("fruit", "apple")), kind: Kind::Fruit, adjective: None }
}

fn fruit() -> Participant {
    Participant { who: Who::Some(Kind::Fruit), kind: Kind::Fruit, adjective: None }
}

fn verb(class: &str, place: usize) -> Action {
    Action::Upon(LEXICON.verbs(class).sense(place))
}

/// `the nurse found an apple`
fn found(patient: Participant) -> Event {
    Event {
        action: verb("transitive things", 0),
        agent: the("nurse"),
        patient: Some(patient),
        recipient: None,
        place: None,
        time: None,
        manner: None,
    }
}

/// `the nurse greeted the baker`
fn greeted(agent: &str, patient: &str) -> Event {
    Event { action: verb("transitive people", 1), agent: the(agent), ..found(the(patient)) }
}

/// `the nurse sold the apple to the baker`
fn sold() -> Event {
    let action =
        Action::Transfer(LEXICON.verbs("ditransitive").sense(6), Some(LEXICON.verbs("converse").sense(2)));
    Event { action, recipient: Some(the("baker")), ..found(apple(Who::The)) }
}

fn yes(event: Event) -> Statement {
    Statement::Event { event, holds: true }
}

fn no(event: Event) -> Statement {
    Statement::Event { event, holds: false }
}

#[test]
fn what_follows_is_what_a_reader_says() {
    use Relation::{Contradiction, Entailment, Neutral};
    let on_monday = |event: Event| Event { time: Some(Time::Day("monday")), ..event };
    let anyone = |event: Event| Event { agent: Participant::any(Kind::Person), ..event };
    let anything = Participant::any(Kind::Thing);
    let scale = |upper| Scale { of: Described::Living, place: 0, upper };
    let old = |upper, holds| Statement::State { who: the("nurse"), scale: scale(upper), holds };
    let older = |more, less, holds| Statement::Comparison {
        more: the(more),
        less: the(less),
        scale: scale(true),
        holds,
    };
    let cases = [
        // The nurse found the apple: she found an apple, a fruit, something; someone found it.
        (yes(found(apple(Who::The))), yes(found(apple(Who::A))), Entailment),
        (yes(found(apple(Who::A))), yes(found(apple(Who::The))), Neutral),
        (yes(found(apple(Who::A))), yes(found(fruit())), Entailment),
        (yes(found(fruit())), yes(found(apple(Who::A))), Neutral),
        (yes(found(fruit())), yes(found(anything)), Entailment),
        (yes(found(apple(Who::A))), yes(anyone(found(apple(Who::A)))), Entailment),
        (yes(found(apple(Who::A))), no(anyone(found(fruit()))), Contradiction),
        // On Monday: it was found. It was found: perhaps on Monday.
        (yes(on_monday(found(anything))), yes(found(anything)), Entailment),
        (yes(found(anything)), yes(on_monday(found(anything))), Neutral),
        (yes(found(anything)), no(on_monday(found(anything))), Neutral),
        (yes(on_monday(found(anything))), no(found(anything)), Contradiction),
        // She found no fruit: no apple either. She found no apple: perhaps another fruit.
        (no(found(fruit())), no(found(apple(Who::A))), Entailment),
        (no(found(apple(Who::A))), no(found(fruit())), Neutral),
        (no(found(fruit())), yes(found(apple(Who::A))), Contradiction),
        (no(on_monday(found(anything))), yes(found(anything)), Neutral),
        (no(found(anything)), yes(on_monday(found(anything))), Contradiction),
        // Who greeted whom.
        (yes(greeted("nurse", "baker")), yes(greeted("baker", "nurse")), Neutral),
        (yes(greeted("nurse", "baker")), no(greeted("nurse", "baker")), Contradiction),
        (yes(greeted("nurse", "baker")), no(greeted("baker", "nurse")), Neutral),
        // Opposites.
        (old(true, true), old(false, true), Contradiction),
        (old(true, true), old(false, false), Entailment),
        (old(true, false), old(false, true), Neutral),
        (old(true, false), old(true, true), Contradiction),
        (older("nurse", "baker", true), older("baker", "nurse", true), Contradiction),
        (older("nurse", "baker", true), older("baker", "nurse", false), Entailment),
        (older("nurse", "baker", false), older("baker", "nurse", true), Neutral),
        (older("nurse", "baker", true), old(true, true), Neutral),
    ];
    for (known, hypothesis, want) in cases {
        assert_eq!(relation(&[known], &hypothesis), want, "{known:?}\n{hypothesis:?}");
        // What else is known changes nothing here.
        assert_eq!(relation(&[yes(sold()), known], &hypothesis), want);
    }
    assert!(yes(sold()).equals(&yes(sold())) && !yes(sold()).equals(&yes(found(apple(Who::The)))));
}

#[test]
fn only_what_says_it_answers() {
    let event = Event { place: Some(Place { preposition: "in", noun: noun("places", "garden") }), ..sold() };
    let asks = |asked| Question::about(&event, asked).unwrap();
    let (who, whom) = (Asked::Who(Slot::Agent), Asked::Who(Slot::Recipient));
    for asked in [who, whom, Asked::Who(Slot::Patient), Asked::Where] {
        assert!(asks(asked).is_answered_by(&yes(event)));
        assert!(!asks(asked).is_answered_by(&no(event)));
        // It was sold by the nurse, who knows where.
        assert!(!asks(asked).is_answered_by(&yes(sold())));
        assert!(asks(asked).equals(&asks(asked)));
    }
    assert!(Question::about(&event, Asked::When).is_none());
    assert!(Question::about(&sold(), whom).unwrap().is_answered_by(&yes(event)));
    assert!(!asks(who).is_answered_by(&yes(Event { agent: Participant::any(Kind::Person), ..event })));
    assert!(!asks(whom).is_answered_by(&yes(Event { agent: the("judge"), ..event })));
    assert!(!asks(who).equals(&asks(whom)));
}

/// Every wording of a statement.
fn wordings(statement: &Statement) -> BTreeSet<String> {
    let mut stream = stream(3);
    let mut dice = Dice::new(&mut stream, ALL);
    let mut tell = || {
        let mut sentence = Sentence::new(&mut dice);
        sentence.tell(statement);
        assert_eq!(sentence.words.len(), sentence.tags.len());
        sentence.text()
    };
    (0..1000).map(|_| tell()).collect()
}

#[test]
fn wordings_keep_the_meaning() {
    // Two synonyms of the verb, active and passive, with a cleft each.
    let all = wordings(&yes(greeted("nurse", "baker")));
    for verb in ["greeted", "welcomed"] {
        for wording in [
            format!("The nurse {verb} the baker."),
            format!("The baker was {verb} by the nurse."),
            format!("It was the nurse who {verb} the baker."),
            format!("It was the nurse that {verb} the baker."),
            format!("It was the baker who was {verb} by the nurse."),
            format!("It was the baker that was {verb} by the nurse."),
        ] {
            assert!(all.contains(&wording), "{wording}\n{all:?}");
        }
    }
    assert_eq!(all.len(), 12);

    let all = wordings(&yes(sold()));
    for wording in [
        "The nurse sold the apple to the baker.",
        "The nurse sold the baker the apple.",
        "The baker bought the apple from the nurse.",
        "The baker purchased the apple from the nurse.",
        "The apple was sold to the baker by the nurse.",
        "The baker was sold the apple by the nurse.",
    ] {
        assert!(all.contains(wording), "{wording}\n{all:?}");
    }
    let swapped = ["The baker sold", "The nurse bought", "by the baker", "from the baker", "to the nurse"];
    assert!(all.iter().all(|w| !swapped.iter().any(|s| w.contains(s))));

    let all = wordings(&no(found(apple(Who::A))));
    for wording in [
        "The nurse did not find an apple.",
        "The nurse did not discover any apple.",
        "The nurse never found an apple.",
        "No apple was found by the nurse.",
        "It is not true that the nurse found an apple.",
        "It is false that an apple was discovered by the nurse.",
    ] {
        assert!(all.contains(wording), "{wording}\n{all:?}");
    }
    assert!(!all.contains("An apple was not found by the nurse."), "there may be another one");

    let older = |holds| Statement::Comparison {
        more: the("nurse"),
        less: the("baker"),
        scale: Scale { of: Described::Living, place: 0, upper: true },
        holds,
    };
    let set = |words: [&str; 2]| BTreeSet::from(words.map(str::to_owned));
    assert_eq!(
        wordings(&older(true)),
        set(["The nurse is older than the baker.", "The baker is younger than the nurse."])
    );
    assert_eq!(
        wordings(&older(false)),
        set(["The nurse is not older than the baker.", "The baker is not younger than the nurse."])
    );
}

#[test]
fn questions_ask_for_what_is_not_said() {
    let mut stream = stream(4);
    let mut dice = Dice::new(&mut stream, ALL);
    let mut all = |asked| -> BTreeSet<String> {
        let question = Question::about(&sold(), asked).unwrap();
        let mut ask = || {
            let mut sentence = Sentence::new(&mut dice);
            sentence.ask(&question);
            sentence.text()
        };
        (0..1000).map(|_| ask()).collect()
    };
    let sellers = all(Asked::Who(Slot::Agent));
    for question in [
        "Who sold the apple to the baker?",
        "Who sold the baker the apple?",
        "Who was the apple sold to the baker by?",
        "By whom was the baker sold the apple?",
        "Who did the baker buy the apple from?",
        "From whom did the baker purchase the apple?",
    ] {
        assert!(sellers.contains(question), "{question}\n{sellers:?}");
    }
    let buyers = all(Asked::Who(Slot::Recipient));
    for question in [
        "Who bought the apple from the nurse?",
        "Who did the nurse sell the apple to?",
        "To whom was the apple sold by the nurse?",
        "Who was sold the apple by the nurse?",
    ] {
        assert!(buyers.contains(question), "{question}\n{buyers:?}");
    }
    assert!(sellers.is_disjoint(&buyers));
    assert!(sellers.iter().all(|q| !q.contains("nurse")) && buyers.iter().all(|q| !q.contains("baker")));
}

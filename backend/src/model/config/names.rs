//! What each family calls the fields of its config.

use tunemask_shared::family::Family;

/// The names of fields.
pub(super) struct Names {
    pub hidden: &'static str,
    pub layers: &'static str,
    pub heads: &'static str,
    pub intermediate: &'static str,
    pub activation: &'static str,
    pub dropout: &'static str,
    pub attention_dropout: &'static str,
    /// The name of the head's dropout, where it has one of its own.
    pub head_dropout: &'static str,
}

const BERT: Names = Names {
    hidden: "hidden_size",
    layers: "num_hidden_layers",
    heads: "num_attention_heads",
    intermediate: "intermediate_size",
    activation: "hidden_act",
    dropout: "hidden_dropout_prob",
    attention_dropout: "attention_probs_dropout_prob",
    head_dropout: "classifier_dropout",
};

const DISTILBERT: Names = Names {
    hidden: "dim",
    layers: "n_layers",
    heads: "n_heads",
    intermediate: "hidden_dim",
    activation: "activation",
    dropout: "dropout",
    attention_dropout: "attention_dropout",
    head_dropout: "seq_classif_dropout",
};

/// Those of a family.
pub(super) fn of(family: Family) -> &'static Names {
    match family {
        Family::DistilBert => &DISTILBERT,
        Family::Bert | Family::Roberta { .. } | Family::Electra { .. } => &BERT,
    }
}

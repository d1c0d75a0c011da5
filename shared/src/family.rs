//! The architectures that can be trained, and in what they differ.
//!
//! All are stacks of BERT's blocks (Devlin et al., 2019): attention, feed-forward layer, a LayerNorm behind each. What a
//! family has beside them, what its tensors are called and what its head is made of follows from its `Family` alone.

use serde::{Deserialize, Serialize};

/// An architecture of Hugging Face's, with what of its dimensions no other has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// BERT (Devlin et al., 2019): segments and a pooler.
    #[default]
    Bert,
    /// RoBERTa (Liu et al., 2019) and those that are built like it: positions counted from the padding token's number.
    Roberta {
        /// Which of them it is.
        name: RobertaName,
        /// The padding token's number. The first token's position is the one behind it.
        padding: u32,
    },
    /// DistilBERT (Sanh et al., 2019): no segments, and no dropout behind attention's output.
    #[serde(rename = "distilbert")]
    DistilBert,
    /// ELECTRA (Clark et al., 2020): embeddings of a width of their own, projected to that of the blocks.
    Electra {
        /// Width of the embeddings.
        embedding: usize,
    },
}

/// Models that are built like RoBERTa.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RobertaName {
    /// RoBERTa itself.
    Roberta,
    /// XLM-RoBERTa (Conneau et al., 2020).
    XlmRoberta,
    /// CamemBERT (Martin et al., 2020).
    Camembert,
}

/// What an activation makes of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// u Φ(u), by erf (Hendrycks and Gimpel, 2016).
    #[default]
    Gelu,
    /// The same with Φ by tanh: ½ u (1 + tanh(√(2/π) (u + 0.044715 u³))).
    GeluTanh,
    /// max(u, 0).
    Relu,
    /// tanh u; of heads alone.
    Tanh,
}

/// A layer of a head between what it reads and its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenseLayer {
    /// Behind it.
    pub activation: Activation,
    /// What becomes of the vectors before it.
    pub input: DenseInput,
    /// What its tensors' names begin with.
    pub name: &'static str,
    /// What those of the outputs' begin with.
    pub outputs: &'static str,
}

/// What a head's dense layer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenseInput {
    /// The encoder's output, with the head's dropout.
    Dropped,
    /// The encoder's output as it is.
    Plain,
}

impl Family {
    /// The `model_type` of each that can be trained.
    pub const MODEL_TYPES: [&str; 6] =
        ["bert", "roberta", "xlm-roberta", "camembert", "distilbert", "electra"];

    /// Whether it is BERT, as which everything is taken that does not say what it is.
    pub fn is_bert(&self) -> bool {
        *self == Family::Bert
    }

    /// What configs call it.
    pub fn model_type(self) -> &'static str {
        match self {
            Family::Bert => "bert",
            Family::Roberta { name: RobertaName::Roberta, .. } => "roberta",
            Family::Roberta { name: RobertaName::XlmRoberta, .. } => "xlm-roberta",
            Family::Roberta { name: RobertaName::Camembert, .. } => "camembert",
            Family::DistilBert => "distilbert",
            Family::Electra { .. } => "electra",
        }
    }

    /// What the names of its classes begin with.
    pub fn class(self) -> &'static str {
        match self {
            Family::Bert => "Bert",
            Family::Roberta { name: RobertaName::Roberta, .. } => "Roberta",
            Family::Roberta { name: RobertaName::XlmRoberta, .. } => "XLMRoberta",
            Family::Roberta { name: RobertaName::Camembert, .. } => "Camembert",
            Family::DistilBert => "DistilBert",
            Family::Electra { .. } => "Electra",
        }
    }

    /// What the names of its encoder's tensors begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Family::Bert => "bert",
            Family::Roberta { .. } => "roberta",
            Family::DistilBert => "distilbert",
            Family::Electra { .. } => "electra",
        }
    }

    /// Whether a pooler stands between the encoder and a head that reads the first token.
    pub fn has_pooler(self) -> bool {
        self.is_bert()
    }

    /// Whether it is told by segments which of two texts a token belongs to. The others tell texts apart by the tokens
    /// between them.
    pub fn tells_texts_by_segments(self) -> bool {
        match self {
            Family::Bert | Family::Electra { .. } => true,
            Family::Roberta { .. } | Family::DistilBert => false,
        }
    }

    /// Whether attention's output is dropped from.
    pub fn drops_attention_output(self) -> bool {
        self != Family::DistilBert
    }

    /// Rows of its table of positions beyond the longest sequence.
    pub fn unused_positions(self) -> usize {
        match self {
            Family::Roberta { padding, .. } => padding as usize + 1,
            Family::Bert | Family::DistilBert | Family::Electra { .. } => 0,
        }
    }

    /// What a head that reads the first token has beside its outputs.
    pub fn dense(self) -> Option<DenseLayer> {
        let (dense, out_proj) = ("classifier.dense", "classifier.out_proj");
        match self {
            Family::Bert => None,
            Family::Roberta { .. } => Some(DenseLayer {
                activation: Activation::Tanh,
                input: DenseInput::Dropped,
                name: dense,
                outputs: out_proj,
            }),
            Family::DistilBert => Some(DenseLayer {
                activation: Activation::Relu,
                input: DenseInput::Plain,
                name: "pre_classifier",
                outputs: "classifier",
            }),
            // By erf, whatever the blocks have.
            Family::Electra { .. } => Some(DenseLayer {
                activation: Activation::Gelu,
                input: DenseInput::Dropped,
                name: dense,
                outputs: out_proj,
            }),
        }
    }
}

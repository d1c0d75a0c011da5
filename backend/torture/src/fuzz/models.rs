//! Small models in the Hugging Face layout.

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;
use tunemask_shared::family::Family;
use tunemask_shared::shape::ModelShape;

/// That of the models, and of the checkpoints among the program's fixtures.
pub(super) const SHAPE: ModelShape = ModelShape {
    vocabulary: 12,
    hidden: 4,
    layers: 2,
    heads: 2,
    intermediate: 6,
    positions: 16,
    segments: 2,
    family: Family::Bert,
};

const WORDS: [&str; 12] =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "dog", "sleep", "##s", "##ing", ".", "The"];

/// The config of such a model.
pub(super) fn config() -> Value {
    json!({
        "model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu",
        "vocab_size": SHAPE.vocabulary, "hidden_size": SHAPE.hidden, "num_hidden_layers": SHAPE.layers,
        "num_attention_heads": SHAPE.heads, "intermediate_size": SHAPE.intermediate,
        "max_position_embeddings": SHAPE.positions, "type_vocab_size": SHAPE.segments,
        "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.2, "layer_norm_eps": 1e-12,
        "initializer_range": 0.02, "position_embedding_type": "absolute", "pad_token_id": 0,
    })
}

/// A `tokenizer.json` of its words, as BERT's.
pub(super) fn tokenizer() -> Value {
    let special = |(id, content): (usize, &&str)| {
        json!({ "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true })
    };
    let vocabulary: serde_json::Map<String, Value> =
        WORDS.iter().enumerate().map(|(id, word)| ((*word).to_owned(), id.into())).collect();
    let piece = |id: &str, kind: u8| json!({ "SpecialToken": { "id": id, "type_id": kind } });
    let sequence = |id: &str, kind: u8| json!({ "Sequence": { "id": id, "type_id": kind } });
    let token = |id: &str, number: u8| json!({ "id": id, "ids": [number], "tokens": [id] });
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": WORDS[..5].iter().enumerate().map(special).collect::<Vec<_>>(),
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": null, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0)],
            "pair": [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0), sequence("B", 1), piece("[SEP]", 1)],
            "special_tokens": { "[CLS]": token("[CLS]", 2), "[SEP]": token("[SEP]", 3) },
        },
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": vocabulary },
    })
}

/// Writes config and vocabulary.
pub(super) fn write_settings(folder: &Path) {
    let text = WORDS.map(|word| format!("{word}\n")).concat();
    let written = fs::write(folder.join("config.json"), config().to_string())
        .and_then(|()| fs::write(folder.join("vocab.txt"), text));
    if let Err(error) = written {
        panic!("there is no room for a model: {error}");
    }
}

/// Writes a whole model, whose weights are drawn as those of one that nobody has trained.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write_toy(folder: &Path, seed: u64) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    write_settings(folder);
    let mut chance = fastrand::Rng::with_seed(seed);
    let values: Vec<(String, Vec<usize>, Vec<u8>)> = SHAPE
        .parameters()
        .iter()
        .map(|parameter| {
            let name = parameter.name();
            // Nothing passes a LayerNorm whose γ is 0.
            let middle = if name.ends_with("LayerNorm.weight") { 1.0 } else { 0.0 };
            let drawn = (0..parameter.len()).map(|_| middle + 0.2 * (chance.f32() - 0.5));
            let bytes = drawn.flat_map(f32::to_le_bytes).collect();
            (name, parameter.hugging_face_dims(), bytes)
        })
        .collect();
    let views: Result<Vec<_>, safetensors::SafeTensorError> = values
        .iter()
        .map(|(name, dims, bytes)| Ok((name, TensorView::new(Dtype::F32, dims.clone(), bytes)?)))
        .collect();
    let file = views.and_then(|views| safetensors::serialize(views, None)).map_err(io::Error::other)?;
    fs::write(folder.join("model.safetensors"), file)
}

/// Its weights as safetensors of a type.
///
/// # Errors
/// None: all of them fit together.
pub(super) fn weights(dtype: Dtype) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let parameters = SHAPE.parameters();
    let zeros = vec![0; 4 * SHAPE.scalars()];
    let views: Result<Vec<_>, safetensors::SafeTensorError> = parameters
        .iter()
        .map(|parameter| {
            let bytes = parameter.len() * dtype.bitsize() / 8;
            let view = TensorView::new(dtype, parameter.hugging_face_dims(), &zeros[..bytes])?;
            Ok((parameter.name(), view))
        })
        .collect();
    safetensors::serialize(views?, None)
}

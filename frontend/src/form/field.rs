//! The form's text fields.

/// A text field. Its place in the list is its place in [`super::texts::Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Name of the experiment.
    Name,
    /// Model.
    Model,
    /// Data folder.
    Data,
    /// Blocks of `single_norm` masks.
    SingleNorm,
    /// Counts and seeds of `random` masks.
    Random,
    /// Counts of `outliers` masks.
    Outliers,
    /// Counts and seeds of `outliers_random` masks.
    OutliersRandom,
    /// Masks written as expressions.
    Expressions,
    /// Learning rates.
    LearningRates,
    /// Seeds.
    Seeds,
    /// Epochs.
    Epochs,
    /// Batch size.
    BatchSize,
    /// Longest sequence.
    MaxLength,
    /// Share of warm-up steps.
    WarmupFraction,
    /// Dropout.
    Dropout,
    /// Adam's ε.
    AdamEpsilon,
    /// Adam's β₁.
    AdamBeta1,
    /// Adam's β₂.
    AdamBeta2,
    /// Weight decay.
    WeightDecay,
    /// Highest norm of a gradient.
    MaxGradientNorm,
    /// Batches of a step.
    GradientAccumulation,
    /// Epochs without a better score.
    EarlyStopping,
    /// How much each class counts.
    ClassWeights,
    /// Learning rates that are retired.
    Halving,
    /// Training examples.
    TrainLimit,
    /// Development examples.
    EvalLimit,
    /// The delta that is applied to the model.
    Delta,
}

/// How many there are.
pub const FIELDS: usize = Field::Delta as usize + 1;

/// All of them, in their order.
pub const ALL: [Field; FIELDS] = [
    Field::Name,
    Field::Model,
    Field::Data,
    Field::SingleNorm,
    Field::Random,
    Field::Outliers,
    Field::OutliersRandom,
    Field::Expressions,
    Field::LearningRates,
    Field::Seeds,
    Field::Epochs,
    Field::BatchSize,
    Field::MaxLength,
    Field::WarmupFraction,
    Field::Dropout,
    Field::AdamEpsilon,
    Field::AdamBeta1,
    Field::AdamBeta2,
    Field::WeightDecay,
    Field::MaxGradientNorm,
    Field::GradientAccumulation,
    Field::EarlyStopping,
    Field::ClassWeights,
    Field::Halving,
    Field::TrainLimit,
    Field::EvalLimit,
    Field::Delta,
];

/// Those that write masks, with the mask's name.
pub const MASK_FIELDS: [(Field, &str); 5] = [
    (Field::SingleNorm, "single_norm"),
    (Field::Random, "random"),
    (Field::Outliers, "outliers"),
    (Field::OutliersRandom, "outliers_random"),
    (Field::Expressions, "expressions"),
];

impl Field {
    /// The field of a name.
    pub fn named(name: &str) -> Option<Field> {
        ALL.into_iter().find(|field| field.name() == name)
    }

    /// The field's name in an experiment file, and its id on the page.
    pub fn name(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Model => "model",
            Field::Data => "data",
            Field::SingleNorm => "single_norm",
            Field::Random => "random",
            Field::Outliers => "outliers",
            Field::OutliersRandom => "outliers_random",
            Field::Expressions => "expressions",
            Field::LearningRates => "learning_rates",
            Field::Seeds => "seeds",
            Field::Epochs => "epochs",
            Field::BatchSize => "batch_size",
            Field::MaxLength => "max_length",
            Field::WarmupFraction => "warmup_fraction",
            Field::Dropout => "dropout",
            Field::AdamEpsilon => "adam_epsilon",
            Field::AdamBeta1 => "adam_beta1",
            Field::AdamBeta2 => "adam_beta2",
            Field::WeightDecay => "weight_decay",
            Field::MaxGradientNorm => "max_gradient_norm",
            Field::GradientAccumulation => "gradient_accumulation",
            Field::EarlyStopping => "early_stopping",
            Field::ClassWeights => "class_weights",
            Field::Halving => "halving",
            Field::TrainLimit => "train_limit",
            Field::EvalLimit => "eval_limit",
            Field::Delta => "delta",
        }
    }

    /// The label.
    pub fn label(self) -> &'static str {
        match self {
            Field::Name => "Name",
            Field::Model => "Model",
            Field::Data => "Data folder",
            Field::SingleNorm => "Blocks",
            Field::Random => "Scalars, drawn anywhere",
            Field::Outliers => "Outliers in each LayerNorm",
            Field::OutliersRandom => "Drawn in each LayerNorm",
            Field::Expressions => "Masks of your own",
            Field::LearningRates => "Learning rates",
            Field::Seeds => "Seeds",
            Field::Epochs => "Epochs",
            Field::BatchSize => "Batch size",
            Field::MaxLength => "Longest sequence",
            Field::WarmupFraction => "Warm-up",
            Field::Dropout => "Dropout",
            Field::AdamEpsilon => "Adam ε",
            Field::AdamBeta1 => "Adam β₁",
            Field::AdamBeta2 => "Adam β₂",
            Field::WeightDecay => "Weight decay",
            Field::MaxGradientNorm => "Largest gradient norm",
            Field::GradientAccumulation => "Batches per step",
            Field::EarlyStopping => "Early stopping",
            Field::ClassWeights => "Class weights",
            Field::Halving => "Successive halving",
            Field::TrainLimit => "Training examples",
            Field::EvalLimit => "Development examples",
            Field::Delta => "Delta applied to the model",
        }
    }

    /// What may be written, below the field.
    pub fn hint(self) -> &'static str {
        match self {
            Field::Name => "",
            Field::Model => {
                "builtin:tiny, a Hugging Face folder on the server's machine, or hf:OWNER/NAME from the hub"
            }
            Field::Data => {
                "A folder with GLUE's folders, conll2003, ptb or files of your own, or hf:OWNER/NAME from the \
                            hub; built-in tasks need none"
            }
            Field::SingleNorm => "One mask each: 1, 3-6",
            Field::Random => "K or K:SEED, one mask each; ln for the LayerNorms' count",
            Field::Outliers => "N, one mask each: 4, 16, 64, 256",
            Field::OutliersRandom => "N or N:SEED, one mask each",
            Field::Expressions => {
                "Separated by semicolons: layers(1-3).mha + bitfit; layernorms - \
                                   layernorm_a"
            }
            Field::LearningRates => "Peak values, separated by commas or spaces",
            Field::Seeds => "For the head, data order and dropout: 1, 2, 3 or 1-3",
            Field::Epochs => "Empty: 5 for full, else 10 or 20 by task",
            Field::BatchSize => "Examples in a batch",
            Field::MaxLength => "Tokens, including special ones",
            Field::WarmupFraction => "Share of the steps",
            Field::Dropout => "Empty: the model's own",
            Field::AdamEpsilon | Field::AdamBeta1 | Field::AdamBeta2 => "",
            Field::WeightDecay => "Decoupled (AdamW); 0: none",
            Field::MaxGradientNorm => "Longer gradients are clipped; empty: none",
            Field::GradientAccumulation => "Their gradients are added up before an update",
            Field::EarlyStopping => "Epochs without a better score; empty: train all",
            Field::ClassWeights => "balanced, or one number per label; empty: all alike",
            Field::Halving => {
                "Share of learning rates kept, and after which epochs: 0.5 after 1, 3; empty: keep all"
            }
            Field::TrainLimit | Field::EvalLimit => "The first N; empty: all",
            Field::Delta => "A file of tunemask export --delta; empty: none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_name() {
        for (place, field) in ALL.into_iter().enumerate() {
            assert_eq!((Field::named(field.name()), field as usize), (Some(field), place));
        }
        assert_eq!(Field::named("tasks"), None);
    }
}

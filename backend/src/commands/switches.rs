//! The switches of an experiment as words on the command line.

use clap::ValueEnum;
use tunemask_shared::experiment::{DecayOn, EpsilonPlace, RatePick, ReportedEpoch};
use tunemask_shared::mask::{OutlierPool, OutlierStatistic};
use tunemask_shared::schedule::Decay;

/// Words of a switch, each with what it stands for.
macro_rules! words {
    ($(#[$about:meta])* $words:ident of $switch:ident { $($(#[doc = $help:literal])* $word:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(super) enum $words {
            $($(#[doc = $help])* $word,)*
        }

        impl From<$words> for $switch {
            fn from(word: $words) -> Self {
                match word {
                    $($words::$word => Self::$word,)*
                }
            }
        }

        impl From<$switch> for $words {
            fn from(switch: $switch) -> Self {
                match switch {
                    $($switch::$word => Self::$word,)*
                }
            }
        }
    };
}

words! {
    /// [`OutlierPool`].
    OutlierPoolArgument of OutlierPool {
        /// γ and β of a LayerNorm together
        Both,
        /// γ alone
        Gamma,
        /// γ and β separately, N of each
        Each,
    }
}

words! {
    /// [`OutlierStatistic`].
    OutlierStatisticArgument of OutlierStatistic {
        /// |w − mean|
        Distance,
        /// |w|
        Magnitude,
    }
}

words! {
    /// [`EpsilonPlace`].
    EpsilonPlaceArgument of EpsilonPlace {
        /// After the bias correction, as in PyTorch
        Pytorch,
        /// Before it, as in Keras
        Keras,
    }
}

words! {
    /// [`DecayOn`].
    DecayOnArgument of DecayOn {
        /// Matrices and embedding tables: no bias, no γ or β
        Matrices,
        /// All that trains
        All,
    }
}

words! {
    /// [`Decay`].
    DecayArgument of Decay {
        /// Linearly to 0
        Linear,
        /// Not at all
        Constant,
        /// To 0 along half a cosine
        Cosine,
    }
}

words! {
    /// [`ReportedEpoch`].
    ReportedEpochArgument of ReportedEpoch {
        /// The best on the development set
        Best,
        /// The last
        Last,
    }
}

words! {
    /// [`RatePick`].
    RatePickArgument of RatePick {
        /// The learning rate with the best mean over the seeds
        BestMean,
        /// The best learning rate of each seed
        PerSeed,
    }
}

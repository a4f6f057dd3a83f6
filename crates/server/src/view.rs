//! What readers get of the picture: the serialisable twins of its types.

mod analysis;
mod check;
mod features;
pub(crate) mod finding;
mod matter;
mod shape;
mod standing;

pub use analysis::{
    ComparisonView, ConcernProofView, DefectView, ProofsView, StandingPropertyView,
};
pub use check::CheckView;
pub use features::{FeatureView, features};

pub use matter::{HistoryView, MatterView, OutcomeView, WorkflowView, refusal};
pub use standing::{
    AgreementView, AreaView, JudgementView, MovementView, ObjectView, OperationView,
};

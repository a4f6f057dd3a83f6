//! What readers get of the picture: the serialisable twins of its types.

mod matter;
mod standing;

pub use matter::{HistoryView, MatterView, OutcomeView, WorkflowView, refusal};
pub use standing::{
    AgreementView, AreaView, JudgementView, MovementView, ObjectView, OperationView,
};

//! The evaluation set of novel tasks: what a model solves of it, and what each rung of the ladder took for that.
//!
//! A gap in code is solved if the gate admits a function; a question in prose if its grader accepts the reply. Nobody's
//! opinion counts, so the same replies have the same marks each time.

mod grade;
mod item;
mod learned;
mod scripted;
mod sums;

pub(crate) use grade::{Graders, Mark};
pub(crate) use item::{Item, Task, chosen, read};
pub(crate) use learned::Learned;
pub(crate) use scripted::{Scripted, right, wrong};
pub(crate) use sums::{Marks, Policies, Sums};

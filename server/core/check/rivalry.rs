//! Two distributions in one place.
//!
//! In: an [`Answer`]. Out: the words for it.
//!
//! **Invariant:** who won is not told: only hashing the file could tell, and the other is broken either way.

use super::message::fitting;
use crate::answer::Answer;
use crate::explain::shortened;

/// Says who put the same module into the same place.
pub(super) fn message(answer: &Answer) -> String {
    let module = format!("`{}`", shortened(&answer.resolution.module, 30));
    let names: Vec<String> = answer.rivals.iter().map(|it| shortened(&it.name, 30)).collect();
    let (last, others) = names.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
    let all = format!("{} and {last}", others.join(", "));
    fitting([
        format!("{module} is in {all} with different contents"),
        format!("{module} is in {} distributions with different contents", names.len()),
    ])
}

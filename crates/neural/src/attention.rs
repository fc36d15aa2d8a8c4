//! Attention of several sequences, computed one after the other.

use crate::backend::{AttentionSpec, Backend, PageRun, QueryRun};

/// Returns what [`Backend::attend_all`] does, from the other operations of the backend.
pub(crate) fn attend_one_by_one<B: Backend>(
    backend: &B,
    spec: &AttentionSpec,
    queries: &B::Rows,
    runs: &[QueryRun<'_, B::Page>],
    sinks: Option<&B::Vector>,
) -> B::Rows {
    let attend = |run: &QueryRun<'_, B::Page>, queries: &B::Rows| {
        let spec = AttentionSpec { first_query: run.first_query, ..*spec };
        let pages = PageRun { first_page: run.pages.first_page, pages: run.pages.pages };
        backend.attend(&spec, queries, pages, sinks)
    };
    if let [run] = runs {
        return attend(run, queries);
    }
    let (mut start, mut joined) = (0, Vec::new());
    for run in runs {
        let rows: Vec<usize> = (start..start + run.rows).collect();
        start += run.rows;
        joined.extend(backend.read(&attend(run, &backend.gather(queries, &rows))));
    }
    backend.rows(spec.heads * spec.layout.head_dim, joined)
}

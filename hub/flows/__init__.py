"""One story per file: load, decide, record. A flow takes many, in an open transaction; no commit, no network."""

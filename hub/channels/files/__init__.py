"""Files come in and go out: batches with a transaction each, for every edge."""

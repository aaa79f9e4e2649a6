"""The only room that speaks SQL: one file of named queries per noun. Queries take a connection and never commit."""

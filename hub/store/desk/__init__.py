"""What the desk shows: read models over all tables, a fixed number of statements for each page, nothing written."""

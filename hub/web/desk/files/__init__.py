"""Files on the desk: import after a look, export, and what became of the last ones."""

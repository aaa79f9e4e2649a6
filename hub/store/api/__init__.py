"""Read models of the API: each list is one statement for a page, and pages go by key, never by offset."""

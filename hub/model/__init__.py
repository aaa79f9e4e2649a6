"""Values, rules and tables of states. Pure: the standard library and msgspec, no clock, no network, no database."""

"""Stock: levels, what is promised from where, what a channel may see. Pure."""

"""Review: whether an order is complete and plausible, and what the retailer's rules say to it. Pure."""

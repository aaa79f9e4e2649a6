"""The edge that speaks HTTP: the JSON API, the webhooks, the clerk's desk. It owns the transactions."""

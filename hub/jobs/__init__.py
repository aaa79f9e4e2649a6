"""The worker's edge: arq rings, these jobs look into PostgreSQL for what is to be done. They own the transactions."""

"""Queries about stock: levels, SKUs, listings, what channels may see."""

"""The rooms of the simulated till: requests, sales, search, counts and money. simulator.py puts them together."""

"""The scenarios, a module for each group of capabilities; suite.py puts them together."""

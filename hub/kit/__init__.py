"""Leaf tools without domain words."""

"""Chaos: a hub whose parts are killed and whose channels misbehave, and what must hold when it is calm again."""

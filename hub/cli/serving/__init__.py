"""The commands that stay up: a whole hub, one of its processes, a demo, a simulated channel."""

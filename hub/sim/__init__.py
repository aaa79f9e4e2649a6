"""Simulated channels over real HTTP, with faults, webhooks and customers over any simulator."""

"""The rooms of the simulated shop: its door, goods, orders and webhooks. simulator.py puts them together."""

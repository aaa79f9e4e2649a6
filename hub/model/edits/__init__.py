"""What people change of orders, and who owns what from then on. Pure."""

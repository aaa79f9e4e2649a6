"""Opens channels: the registry of connectors, their transport, credentials and health, and the way in for orders."""

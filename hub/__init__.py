"""The hub takes orders from every channel, promises stock once, and tells every channel what is left."""

__version__ = "0.1.0"

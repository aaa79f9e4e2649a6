"""Pages about stock."""

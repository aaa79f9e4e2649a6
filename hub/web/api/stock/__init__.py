"""Routes about stock."""

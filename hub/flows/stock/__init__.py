"""Stories about stock: it is adjusted, promised, matched, shown."""

"""Pages about the places of stock: locations, what comes to them, what goes between them, what is counted there."""

"""What the review of orders keeps and looks up: settings of checks, rules, and what is known around an order."""

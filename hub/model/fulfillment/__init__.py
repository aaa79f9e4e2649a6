"""What becomes of an order until the goods are with the customer: by when it leaves, and how it is collected."""

"""What files are held against, what they change, and what goes into them."""

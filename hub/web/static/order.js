// The new order form: filled in later.

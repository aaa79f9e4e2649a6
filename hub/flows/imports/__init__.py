"""Take over what rows of files say: each kind looks first, and writes only what differs."""

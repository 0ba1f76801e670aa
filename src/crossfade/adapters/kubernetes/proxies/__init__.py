"""What istiod tells of its proxies, and what follows from it."""

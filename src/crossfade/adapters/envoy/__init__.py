"""The embedded mesh: a real Envoy of our own, fed over a private socket and read over another."""

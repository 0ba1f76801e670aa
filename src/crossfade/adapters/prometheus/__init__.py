"""Prometheus, asked for what it has scraped: Istio's metrics, or the services' own."""

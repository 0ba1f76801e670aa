"""Kubernetes and what lives in it: Istio's objects, istiod's view, Argo CD's Application."""

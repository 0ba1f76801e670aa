"""Judgements over numbers: numbers in, numbers out."""

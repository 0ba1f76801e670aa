"""PostgreSQL: what is kept, and nothing else knows its driver."""
